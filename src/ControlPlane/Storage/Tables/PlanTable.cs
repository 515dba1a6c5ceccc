using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class PlanRow
{
    public Guid Id { get; set; }

    public ClusterId Cluster { get; set; }

    public string Mode { get; set; } = "";

    public string State { get; set; } = "";

    public string Hash { get; set; } = "";

    public DateTimeOffset MadeAt { get; set; }

    public string MadeBy { get; set; } = "";

    public Guid? Anomaly { get; set; }

    public long Generation { get; set; }

    /// <summary>The whole plan, compressed; read only where its moves are asked for.</summary>
    public byte[] Body { get; set; } = [];

    public string Sentence { get; set; } = "";

    public int Moves { get; set; }

    public int Unplaced { get; set; }

    public long Bytes { get; set; }

    public double? EstimatedSeconds { get; set; }

    public int[] LostBrokers { get; set; } = [];

    public int MovesPerBroker { get; set; }

    public long? Throttle { get; set; }

    public bool IsSound { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    public string? DecidedBy { get; set; }

    public string? Reason { get; set; }

    public Guid? Execution { get; set; }

    public string? Problem { get; set; }
}

internal sealed class PlanTable : IEntityTypeConfiguration<PlanRow>
{
    public void Configure(EntityTypeBuilder<PlanRow> builder)
    {
        builder.ToTable("plans");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(row => new { row.Cluster, row.MadeAt }).HasDatabaseName("plans_cluster_made_at_idx");
        builder.HasIndex(row => row.Cluster).IsUnique().HasFilter("state IN ('approved', 'executing')").HasDatabaseName("plans_one_under_way_key");
    }
}
