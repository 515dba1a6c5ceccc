using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class SimulationLogRow
{
    public ClusterId Cluster { get; set; }

    public long Sequence { get; set; }

    public DateTimeOffset At { get; set; }

    public string Command { get; set; } = "{}";
}

internal sealed class SimulationLogTable : IEntityTypeConfiguration<SimulationLogRow>
{
    public void Configure(EntityTypeBuilder<SimulationLogRow> builder)
    {
        builder.ToTable("simulation_log");
        builder.HasKey(row => new { row.Cluster, row.Sequence });
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Sequence).ValueGeneratedNever();
        builder.Property(row => row.Command).HasColumnType("jsonb");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}
