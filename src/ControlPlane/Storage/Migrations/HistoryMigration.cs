using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>History in three resolutions, one row per metric and time with all objects in arrays.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000002_History")]
internal sealed class HistoryMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Names);
        migrationBuilder.Sql(Frames);
        migrationBuilder.Sql(Fence);
    }

    private const string Names = """
        CREATE TABLE history_series (
            id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_history_series PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            metric text NOT NULL,
            interval_seconds integer NOT NULL CHECK (interval_seconds > 0)
        );
        CREATE UNIQUE INDEX history_series_cluster_metric_key ON history_series (cluster, metric);

        CREATE TABLE history_objects (
            id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_history_objects PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            name text NOT NULL
        );
        CREATE UNIQUE INDEX history_objects_cluster_name_key ON history_objects (cluster, name);
        """;

    private const string Frames = """
        CREATE TABLE history_fine (
            series integer NOT NULL REFERENCES history_series (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            objects integer[] NOT NULL,
            values real[] NOT NULL,
            CONSTRAINT pk_history_fine PRIMARY KEY (series, at),
            CHECK (cardinality(objects) = cardinality(values))
        );
        CREATE INDEX history_fine_at_idx ON history_fine USING brin (at);

        CREATE TABLE history_minute (
            series integer NOT NULL REFERENCES history_series (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            objects integer[] NOT NULL,
            averages real[] NOT NULL,
            minima real[] NOT NULL,
            maxima real[] NOT NULL,
            samples integer[] NOT NULL,
            CONSTRAINT pk_history_minute PRIMARY KEY (series, at)
        );
        CREATE INDEX history_minute_at_idx ON history_minute USING brin (at);

        CREATE TABLE history_hour (
            series integer NOT NULL REFERENCES history_series (id) ON DELETE CASCADE,
            at timestamptz NOT NULL,
            objects integer[] NOT NULL,
            averages real[] NOT NULL,
            minima real[] NOT NULL,
            maxima real[] NOT NULL,
            samples integer[] NOT NULL,
            CONSTRAINT pk_history_hour PRIMARY KEY (series, at)
        );
        CREATE INDEX history_hour_at_idx ON history_hour USING brin (at);

        CREATE TABLE history_rollups (
            resolution text CONSTRAINT pk_history_rollups PRIMARY KEY,
            rolled_until timestamptz NOT NULL
        );
        INSERT INTO history_rollups (resolution, rolled_until)
            SELECT resolution, date_trunc('hour', now()) FROM unnest(ARRAY['minute', 'hour']) AS resolution;
        """;

    // Second line of defence behind EpochGuard: rows that an owner writes are refused unless the transaction
    // says for which cluster and epoch it writes, that epoch is the current one, and the rows are that cluster's.
    private const string Fence = """
        CREATE FUNCTION refuse_unowned_history() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            claimed text := current_setting('kcp.cluster', true);
            carried bigint := nullif(current_setting('kcp.epoch', true), '')::bigint;
        BEGIN
            IF NOT EXISTS (SELECT FROM cluster_ownership o
                           WHERE o.cluster = claimed AND o.epoch = carried AND o.owner IS NOT NULL) THEN
                RAISE EXCEPTION 'history of cluster % refused: epoch % is not the current one', claimed, carried
                    USING ERRCODE = 'KC003';
            END IF;
            IF EXISTS (SELECT FROM added a JOIN history_series s ON s.id = a.series WHERE s.cluster <> claimed) THEN
                RAISE EXCEPTION 'history refused: rows of another cluster than %', claimed USING ERRCODE = 'KC003';
            END IF;
            RETURN NULL;
        END $$;

        CREATE TRIGGER refuse_unowned_history AFTER INSERT ON history_fine
            REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_unowned_history();
        """;
}
