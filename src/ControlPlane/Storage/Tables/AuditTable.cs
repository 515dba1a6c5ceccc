using System.Net;
using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class AuditRow
{
    public long Id { get; set; }

    public DateTimeOffset At { get; set; }

    public string Actor { get; set; } = "";

    public string ActorKind { get; set; } = "";

    public IPAddress? SourceAddress { get; set; }

    public ClusterId? Cluster { get; set; }

    public string Action { get; set; } = "";

    public string Target { get; set; } = "";

    public string? Before { get; set; }

    public string? After { get; set; }

    public string Outcome { get; set; } = "";

    public string? Reason { get; set; }

    public string? CorrelationId { get; set; }
}

/// <summary>No reference to clusters: the trail outlives what it tells about.</summary>
internal sealed class AuditTable : IEntityTypeConfiguration<AuditRow>
{
    public void Configure(EntityTypeBuilder<AuditRow> builder)
    {
        builder.ToTable("audit");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).UseIdentityAlwaysColumn();
        builder.Property(row => row.At).HasDefaultValueSql("clock_timestamp()");
        builder.Property(row => row.Cluster).HasMaxLength(ClusterId.MaxLength);
        builder.Property(row => row.Before).HasColumnType("jsonb");
        builder.Property(row => row.After).HasColumnType("jsonb");
        builder.HasIndex(row => new { row.Cluster, row.Id }).HasDatabaseName("audit_cluster_id_idx");
        builder.HasIndex(row => row.At).HasDatabaseName("audit_at_idx");
    }
}
