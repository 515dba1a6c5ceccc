using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class ExecutionRow
{
    public Guid Id { get; set; }

    public ClusterId Cluster { get; set; }

    public Guid Plan { get; set; }

    public string? KafkaClusterId { get; set; }

    public string Moves { get; set; } = "";

    public string StartedBy { get; set; } = "";

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Of the last entry in the journal.</summary>
    public long Sequence { get; set; }

    public string State { get; set; } = "";

    public bool IsSettled { get; set; }

    public string? Owner { get; set; }

    public string Summary { get; set; } = "";

    /// <summary>Those of the plan: what the journal is applied to.</summary>
    public string InitialLimits { get; set; } = "";

    public string Limits { get; set; } = "";
}

internal sealed class ExecutionTable : IEntityTypeConfiguration<ExecutionRow>
{
    public void Configure(EntityTypeBuilder<ExecutionRow> builder)
    {
        builder.ToTable("executions");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Moves).HasColumnType("jsonb");
        builder.Property(row => row.Summary).HasColumnType("jsonb");
        builder.Property(row => row.InitialLimits).HasColumnType("jsonb");
        builder.Property(row => row.Limits).HasColumnType("jsonb");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(row => new { row.Cluster, row.StartedAt }).HasDatabaseName("executions_cluster_started_at_idx");
        builder.HasIndex(row => row.Plan).IsUnique().HasDatabaseName("executions_plan_key");
    }
}

internal sealed class ExecutionJournalRow
{
    public Guid Execution { get; set; }

    public long Sequence { get; set; }

    public ClusterId Cluster { get; set; }

    public long Epoch { get; set; }

    public DateTimeOffset At { get; set; }

    public string Body { get; set; } = "";
}

internal sealed class ExecutionJournalTable : IEntityTypeConfiguration<ExecutionJournalRow>
{
    public void Configure(EntityTypeBuilder<ExecutionJournalRow> builder)
    {
        builder.ToTable("execution_journal");
        builder.HasKey(row => new { row.Execution, row.Sequence });
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Body).HasColumnType("jsonb");
        builder.HasOne<ExecutionRow>().WithMany().HasForeignKey(row => row.Execution).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ExecutionThrottleRow
{
    public Guid Execution { get; set; }

    public string Resource { get; set; } = "";

    public string Key { get; set; } = "";

    public ClusterId Cluster { get; set; }

    public string Value { get; set; } = "";

    public string? Before { get; set; }

    public string State { get; set; } = "";

    public DateTimeOffset RecordedAt { get; set; }
}

internal sealed class ExecutionThrottleTable : IEntityTypeConfiguration<ExecutionThrottleRow>
{
    public void Configure(EntityTypeBuilder<ExecutionThrottleRow> builder)
    {
        builder.ToTable("execution_throttles");
        builder.HasKey(row => new { row.Execution, row.Resource, row.Key });
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasOne<ExecutionRow>().WithMany().HasForeignKey(row => row.Execution).OnDelete(DeleteBehavior.Cascade);
    }
}
