using System.Net;
using ControlPlane.Api.Access;
using ControlPlane.Api.Problems;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Lag.Metrics;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Metrics;

/// <summary>GET /metrics. Without a token only for programs on the same machine, unless the options say otherwise.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder app) =>
        app.MapGet(ApiPaths.Metrics, Read).AllowAnonymous().ExcludeFromDescription();

    private static IResult Read(HttpContext http, MetricsReader reader, LagPages lag, IClusterViews views, IOptions<ApiOptions> options)
    {
        if (Caller.Of(http.User) is null && !IsOpen(http, options.Value.MetricsAccess))
        {
            http.Response.Headers.WWWAuthenticate = "Bearer realm=\"kcp\"";
            return new Problem(401, "Metrics need a token from here", "Without a token they are answered only as Api:MetricsAccess allows.", "Send an API token with the role viewer as 'Authorization: Bearer kcp_...', or set Api:MetricsAccess to Anyone where the network is trusted.") { Code = "not-logged-in" }.ToResult(http);
        }

        var text = new MetricsText();
        reader.Scrape(
            families =>
            {
                foreach (var family in families)
                {
                    text.Write(family);
                }
            },
            cluster => ClusterId.TryParse(cluster, out var id) && views.Owned.Contains(id));
        ProcessFigures.Write(text);
        http.Response.Headers.CacheControl = "no-store";
        var isPacked = MetricsBody.TakesGzip(http.Request);
        return new MetricsBody(text.ToString(), lag.Read(views.Owned.Contains, isPacked), isPacked);
    }

    /// <summary>A proxy on the same machine makes everybody look local; one that speaks for somebody says so in its headers.</summary>
    public static bool IsOpen(HttpContext http, MetricsAccess access) => access switch
    {
        MetricsAccess.Anyone => true,
        MetricsAccess.Token => false,
        MetricsAccess.Loopback => http.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(address)
            && !http.Request.Headers.ContainsKey("X-Forwarded-For")
            && !http.Request.Headers.ContainsKey("Forwarded")
            && !http.Request.Headers.ContainsKey("X-Real-IP"),
        _ => throw new InvalidOperationException($"Unhandled metrics access {access}"),
    };
}
