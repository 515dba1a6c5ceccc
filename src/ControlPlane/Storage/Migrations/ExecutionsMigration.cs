using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>Executions, their append-only journal, and the ledger of their throttles.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000008_Executions")]
internal sealed class ExecutionsMigration : ForwardMigration
{
    private static readonly string[] Tables = ["executions", "execution_journal", "execution_throttles"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Create);
        foreach (var table in Tables)
        {
            migrationBuilder.Sql(FenceMigration.TriggerOn(table));
        }
    }

    private const string Create = """
        CREATE TABLE executions (
            id uuid NOT NULL CONSTRAINT pk_executions PRIMARY KEY,
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            plan uuid NOT NULL,
            kafka_cluster_id text,
            moves jsonb NOT NULL,
            started_by text NOT NULL,
            started_at timestamptz NOT NULL,
            finished_at timestamptz,
            sequence bigint NOT NULL,
            state text NOT NULL,
            is_settled boolean NOT NULL,
            owner text,
            summary jsonb NOT NULL,
            initial_limits jsonb NOT NULL,
            limits jsonb NOT NULL
        );
        CREATE INDEX executions_cluster_started_at_idx ON executions (cluster, started_at);
        CREATE UNIQUE INDEX executions_plan_key ON executions (plan);

        CREATE TABLE execution_journal (
            execution uuid NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
            sequence bigint NOT NULL,
            cluster varchar(63) NOT NULL,
            epoch bigint NOT NULL,
            at timestamptz NOT NULL,
            body jsonb NOT NULL,
            CONSTRAINT pk_execution_journal PRIMARY KEY (execution, sequence)
        );
        CREATE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the journal of an execution is append-only' USING ERRCODE = 'KC002';
        END $$;
        CREATE TRIGGER refuse_journal_change BEFORE UPDATE ON execution_journal
            FOR EACH ROW EXECUTE FUNCTION refuse_journal_change();

        CREATE TABLE execution_throttles (
            execution uuid NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
            resource text NOT NULL,
            key text NOT NULL,
            cluster varchar(63) NOT NULL,
            value text NOT NULL,
            before text,
            state text NOT NULL,
            recorded_at timestamptz NOT NULL,
            CONSTRAINT pk_execution_throttles PRIMARY KEY (execution, resource, key)
        );
        """;
}
