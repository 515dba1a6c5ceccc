using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ControlPlane.Storage.Tables;

internal sealed class UserRow
{
    public string Name { get; set; } = "";

    public string PasswordHash { get; set; } = "";

    public string Role { get; set; } = "";

    public bool MustChangePassword { get; set; }

    public bool Disabled { get; set; }

    public int FailedLogins { get; set; }

    public DateTimeOffset? LockedUntil { get; set; }

    public DateTimeOffset? LastLogin { get; set; }

    public Guid SecurityStamp { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

internal sealed class UserTable : IEntityTypeConfiguration<UserRow>
{
    public void Configure(EntityTypeBuilder<UserRow> builder)
    {
        builder.ToTable("users");
        builder.HasKey(row => row.Name);
        builder.Property(row => row.Name).HasMaxLength(StoredUser.MaxNameLength);
        builder.Property(row => row.CreatedAt).HasDefaultValueSql("now()");
    }
}
