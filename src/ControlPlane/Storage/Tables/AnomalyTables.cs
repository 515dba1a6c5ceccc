using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class AnomalyRow
{
    public Guid Id { get; set; }

    public ClusterId Cluster { get; set; }

    public string Kind { get; set; } = "";

    public string Subject { get; set; } = "";

    public string State { get; set; } = "";

    public string Severity { get; set; } = "";

    public DateTimeOffset FirstSeen { get; set; }

    public DateTimeOffset LastSeen { get; set; }

    public DateTimeOffset? ActiveAt { get; set; }

    public DateTimeOffset? ResolvedAt { get; set; }

    public string Detection { get; set; } = "{}";

    public string Worst { get; set; } = "{}";
}

internal sealed class AnomalyTable : IEntityTypeConfiguration<AnomalyRow>
{
    public void Configure(EntityTypeBuilder<AnomalyRow> builder)
    {
        builder.ToTable("anomalies");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Detection).HasColumnType("jsonb");
        builder.Property(row => row.Worst).HasColumnType("jsonb");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(row => new { row.Cluster, row.Kind, row.Subject }).IsUnique().HasFilter("state <> 'resolved'").HasDatabaseName("anomalies_open_key");
        builder.HasIndex(row => new { row.Cluster, row.FirstSeen }).HasDatabaseName("anomalies_cluster_first_seen_idx");
        builder.HasIndex(row => row.FirstSeen).HasDatabaseName("anomalies_first_seen_idx");
        builder.HasIndex(row => row.ResolvedAt).HasDatabaseName("anomalies_resolved_at_idx");
    }
}

internal sealed class AnomalyTransitionRow
{
    public long Id { get; set; }

    public Guid Anomaly { get; set; }

    public ClusterId Cluster { get; set; }

    public DateTimeOffset At { get; set; }

    public string? Before { get; set; }

    public string After { get; set; } = "";

    public string Severity { get; set; } = "";

    public string Sentence { get; set; } = "";
}

internal sealed class AnomalyTransitionTable : IEntityTypeConfiguration<AnomalyTransitionRow>
{
    public void Configure(EntityTypeBuilder<AnomalyTransitionRow> builder)
    {
        builder.ToTable("anomaly_transitions");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).UseIdentityAlwaysColumn();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasOne<AnomalyRow>().WithMany().HasForeignKey(row => row.Anomaly).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(row => new { row.Anomaly, row.At, row.After }).IsUnique().HasDatabaseName("anomaly_transitions_key");
    }
}
