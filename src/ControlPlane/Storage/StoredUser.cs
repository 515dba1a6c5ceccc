namespace ControlPlane.Storage;

/// <summary>What a user or token may do; each role includes the ones before it.</summary>
internal enum Role
{
    Viewer,
    Operator,
    Admin,
}

/// <summary>Role names as the database and configuration spell them.</summary>
internal static class Roles
{
    public static string ToText(this Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Operator => "operator",
        Role.Admin => "admin",
        _ => throw new InvalidOperationException($"Unhandled role {role}"),
    };

    public static Role Parse(string text) => text switch
    {
        "viewer" => Role.Viewer,
        "operator" => Role.Operator,
        "admin" => Role.Admin,
        _ => throw new FormatException($"'{text}' is not a role. Expected viewer, operator or admin."),
    };
}

/// <summary>A person who may log in.</summary>
/// <param name="SecurityStamp">Changes with password, role and lock; a cookie that carries another one is worthless.</param>
internal sealed record StoredUser(
    string Name,
    Role Role,
    bool MustChangePassword,
    bool Disabled,
    DateTimeOffset? LockedUntil,
    DateTimeOffset? LastLogin,
    Guid SecurityStamp,
    DateTimeOffset CreatedAt)
{
    public const int MaxNameLength = 100;

    public const int MinPasswordLength = 12;
}

/// <summary>What became of a login.</summary>
internal abstract record SignIn
{
    public sealed record Succeeded(StoredUser User) : SignIn;

    /// <summary>Unknown name, wrong password, disabled: told apart for nobody outside.</summary>
    public sealed record Refused : SignIn;

    public sealed record LockedOut(DateTimeOffset Until) : SignIn;
}

/// <summary>What became of changing a user.</summary>
internal abstract record UserChange
{
    public sealed record Changed(StoredUser User) : UserChange;

    /// <summary>The password was generated; this is the only time it is known.</summary>
    public sealed record PasswordIssued(StoredUser User, string OneTimePassword) : UserChange;

    public sealed record Unknown : UserChange;

    public sealed record NameTaken : UserChange;

    /// <summary>The last enabled admin can't be removed, disabled or demoted: nobody could undo it.</summary>
    public sealed record LastAdmin : UserChange;

    public sealed record Invalid(string Why) : UserChange;
}

/// <summary>The admin of the first start; the password is printed once and never stored.</summary>
internal sealed record FirstAdmin(string Name, string OneTimePassword);
