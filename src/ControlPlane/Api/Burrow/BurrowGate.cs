using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ControlPlane.Api.Access;
using ControlPlane.Api.Metrics;
using ControlPlane.Api.Problems;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Burrow;

/// <summary>Marks the endpoints of Burrow's API: who may ask is decided by <see cref="BurrowGate"/>.</summary>
internal sealed class BurrowSurface
{
    public static BurrowSurface Instance { get; } = new();
}

/// <summary>
/// Says who asks Burrow's API, before the request may be passed on to the owner of its cluster: a log-in of ours, a token as Bearer or as the
/// password of Basic (all that Burrow's clients know), or whoever the settings let read without. Refusals are told in Burrow's shape.
/// </summary>
internal sealed class BurrowGate(RequestDelegate next, AccessCache cache, IOptions<BurrowOptions> options)
{
    /// <summary>What a reader without a log-in is called at the owner and in the trail.</summary>
    private static readonly Caller Anybody = new("burrow client without a log-in", ActorKind.System, Role.Viewer);

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<BurrowSurface>() is null)
        {
            await next(http);
            return;
        }

        var path = BurrowAddress.Of(http).Path;
        if (Caller.Of(http.User) is null && !await EnterAsync(http))
        {
            http.Response.Headers.WWWAuthenticate = new(["Basic realm=\"kcp\"", "Bearer realm=\"kcp\""]);
            await BurrowAnswer.Error(401, "an API token is needed from here: as Bearer, or as the password of Basic; Burrow:Access says who reads without", path).ExecuteAsync(http);
            return;
        }

        try
        {
            await next(http);
        }
        catch (ProblemException ex) when (!http.Response.HasStarted)
        {
            await BurrowAnswer.Error(ex.Problem.Status, $"{ex.Problem.Title}: {ex.Problem.Detail}", path).ExecuteAsync(http);
        }
    }

    /// <summary>Whether somebody may be here who has not logged in; a wrong log-in is refused even where none would be needed.</summary>
    private async Task<bool> EnterAsync(HttpContext http)
    {
        if (http.Request.Path.StartsWithSegments(ApiPaths.BurrowHealth, StringComparison.OrdinalIgnoreCase))
        {
            return true; // whether the process lives is no secret
        }

        var caller = http.Request.Headers.Authorization.Count == 0
            ? MetricsEndpoint.IsOpen(http, options.Value.Access) && (options.Value.Access == MetricsAccess.Anyone || IsLocalName(http.Request.Host.Host)) ? Anybody : null
            : await cache.FindTokenAsync(BasicPassword(http.Request), http.RequestAborted) is { } token ? Caller.Of(token) : null;
        http.User = caller?.ToPrincipal(AccessSchemes.Header) ?? http.User;
        return caller is not null;
    }

    /// <summary>A page of another site that had its own name resolve to this machine would say that name.</summary>
    private static bool IsLocalName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static string BasicPassword(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || !string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }

        var bytes = new byte[header.Parameter?.Length ?? 0];
        return Convert.TryFromBase64String(header.Parameter ?? "", bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length) is var text && text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? text[(colon + 1)..]
            : "";
    }
}
