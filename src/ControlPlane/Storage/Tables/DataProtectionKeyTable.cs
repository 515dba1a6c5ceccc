using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class DataProtectionKeyRow
{
    public int Id { get; set; }

    public string FriendlyName { get; set; } = "";

    public string Xml { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class DataProtectionKeyTable : IEntityTypeConfiguration<DataProtectionKeyRow>
{
    public void Configure(EntityTypeBuilder<DataProtectionKeyRow> builder)
    {
        builder.ToTable("data_protection_keys");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).UseIdentityAlwaysColumn();
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("now()");
        builder.HasIndex(row => row.FriendlyName).IsUnique().HasDatabaseName("data_protection_keys_friendly_name_key");
    }
}

/// <summary>A known text sealed with each master key that was ever used: tells a wrong key file at start.</summary>
internal sealed class MasterKeyCheckRow
{
    public string KeyId { get; set; } = "";

    public byte[] Sealed { get; set; } = [];

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class MasterKeyCheckTable : IEntityTypeConfiguration<MasterKeyCheckRow>
{
    public void Configure(EntityTypeBuilder<MasterKeyCheckRow> builder)
    {
        builder.ToTable("master_key_checks");
        builder.HasKey(row => row.KeyId);
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("now()");
    }
}
