using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

/// <summary>An anomaly that was told as long as it lasts.</summary>
internal sealed class AlertRow
{
    public Guid Anomaly { get; set; }

    public ClusterId Cluster { get; set; }

    public string DedupKey { get; set; } = "";

    public string Severity { get; set; } = "";

    public DateTimeOffset ActiveAt { get; set; }

    public DateTimeOffset? ResolvedAt { get; set; }

    public DateTimeOffset? ToldAt { get; set; }
}

internal sealed class AlertTable : IEntityTypeConfiguration<AlertRow>
{
    public void Configure(EntityTypeBuilder<AlertRow> builder)
    {
        builder.ToTable("alerts");
        builder.HasKey(row => row.Anomaly);
        builder.Property(row => row.Anomaly).ValueGeneratedNever();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.ActiveAt).HasDefaultValueSql("now()");
        builder.HasIndex(row => row.Cluster).HasDatabaseName("alerts_cluster_idx");
        builder.HasIndex(row => row.Severity).HasDatabaseName("alerts_open_idx").HasFilter("resolved_at IS NULL");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>One notification to one target: the outbox and its log.</summary>
internal sealed class DeliveryRow
{
    public Guid Id { get; set; }

    public long Seq { get; set; }

    public Guid Target { get; set; }

    public ClusterId? Cluster { get; set; }

    public Guid? Anomaly { get; set; }

    public string Event { get; set; } = "";

    public string DedupKey { get; set; } = "";

    public string Severity { get; set; } = "";

    public string Summary { get; set; } = "";

    public string Body { get; set; } = "";

    public string State { get; set; } = "";

    public int Attempts { get; set; }

    public bool MayHaveArrived { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? NextAttemptAt { get; set; }

    public DateTimeOffset? DeliveredAt { get; set; }

    public Guid? ClaimedBy { get; set; }

    public DateTimeOffset? ClaimedUntil { get; set; }

    public string? LastAnswer { get; set; }

    public Guid? ResentFrom { get; set; }
}

internal sealed class DeliveryTable : IEntityTypeConfiguration<DeliveryRow>
{
    public void Configure(EntityTypeBuilder<DeliveryRow> builder)
    {
        builder.ToTable("alert_deliveries");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.Seq).UseIdentityAlwaysColumn();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("clock_timestamp()");
        builder.HasIndex(row => row.Seq).IsUnique().HasDatabaseName("alert_deliveries_seq_key");
        builder.HasIndex(row => new { row.Target, row.Anomaly, row.Event }).IsUnique().HasDatabaseName("alert_deliveries_once_key").HasFilter("resent_from IS NULL");
        builder.HasIndex(row => new { row.Target, row.DedupKey, row.Seq }).HasDatabaseName("alert_deliveries_open_idx").HasFilter("state IN ('queued', 'delivering')");
        builder.HasIndex(row => row.Anomaly).HasDatabaseName("alert_deliveries_anomaly_idx");
        builder.HasIndex(row => row.CreatedAt).HasDatabaseName("alert_deliveries_created_at_idx");
        builder.HasOne<AlertTargetRow>().WithMany().HasForeignKey(row => row.Target).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class AttemptRow
{
    public Guid Delivery { get; set; }

    public int Number { get; set; }

    public DateTimeOffset At { get; set; }

    public double TookSeconds { get; set; }

    public string Outcome { get; set; } = "";

    public int? HttpStatus { get; set; }

    public string? Problem { get; set; }

    public string? ResponsePreview { get; set; }
}

internal sealed class AttemptTable : IEntityTypeConfiguration<AttemptRow>
{
    public void Configure(EntityTypeBuilder<AttemptRow> builder)
    {
        builder.ToTable("alert_attempts");
        builder.HasKey(row => new { row.Delivery, row.Number });
        builder.HasOne<DeliveryRow>().WithMany().HasForeignKey(row => row.Delivery).OnDelete(DeleteBehavior.Cascade);
    }
}
