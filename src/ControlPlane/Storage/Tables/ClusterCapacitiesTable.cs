using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class ClusterCapacitiesRow
{
    public ClusterId Cluster { get; set; }

    public string Capacities { get; set; } = "{}";

    public DateTimeOffset UpdatedAt { get; set; }

    public long Version { get; set; }
}

internal sealed class ClusterCapacitiesTable : IEntityTypeConfiguration<ClusterCapacitiesRow>
{
    public void Configure(EntityTypeBuilder<ClusterCapacitiesRow> builder)
    {
        builder.ToTable("cluster_capacities");
        builder.HasKey(row => row.Cluster);
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Capacities).HasColumnType("jsonb");
        builder.Property(row => row.UpdatedAt).HasDefaultValueSql("now()");
        builder.Property(row => row.Version).IsConcurrencyToken();
        builder.HasOne<ClusterRow>().WithOne().HasForeignKey<ClusterCapacitiesRow>(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}
