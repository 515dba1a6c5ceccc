using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class HealingPolicyRow
{
    public ClusterId Cluster { get; set; }

    public string Rules { get; set; } = "[]";

    public DateTimeOffset? PausedUntil { get; set; }

    public string? PausedBy { get; set; }

    public string? PauseReason { get; set; }

    public double MinCompleteness { get; set; }

    public int MaxBrokersDown { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public long Version { get; set; }
}

internal sealed class HealingPolicyTable : IEntityTypeConfiguration<HealingPolicyRow>
{
    public void Configure(EntityTypeBuilder<HealingPolicyRow> builder)
    {
        builder.ToTable("healing_policies");
        builder.HasKey(row => row.Cluster);
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Rules).HasColumnType("jsonb");
        builder.Property(row => row.UpdatedAt).HasDefaultValueSql("now()");
        builder.Property(row => row.Version).IsConcurrencyToken();
        builder.HasOne<ClusterRow>().WithOne().HasForeignKey<HealingPolicyRow>(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class HealingOverrideRow
{
    public Guid Anomaly { get; set; }

    public ClusterId Cluster { get; set; }

    public int ExtraSeconds { get; set; }

    public bool IsLeftAlone { get; set; }

    public DateTimeOffset? HealNowAt { get; set; }

    public string SaidBy { get; set; } = "";

    public string? Reason { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class HealingOverrideTable : IEntityTypeConfiguration<HealingOverrideRow>
{
    public void Configure(EntityTypeBuilder<HealingOverrideRow> builder)
    {
        builder.ToTable("healing_overrides");
        builder.HasKey(row => row.Anomaly);
        builder.Property(row => row.Anomaly).ValueGeneratedNever();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.UpdatedAt).HasDefaultValueSql("now()");
        builder.HasOne<AnomalyRow>().WithOne().HasForeignKey<HealingOverrideRow>(row => row.Anomaly).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(row => row.Cluster).HasDatabaseName("healing_overrides_cluster_idx");
    }
}

internal sealed class HealingDecisionRow
{
    public long Id { get; set; }

    public ClusterId Cluster { get; set; }

    public DateTimeOffset At { get; set; }

    public Guid Anomaly { get; set; }

    public string Kind { get; set; } = "";

    public string Subject { get; set; } = "";

    public string Outcome { get; set; } = "";

    public string Status { get; set; } = "";

    public string Sentence { get; set; } = "";

    public DateTimeOffset? ActsAt { get; set; }

    public string Guards { get; set; } = "[]";

    public Guid? Plan { get; set; }

    public Guid? Execution { get; set; }
}

internal sealed class HealingDecisionTable : IEntityTypeConfiguration<HealingDecisionRow>
{
    public void Configure(EntityTypeBuilder<HealingDecisionRow> builder)
    {
        builder.ToTable("healing_decisions");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).UseIdentityAlwaysColumn();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Guards).HasColumnType("jsonb");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<AnomalyRow>().WithMany().HasForeignKey(row => row.Anomaly).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(row => new { row.Cluster, row.Id }).HasDatabaseName("healing_decisions_cluster_idx");
        builder.HasIndex(row => new { row.Anomaly, row.Id }).HasDatabaseName("healing_decisions_anomaly_idx");
        builder.HasIndex(row => new { row.Cluster, row.At }).HasFilter("outcome = 'started'").HasDatabaseName("healing_decisions_started_idx");
    }
}
