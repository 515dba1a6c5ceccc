using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class TokenRow
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public byte[] Hash { get; set; } = [];

    public string Prefix { get; set; } = "";

    public string Role { get; set; } = "";

    public string CreatedBy { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

internal sealed class TokenTable : IEntityTypeConfiguration<TokenRow>
{
    public void Configure(EntityTypeBuilder<TokenRow> builder)
    {
        builder.ToTable("tokens");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(row => row.Hash).IsUnique().HasDatabaseName("tokens_hash_key");
    }
}
