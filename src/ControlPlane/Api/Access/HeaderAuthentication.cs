using System.Text.Encodings.Web;
using ControlPlane.Api.Problems;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Api.Access;

/// <summary>Names of the ways to say who one is.</summary>
internal static class AccessSchemes
{
    /// <summary>Chooses one of the others by what the request carries.</summary>
    public const string Any = "kcp";

    public const string Cookie = "cookie";

    public const string Header = "header";

    /// <summary>A header beats the cookie: a program that sends one means it.</summary>
    public static string Choose(HttpContext http) =>
        http.Request.Headers.ContainsKey(HeaderNames.Authorization)
        || http.Request.Headers.ContainsKey(Tickets.CircuitHeader)
        || http.Request.Headers.ContainsKey(Tickets.ForwardHeader)
            ? Header
            : Cookie;
}

/// <summary>API tokens, and the tickets used inside the installation.</summary>
internal sealed class HeaderAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    AccessCache cache,
    Tickets tickets) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private const string Bearer = "Bearer ";

    private string _why = "The request carries no API token and no session.";

    /// <summary>The API token of a request; empty where it has none.</summary>
    public static string Secret(HttpRequest request) =>
        request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : "";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var headers = Request.Headers;
        if (headers[Tickets.ForwardHeader] is [{ } forward])
        {
            return await AcceptAsync(tickets.ReadForward(forward, Request.Method, Forwarding.Forwarder.Target(Context)), "The ticket of the forwarding process is not valid any more.");
        }

        if (headers[Tickets.CircuitHeader] is [{ } circuit])
        {
            return await AcceptAsync(tickets.ReadCircuit(circuit), "The ticket of the page is not valid any more; reload the page.");
        }

        if (Secret(Request) is not { Length: > 0 } secret)
        {
            return Refuse("The Authorization header is not understood. Expected: Bearer kcp_...");
        }

        return await cache.FindTokenAsync(secret, Context.RequestAborted) is { } token
            ? Succeed(Caller.Of(token))
            : Refuse("The API token is unknown, expired or revoked.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer realm=\"kcp\"";
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        return ApiProblems.NotLoggedIn(_why).ToResult(Context).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => AccessRefusal.WriteAsync(Context);

    // What a ticket says of a user is asked again: a user disabled a minute ago must not go on.
    private async Task<AuthenticateResult> AcceptAsync(Caller? caller, string otherwise)
    {
        if (caller is null)
        {
            return Refuse(otherwise);
        }

        if (caller.Kind != ActorKind.User)
        {
            return caller.IsForwarded ? Succeed(caller) : Refuse(otherwise);
        }

        return caller.Stamp is { } stamp && await cache.FindUserAsync(caller.Name, stamp, Context.RequestAborted) is { } user
            ? Succeed(Caller.Of(user) with { IsForwarded = caller.IsForwarded, SourceAddress = caller.SourceAddress })
            : Refuse("The session has ended: the user was disabled, changed or got another password.");
    }

    private AuthenticateResult Succeed(Caller caller) => AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme.Name), Scheme.Name));

    private AuthenticateResult Refuse(string why)
    {
        _why = why;
        return AuthenticateResult.Fail(why);
    }
}
