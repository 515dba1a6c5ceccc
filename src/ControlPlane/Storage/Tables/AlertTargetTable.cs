using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class AlertTargetRow
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public string Kind { get; set; } = "";

    public bool Enabled { get; set; }

    public string Url { get; set; } = "";

    public string MinSeverity { get; set; } = "";

    public string[]? Clusters { get; set; }

    public byte[]? Secret { get; set; }

    /// <summary>In a row, over all processes.</summary>
    public int Failures { get; set; }

    /// <summary>Nothing is sent before; probes and receivers that ask for patience.</summary>
    public DateTimeOffset? HeldUntil { get; set; }

    public string? Problem { get; set; }

    public DateTimeOffset? LastDeliveredAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public long Version { get; set; }
}

internal sealed class AlertTargetTable : IEntityTypeConfiguration<AlertTargetRow>
{
    public const string UniqueName = "alert_targets_name_key";

    public const int MaxName = 100;

    public void Configure(EntityTypeBuilder<AlertTargetRow> builder)
    {
        builder.ToTable("alert_targets");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.Name).HasMaxLength(MaxName);
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(row => row.Version).IsConcurrencyToken();
        builder.HasIndex(row => row.Name).IsUnique().HasDatabaseName(UniqueName);
    }
}

/// <summary>The token bucket of one integration key, which is named by its hash.</summary>
internal sealed class AlertRateRow
{
    public string Key { get; set; } = "";

    public double Tokens { get; set; }

    public DateTimeOffset At { get; set; }
}

internal sealed class AlertRateTable : IEntityTypeConfiguration<AlertRateRow>
{
    public void Configure(EntityTypeBuilder<AlertRateRow> builder)
    {
        builder.ToTable("alert_rates");
        builder.HasKey(row => row.Key);
    }
}
