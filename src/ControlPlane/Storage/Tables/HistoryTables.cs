using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

/// <summary>One metric of one cluster. Frames name it by its number.</summary>
internal sealed class HistorySeriesRow
{
    public int Id { get; set; }

    public ClusterId Cluster { get; set; }

    public string Metric { get; set; } = "";

    public int IntervalSeconds { get; set; }
}

internal sealed class HistorySeriesTable : IEntityTypeConfiguration<HistorySeriesRow>
{
    public void Configure(EntityTypeBuilder<HistorySeriesRow> builder)
    {
        builder.ToTable("history_series");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).UseIdentityAlwaysColumn();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasIndex(row => new { row.Cluster, row.Metric }).IsUnique().HasDatabaseName("history_series_cluster_metric_key");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>A broker, topic or group of one cluster; the empty name is the cluster itself.</summary>
internal sealed class HistoryObjectRow
{
    public int Id { get; set; }

    public ClusterId Cluster { get; set; }

    public string Name { get; set; } = "";
}

internal sealed class HistoryObjectTable : IEntityTypeConfiguration<HistoryObjectRow>
{
    public void Configure(EntityTypeBuilder<HistoryObjectRow> builder)
    {
        builder.ToTable("history_objects");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).UseIdentityAlwaysColumn();
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.HasIndex(row => new { row.Cluster, row.Name }).IsUnique().HasDatabaseName("history_objects_cluster_name_key");
        builder.HasOne<ClusterRow>().WithMany().HasForeignKey(row => row.Cluster).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>All objects of one metric at one time, as measured.</summary>
internal sealed class FineFrameRow
{
    public int Series { get; set; }

    public DateTimeOffset At { get; set; }

    public int[] Objects { get; set; } = [];

    public float[] Values { get; set; } = [];
}

/// <summary>All objects of one metric over one minute or hour.</summary>
internal abstract class RolledFrameRow
{
    public int Series { get; set; }

    public DateTimeOffset At { get; set; }

    public int[] Objects { get; set; } = [];

    public float[] Averages { get; set; } = [];

    public float[] Minima { get; set; } = [];

    public float[] Maxima { get; set; } = [];

    public int[] Samples { get; set; } = [];
}

internal sealed class MinuteFrameRow : RolledFrameRow;

internal sealed class HourFrameRow : RolledFrameRow;

internal sealed class FineFrameTable : IEntityTypeConfiguration<FineFrameRow>
{
    public void Configure(EntityTypeBuilder<FineFrameRow> builder)
    {
        builder.ToTable("history_fine");
        builder.HasKey(row => new { row.Series, row.At });
        builder.HasIndex(row => row.At).HasMethod("brin").HasDatabaseName("history_fine_at_idx");
        builder.HasOne<HistorySeriesRow>().WithMany().HasForeignKey(row => row.Series).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class MinuteFrameTable : IEntityTypeConfiguration<MinuteFrameRow>
{
    public void Configure(EntityTypeBuilder<MinuteFrameRow> builder)
    {
        builder.ToTable("history_minute");
        builder.HasKey(row => new { row.Series, row.At });
        builder.HasIndex(row => row.At).HasMethod("brin").HasDatabaseName("history_minute_at_idx");
        builder.HasOne<HistorySeriesRow>().WithMany().HasForeignKey(row => row.Series).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class HourFrameTable : IEntityTypeConfiguration<HourFrameRow>
{
    public void Configure(EntityTypeBuilder<HourFrameRow> builder)
    {
        builder.ToTable("history_hour");
        builder.HasKey(row => new { row.Series, row.At });
        builder.HasIndex(row => row.At).HasMethod("brin").HasDatabaseName("history_hour_at_idx");
        builder.HasOne<HistorySeriesRow>().WithMany().HasForeignKey(row => row.Series).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>Up to when a resolution is rolled up completely.</summary>
internal sealed class HistoryRollupRow
{
    public string Resolution { get; set; } = "";

    public DateTimeOffset RolledUntil { get; set; }
}

internal sealed class HistoryRollupTable : IEntityTypeConfiguration<HistoryRollupRow>
{
    public void Configure(EntityTypeBuilder<HistoryRollupRow> builder)
    {
        builder.ToTable("history_rollups");
        builder.HasKey(row => row.Resolution);
    }
}
