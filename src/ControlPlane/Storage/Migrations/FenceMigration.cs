using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>
/// Second line of defence behind EpochGuard for tables with a cluster column: a row is refused unless its transaction carries
/// the current epoch of that row's cluster. Deleting is left to cascades and retention.
/// </summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000004_Fence")]
internal sealed class FenceMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE FUNCTION refuse_unowned_row() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            claimed text := current_setting('kcp.cluster', true);
            carried bigint := nullif(current_setting('kcp.epoch', true), '')::bigint;
        BEGIN
            IF claimed IS DISTINCT FROM NEW.cluster OR NOT EXISTS (
                SELECT FROM cluster_ownership o WHERE o.cluster = NEW.cluster AND o.epoch = carried AND o.owner IS NOT NULL) THEN
                RAISE EXCEPTION '% of cluster % refused: the transaction is of cluster % with epoch %, which is not the current one',
                    TG_TABLE_NAME, NEW.cluster, claimed, carried USING ERRCODE = 'KC003';
            END IF;
            RETURN NEW;
        END $$;
        """);

    /// <summary>The trigger for one table, to be created by the migration that creates the table.</summary>
    public static string TriggerOn(string table) =>
        $"""
        CREATE TRIGGER refuse_unowned_row BEFORE INSERT OR UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_unowned_row();
        """;
}
