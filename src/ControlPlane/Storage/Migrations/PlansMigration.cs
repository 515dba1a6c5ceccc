using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>Plans with what was decided about them; a cluster has at most one that is approved or runs.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000007_Plans")]
internal sealed class PlansMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Plans);
        migrationBuilder.Sql(FenceMigration.TriggerOn("plans"));
    }

    private const string Plans = """
        CREATE TABLE plans (
            id uuid CONSTRAINT pk_plans PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            mode text NOT NULL,
            state text NOT NULL,
            hash text NOT NULL,
            made_at timestamptz NOT NULL,
            made_by text NOT NULL,
            anomaly uuid NULL,
            generation bigint NOT NULL,
            body bytea NOT NULL,
            sentence text NOT NULL,
            moves integer NOT NULL,
            unplaced integer NOT NULL,
            bytes bigint NOT NULL,
            estimated_seconds double precision NULL,
            lost_brokers integer[] NOT NULL,
            moves_per_broker integer NOT NULL,
            throttle bigint NULL,
            is_sound boolean NOT NULL,
            decided_at timestamptz NULL,
            decided_by text NULL,
            reason text NULL,
            execution uuid NULL,
            problem text NULL,
            CHECK (state IN ('proposed', 'approved', 'executing', 'done', 'cancelled', 'failed', 'discarded', 'stale'))
        );
        CREATE INDEX plans_cluster_made_at_idx ON plans (cluster, made_at);
        CREATE UNIQUE INDEX plans_one_under_way_key ON plans (cluster) WHERE state IN ('approved', 'executing');
        """;
}
