using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>Anomalies as they are now, and each of their transitions as it was told.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000005_Anomalies")]
internal sealed class AnomaliesMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(FenceMigration.TriggerOn("anomalies"));
        migrationBuilder.Sql(FenceMigration.TriggerOn("anomaly_transitions"));
        migrationBuilder.Sql(AppendOnly);
    }

    private const string Tables = """
        CREATE TABLE anomalies (
            id uuid CONSTRAINT pk_anomalies PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            kind text NOT NULL,
            subject text NOT NULL,
            state text NOT NULL CHECK (state IN ('pending', 'active', 'resolved')),
            severity text NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
            first_seen timestamptz NOT NULL,
            last_seen timestamptz NOT NULL,
            active_at timestamptz,
            resolved_at timestamptz,
            detection jsonb NOT NULL,
            worst jsonb NOT NULL,
            CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
        );
        CREATE UNIQUE INDEX anomalies_open_key ON anomalies (cluster, kind, subject) WHERE state <> 'resolved';
        CREATE INDEX anomalies_cluster_first_seen_idx ON anomalies (cluster, first_seen);
        CREATE INDEX anomalies_first_seen_idx ON anomalies (first_seen);
        CREATE INDEX anomalies_resolved_at_idx ON anomalies (resolved_at);

        CREATE TABLE anomaly_transitions (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_anomaly_transitions PRIMARY KEY,
            anomaly uuid NOT NULL REFERENCES anomalies (id) ON DELETE CASCADE,
            cluster varchar(63) NOT NULL,
            at timestamptz NOT NULL,
            before text,
            after text NOT NULL,
            severity text NOT NULL,
            sentence text NOT NULL
        );
        CREATE UNIQUE INDEX anomaly_transitions_key ON anomaly_transitions (anomaly, at, after);
        """;

    private const string AppendOnly = """
        CREATE FUNCTION refuse_transition_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'transitions of anomalies are append-only: % refused', TG_OP USING ERRCODE = 'KC002';
        END $$;
        CREATE TRIGGER refuse_transition_change BEFORE UPDATE OR TRUNCATE ON anomaly_transitions
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_transition_change();
        """;
}
