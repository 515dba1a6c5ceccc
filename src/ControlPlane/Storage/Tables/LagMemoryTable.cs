using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class LagMemoryRow
{
    public ClusterId Cluster { get; set; }

    public int Kind { get; set; }

    public int Part { get; set; }

    public int Piece { get; set; }

    public DateTimeOffset At { get; set; }

    public byte[] Body { get; set; } = [];
}

internal sealed class LagMemoryTable : IEntityTypeConfiguration<LagMemoryRow>
{
    public void Configure(EntityTypeBuilder<LagMemoryRow> builder)
    {
        builder.ToTable("lag_memory");
        builder.HasKey(row => new { row.Cluster, row.Kind, row.Part, row.Piece });
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}
