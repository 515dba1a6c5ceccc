using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>Alerts that stand, who hears of them, the outbox of deliveries and each attempt.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000006_Alerts")]
internal sealed class AlertsMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Targets);
        migrationBuilder.Sql(Alerts);
        migrationBuilder.Sql(FenceMigration.TriggerOn("alerts"));
        migrationBuilder.Sql(Deliveries);
    }

    private const string Targets = """
        CREATE TABLE alert_targets (
            id uuid CONSTRAINT pk_alert_targets PRIMARY KEY,
            name varchar(100) NOT NULL,
            kind text NOT NULL CHECK (kind IN ('webhook', 'pagerduty')),
            enabled boolean NOT NULL,
            url text NOT NULL,
            min_severity text NOT NULL CHECK (min_severity IN ('info', 'warning', 'error', 'critical')),
            clusters text[],
            secret bytea,
            failures integer NOT NULL,
            held_until timestamptz,
            problem text,
            last_delivered_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            version bigint NOT NULL
        );
        CREATE UNIQUE INDEX alert_targets_name_key ON alert_targets (name);

        CREATE TABLE alert_rates (
            key text CONSTRAINT pk_alert_rates PRIMARY KEY,
            tokens double precision NOT NULL,
            at timestamptz NOT NULL
        );
        """;

    private const string Alerts = """
        CREATE TABLE alerts (
            anomaly uuid CONSTRAINT pk_alerts PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            dedup_key text NOT NULL,
            severity text NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
            active_at timestamptz NOT NULL DEFAULT now(),
            resolved_at timestamptz
        );
        CREATE INDEX alerts_cluster_idx ON alerts (cluster);
        CREATE INDEX alerts_open_idx ON alerts (severity) WHERE resolved_at IS NULL;
        """;

    // Only what an owner decides is fenced: deliveries are sent, tested and sent again by any process. The order of
    // one key at one target is the order of seq, which is given under the lock of the target's row.
    private const string Deliveries = """
        CREATE TABLE alert_deliveries (
            id uuid CONSTRAINT pk_alert_deliveries PRIMARY KEY,
            seq bigint GENERATED ALWAYS AS IDENTITY,
            target uuid NOT NULL REFERENCES alert_targets (id) ON DELETE CASCADE,
            cluster varchar(63),
            anomaly uuid,
            event text NOT NULL CHECK (event IN ('trigger', 'resolve', 'test')),
            dedup_key text NOT NULL,
            severity text NOT NULL,
            summary text NOT NULL,
            body text NOT NULL,
            state text NOT NULL CHECK (state IN ('queued', 'delivering', 'delivered', 'failed', 'superseded')),
            attempts integer NOT NULL,
            may_have_arrived boolean NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            next_attempt_at timestamptz,
            delivered_at timestamptz,
            claimed_by uuid,
            claimed_until timestamptz,
            last_answer text,
            resent_from uuid,
            CHECK ((state = 'delivering') = (claimed_by IS NOT NULL))
        );
        CREATE UNIQUE INDEX alert_deliveries_seq_key ON alert_deliveries (seq);
        CREATE UNIQUE INDEX alert_deliveries_once_key ON alert_deliveries (target, anomaly, event) WHERE resent_from IS NULL;
        CREATE INDEX alert_deliveries_open_idx ON alert_deliveries (target, dedup_key, seq) WHERE state IN ('queued', 'delivering');
        CREATE INDEX alert_deliveries_anomaly_idx ON alert_deliveries (anomaly);
        CREATE INDEX alert_deliveries_created_at_idx ON alert_deliveries (created_at);

        CREATE TRIGGER refuse_unowned_row BEFORE INSERT ON alert_deliveries
            FOR EACH ROW WHEN (NEW.cluster IS NOT NULL AND NEW.resent_from IS NULL) EXECUTE FUNCTION refuse_unowned_row();

        CREATE TABLE alert_attempts (
            delivery uuid NOT NULL REFERENCES alert_deliveries (id) ON DELETE CASCADE,
            number integer NOT NULL,
            at timestamptz NOT NULL,
            took_seconds double precision NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('delivered', 'retry', 'refused')),
            http_status integer,
            problem text,
            response_preview text,
            CONSTRAINT pk_alert_attempts PRIMARY KEY (delivery, number)
        );
        """;
}
