using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class ClusterRow
{
    public ClusterId Id { get; set; }

    public string Name { get; set; } = "";

    public string Kind { get; set; } = "";

    public string? BootstrapServers { get; set; }

    public string Settings { get; set; } = "{}";

    public string? Simulation { get; set; }

    public byte[]? Secrets { get; set; }

    public string? KafkaClusterId { get; set; }

    public Dictionary<string, string> Labels { get; set; } = [];

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public long Version { get; set; }
}

internal sealed class ClusterTable : IEntityTypeConfiguration<ClusterRow>
{
    public const string UniqueKafkaClusterId = "clusters_kafka_cluster_id_key";

    public void Configure(EntityTypeBuilder<ClusterRow> builder)
    {
        builder.ToTable("clusters");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Settings).HasColumnType("jsonb");
        builder.Property(row => row.Simulation).HasColumnType("jsonb");
        builder.Property(row => row.Labels).HasColumnType("jsonb").HasConversion(JsonText.Converter, JsonText.Comparer);
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("now()");
        builder.Property(row => row.UpdatedAt).HasDefaultValueSql("now()");
        builder.Property(row => row.Version).IsConcurrencyToken();
        builder.HasIndex(row => row.KafkaClusterId).IsUnique().HasDatabaseName(UniqueKafkaClusterId);
    }
}
