using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ControlPlane.Storage.Migrations;

/// <summary>What was done to simulated clusters, from which their worlds are built again. Not fenced: the sequence tells a process that another goes on.</summary>
[DbContext(typeof(StorageContext))]
[Migration("20261121000031_SimulationLog")]
internal sealed class SimulationLogMigration : ForwardMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE simulation_log (
            cluster varchar(63) NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
            sequence bigint NOT NULL,
            at timestamptz NOT NULL,
            command jsonb NOT NULL,
            CONSTRAINT pk_simulation_log PRIMARY KEY (cluster, sequence)
        );
        """);
}
