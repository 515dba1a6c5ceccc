using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class ClusterEventRow
{
    public Guid Id { get; set; }

    public ClusterId Cluster { get; set; }

    public DateTimeOffset At { get; set; }

    public string Kind { get; set; } = "";

    public string Subject { get; set; } = "";

    public string Status { get; set; } = "";

    public string Sentence { get; set; } = "";
}

internal sealed class ClusterEventTable : IEntityTypeConfiguration<ClusterEventRow>
{
    public void Configure(EntityTypeBuilder<ClusterEventRow> builder)
    {
        builder.ToTable("cluster_events");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasIndex(row => new { row.Cluster, row.At }).HasDatabaseName("cluster_events_cluster_at_idx");
        builder.HasIndex(row => row.At).HasDatabaseName("cluster_events_at_idx");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}
