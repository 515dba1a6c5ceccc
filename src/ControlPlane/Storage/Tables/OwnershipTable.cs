using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class OwnershipRow
{
    public ClusterId Cluster { get; set; }

    public Guid? Owner { get; set; }

    public long Epoch { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    public DateTimeOffset? ClaimedAt { get; set; }
}

internal sealed class OwnershipTable : IEntityTypeConfiguration<OwnershipRow>
{
    public void Configure(EntityTypeBuilder<OwnershipRow> builder)
    {
        builder.ToTable("cluster_ownership");
        builder.HasKey(row => row.Cluster);
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasOne<ClusterRow>().WithOne().HasForeignKey<OwnershipRow>(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}
