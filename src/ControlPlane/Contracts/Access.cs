using System.Text.Json.Serialization;

namespace ControlPlane.Contracts;

/// <summary>What a user or token may do; each includes the ones before.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Role>))]
public enum Role
{
    [JsonStringEnumMemberName("viewer")]
    Viewer,

    [JsonStringEnumMemberName("operator")]
    Operator,

    [JsonStringEnumMemberName("admin")]
    Admin,
}

/// <summary>Who is logged in.</summary>
public sealed record SessionDto(string User, Role Role, bool MustChangePassword, string ProcessName, string ProductVersion);

/// <summary>A log-in by name and password; the answer sets a cookie.</summary>
public sealed record LoginRequest(string User, string Password);

/// <summary>A change of one's own password.</summary>
public sealed record ChangePasswordRequest(string CurrentPassword, string NewPassword);

/// <summary>A person who may log in.</summary>
public sealed record UserDto(string Name, Role Role, bool MustChangePassword, bool IsDisabled, DateTimeOffset CreatedAt, DateTimeOffset? LastLogin);

/// <summary>A new user; the answer carries the one-time password once.</summary>
public sealed record CreateUserRequest(string Name, Role Role);

/// <summary>An edit of a user.</summary>
public sealed record UpdateUserRequest(Role Role, bool IsDisabled);

/// <summary>A user with the one-time password, shown once.</summary>
public sealed record OneTimePasswordDto(UserDto User, string OneTimePassword);

/// <summary>An API token; its secret is never shown again.</summary>
public sealed record TokenDto(Guid Id, string Name, string Prefix, Role Role, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt);

/// <summary>A new token.</summary>
public sealed record CreateTokenRequest(string Name, Role Role, int? ExpiresInDays);

/// <summary>A token with its secret, shown once.</summary>
public sealed record NewTokenDto(TokenDto Token, string Secret);

/// <summary>A process of this installation, and how many clusters it owns.</summary>
public sealed record ProcessDto(string Name, string Address, string Version, DateTimeOffset StartedAt, DateTimeOffset LastSeen, bool IsAlive, IReadOnlyList<string> Clusters);
