using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class ProcessRow
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public string Address { get; set; } = "";

    public string Version { get; set; } = "";

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset LastSeen { get; set; }
}

internal sealed class ProcessTable : IEntityTypeConfiguration<ProcessRow>
{
    public void Configure(EntityTypeBuilder<ProcessRow> builder)
    {
        builder.ToTable("processes");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.StartedAt).HasDefaultValueSql("now()");
        builder.Property(row => row.LastSeen).HasDefaultValueSql("now()");
    }
}
