using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>What people allow healing to do, what they said about single anomalies, and every decision that was made.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000010_Healing")]
internal sealed class HealingMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Wishes);
        migrationBuilder.Sql(Decisions);
        migrationBuilder.Sql(FenceMigration.TriggerOn("healing_decisions"));
        migrationBuilder.Sql(AppendOnly);
    }

    // Written by people through any process, so not fenced: policies by their version, overrides by single statements.
    private const string Wishes = """
        CREATE TABLE healing_policies (
            cluster varchar(63) CONSTRAINT pk_healing_policies PRIMARY KEY REFERENCES clusters (id) ON DELETE CASCADE,
            rules jsonb NOT NULL,
            paused_until timestamptz,
            paused_by text,
            pause_reason text,
            min_completeness double precision NOT NULL CHECK (min_completeness BETWEEN 0 AND 1),
            max_brokers_down integer NOT NULL CHECK (max_brokers_down >= 1),
            updated_at timestamptz NOT NULL DEFAULT now(),
            version bigint NOT NULL
        );

        CREATE TABLE healing_overrides (
            anomaly uuid CONSTRAINT pk_healing_overrides PRIMARY KEY REFERENCES anomalies (id) ON DELETE CASCADE,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            extra_seconds integer NOT NULL CHECK (extra_seconds >= 0),
            is_left_alone boolean NOT NULL,
            heal_now_at timestamptz,
            said_by text NOT NULL,
            reason text,
            updated_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX healing_overrides_cluster_idx ON healing_overrides (cluster);
        """;

    private const string Decisions = """
        CREATE TABLE healing_decisions (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_healing_decisions PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            anomaly uuid NOT NULL REFERENCES anomalies (id) ON DELETE CASCADE,
            kind text NOT NULL,
            subject text NOT NULL,
            outcome text NOT NULL,
            status text NOT NULL,
            sentence text NOT NULL,
            acts_at timestamptz,
            guards jsonb NOT NULL,
            plan uuid,
            execution uuid
        );
        CREATE INDEX healing_decisions_cluster_idx ON healing_decisions (cluster, id);
        CREATE INDEX healing_decisions_anomaly_idx ON healing_decisions (anomaly, id);
        CREATE INDEX healing_decisions_started_idx ON healing_decisions (cluster, at) WHERE outcome = 'started';
        """;

    private const string AppendOnly = """
        CREATE FUNCTION refuse_decision_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'decisions of healing are append-only: % refused', TG_OP USING ERRCODE = 'KC002';
        END $$;
        CREATE TRIGGER refuse_decision_change BEFORE UPDATE OR TRUNCATE ON healing_decisions
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change();
        """;
}
