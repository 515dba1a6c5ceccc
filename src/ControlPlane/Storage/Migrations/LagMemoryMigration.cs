using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>What the owner of a cluster knows of its lag, for the next owner: bytes that only Engine/Lag/Memory reads.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000040_LagMemory")]
internal sealed class LagMemoryMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Memory);
        migrationBuilder.Sql(FenceMigration.TriggerOn("lag_memory"));
    }

    // External: the bytes are compressed already. Rows are replaced every minute, so their dead ones are to be collected early.
    private const string Memory = """
        CREATE TABLE lag_memory (
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            kind integer NOT NULL,
            part integer NOT NULL,
            piece integer NOT NULL,
            at timestamptz NOT NULL,
            body bytea NOT NULL,
            CONSTRAINT pk_lag_memory PRIMARY KEY (cluster, kind, part, piece)
        ) WITH (autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_vacuum_scale_factor = 0.05);
        ALTER TABLE lag_memory ALTER COLUMN body SET STORAGE EXTERNAL;
        """;
}
