using ControlPlane.Storage;
using Microsoft.AspNetCore.Authorization;

namespace ControlPlane.Api.Access;

/// <summary>What an endpoint asks of its caller. Each endpoint names one of them, or says that it is open to anyone.</summary>
internal static class Policies
{
    public const string View = "view";
    public const string Operate = "operate";
    public const string Administer = "administer";

    /// <summary>Only other processes of this installation, for the caller they speak for.</summary>
    public const string Peer = "peer";

    public static void Add(AuthorizationOptions options)
    {
        options.AddPolicy(View, policy => policy.RequireRole(Role.Viewer.ToText(), Role.Operator.ToText(), Role.Admin.ToText()));
        options.AddPolicy(Operate, policy => policy.RequireRole(Role.Operator.ToText(), Role.Admin.ToText()));
        options.AddPolicy(Administer, policy => policy.RequireRole(Role.Admin.ToText()));
        options.AddPolicy(Peer, policy => policy.RequireRole(Role.Viewer.ToText(), Role.Operator.ToText(), Role.Admin.ToText()).RequireClaim(CallerClaims.Forwarded));
    }

    public static string RoleFor(string policy) => policy switch
    {
        View or Peer => "viewer",
        Operate => "operator",
        Administer => "admin",
        _ => policy,
    };
}
