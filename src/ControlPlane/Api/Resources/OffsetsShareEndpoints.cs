using ControlPlane.Api.Access;
using ControlPlane.Api.Problems;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;
using ControlPlane.Lag;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ControlPlane.Api.Resources;

/// <summary>Where the owner of a cluster has this process read a share of its offsets topic: a stream that lasts until one of the two ends it.</summary>
internal static class OffsetsShareEndpoints
{
    /// <summary>An owner that is gone without a word takes nothing.</summary>
    private static readonly MinDataRate Least = new(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(30));

    public static void MapOffsetsShares(this RouteGroupBuilder api) =>
        api.MapPost("/internal/offsets/{cluster}", Read).RequireAuthorization(Policies.Peer).ExcludeFromDescription();

    private static async Task Read(HttpContext http, string cluster, ShareReading reading, IHostApplicationLifetime lifetime)
    {
        if (!ClusterId.TryParse(cluster, out var id))
        {
            throw new ProblemException(ApiProblems.UnknownCluster(cluster));
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted); // bounded by the server
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await using var opened = await reading.OpenAsync(id, OffsetsShare.Read(body.ToArray()), ending.Token) ?? throw new ProblemException(ApiProblems.UnknownCluster(cluster));
            http.Response.ContentType = "application/octet-stream";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = Least;
            }

            await opened.ShipAsync(http.Response.Body, ending.Token);
        }
        catch (SpreadException ex) when (!http.Response.HasStarted)
        {
            throw new ProblemException(ApiProblems.ShareRefused(id, ex.Message));
        }
        catch (Exception ex) when (ex is SpreadException || (ex is OperationCanceledException or IOException && ending.IsCancellationRequested))
        {
            http.Abort(); // nobody listens any more, we stop, or it can't be sent: the owner reads it from where it is
        }
    }
}
