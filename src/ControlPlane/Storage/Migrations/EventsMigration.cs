using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>What happened to clusters, told by their owners.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000009_Events")]
internal sealed class EventsMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Events);
        migrationBuilder.Sql(FenceMigration.TriggerOn("cluster_events"));
    }

    // The id comes from the owner: a batch whose commit had an unknown outcome is written again and changes nothing.
    private const string Events = """
        CREATE TABLE cluster_events (
            id uuid CONSTRAINT pk_cluster_events PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            kind text NOT NULL,
            subject text NOT NULL,
            status text NOT NULL,
            sentence text NOT NULL
        );
        CREATE INDEX cluster_events_cluster_at_idx ON cluster_events (cluster, at);
        CREATE INDEX cluster_events_at_idx ON cluster_events (at);
        """;
}
