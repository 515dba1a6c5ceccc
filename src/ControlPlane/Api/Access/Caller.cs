using System.Net;
using System.Security.Claims;
using ControlPlane.Storage;

namespace ControlPlane.Api.Access;

/// <summary>The claims a principal of this product carries.</summary>
internal static class CallerClaims
{
    public const string Stamp = "kcp.stamp";
    public const string Kind = "kcp.kind";
    public const string MustChangePassword = "kcp.must_change_password";
    public const string Forwarded = "kcp.forwarded";
    public const string SourceAddress = "kcp.source_address";
}

/// <summary>Who asks. One way to write it into a principal and one to read it back, for all kinds of log-in.</summary>
internal sealed record Caller(string Name, ActorKind Kind, Role Role)
{
    /// <summary>Of a user; changes with password, role and lock.</summary>
    public Guid? Stamp { get; init; }

    public bool MustChangePassword { get; init; }

    /// <summary>The request came through another process of this installation.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Where a forwarded request came from originally.</summary>
    public IPAddress? SourceAddress { get; init; }

    public static Caller Of(StoredUser user) => new(user.Name, ActorKind.User, user.Role) { Stamp = user.SecurityStamp, MustChangePassword = user.MustChangePassword };

    public static Caller Of(StoredToken token) => new(token.Name, ActorKind.Token, token.Role);

    /// <summary>Null for somebody who is not logged in.</summary>
    public static Caller? Of(ClaimsPrincipal? principal)
    {
        if (principal?.Identity is not { IsAuthenticated: true, Name: { } name }
            || principal.FindFirstValue(ClaimTypes.Role) is not { } role
            || !Enum.TryParse<ActorKind>(principal.FindFirstValue(CallerClaims.Kind), out var kind))
        {
            return null;
        }

        return new Caller(name, kind, Roles.Parse(role))
        {
            Stamp = Guid.TryParse(principal.FindFirstValue(CallerClaims.Stamp), out var stamp) ? stamp : null,
            MustChangePassword = principal.HasClaim(claim => claim.Type == CallerClaims.MustChangePassword),
            IsForwarded = principal.HasClaim(claim => claim.Type == CallerClaims.Forwarded),
            SourceAddress = IPAddress.TryParse(principal.FindFirstValue(CallerClaims.SourceAddress), out var address) ? address : null,
        };
    }

    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        var identity = new ClaimsIdentity(scheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, Name));
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, Name)); // what forms are bound to: not to the role or the address, which may change while one is open
        identity.AddClaim(new Claim(ClaimTypes.Role, Role.ToText()));
        identity.AddClaim(new Claim(CallerClaims.Kind, Kind.ToString()));
        AddIf(identity, CallerClaims.Stamp, Stamp?.ToString());
        AddIf(identity, CallerClaims.MustChangePassword, MustChangePassword ? "true" : null);
        AddIf(identity, CallerClaims.Forwarded, IsForwarded ? "true" : null);
        AddIf(identity, CallerClaims.SourceAddress, SourceAddress?.ToString());
        return new ClaimsPrincipal(identity);
    }

    private static void AddIf(ClaimsIdentity identity, string type, string? value)
    {
        if (value is not null)
        {
            identity.AddClaim(new Claim(type, value));
        }
    }
}
