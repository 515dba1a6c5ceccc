using ControlPlane.Api.Access;
using ControlPlane.Api.Problems;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Forwarding;

/// <summary>Marks endpoints that only the owner of their cluster can answer.</summary>
internal sealed class AnsweredByOwner
{
    public static AnsweredByOwner Instance { get; } = new();
}

/// <summary>Sends requests on to the owner of their cluster; at most one hop, so that two processes that disagree can't play ball.</summary>
internal sealed class ForwardingMiddleware(RequestDelegate next, IClusterViews views, Forwarder forwarder)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<AnsweredByOwner>() is null
            || !ClusterId.TryParse(http.GetRouteValue("cluster") as string, out var cluster)
            || views.Find(cluster) is not null
            || views.Owned.Contains(cluster))
        {
            return next(http);
        }

        if (Caller.Of(http.User) is { IsForwarded: true })
        {
            throw new ProblemException(ApiProblems.OwnerMoving(cluster));
        }

        return views.OwnerElsewhere(cluster) is { } owner ? forwarder.ForwardAsync(http, cluster, owner) : next(http);
    }
}
