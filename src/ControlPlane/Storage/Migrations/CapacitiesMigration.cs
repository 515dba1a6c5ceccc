using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>What people say a cluster's brokers can carry beyond what Kafka tells.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000020_Capacities")]
internal sealed class CapacitiesMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Capacities);

    // Written by people through any process, so not fenced: guarded by its version.
    private const string Capacities = """
        CREATE TABLE cluster_capacities (
            cluster varchar(63) CONSTRAINT pk_cluster_capacities PRIMARY KEY REFERENCES clusters (id) ON DELETE CASCADE,
            capacities jsonb NOT NULL,
            updated_at timestamptz NOT NULL DEFAULT now(),
            version bigint NOT NULL
        );
        """;
}
