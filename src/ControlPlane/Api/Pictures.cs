using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api;

/// <summary>Finds the picture a request is about, or says why there is none.</summary>
internal sealed class Pictures(IClusterViews views, FleetDirectory directory)
{
    public IClusterViews Views => views;

    public async ValueTask<ClusterView> RequireAsync(string cluster, CancellationToken cancellationToken)
    {
        if (!ClusterId.TryParse(cluster, out var id))
        {
            throw new ProblemException(ApiProblems.UnknownCluster(cluster));
        }

        if (views.Find(id) is { } model)
        {
            return ClusterView.Of(model);
        }

        await RequireKnownAsync(id, cancellationToken);
        throw new ProblemException(views.Owned.Contains(id) ? ApiProblems.NoPicture(id) : ApiProblems.NoOwner(id));
    }

    /// <summary>As above, and brokers and partitions have been read at least once.</summary>
    public async ValueTask<ClusterView> RequireTopologyAsync(string cluster, CancellationToken cancellationToken)
    {
        var view = await RequireAsync(cluster, cancellationToken);
        return view.HasTopology
            ? view
            : throw new ProblemException(ApiProblems.NotRead(view.Model.Id, "Brokers and topics", view.Sample(SampleKind.Topology)));
    }

    public async ValueTask<ClusterHead> RequireKnownAsync(ClusterId id, CancellationToken cancellationToken) =>
        (await directory.ReadAsync(cancellationToken)).Clusters.GetValueOrDefault(id)
        ?? throw new ProblemException(ApiProblems.UnknownCluster(id.Value));

    public async ValueTask<ClusterHead> RequireKnownAsync(string cluster, CancellationToken cancellationToken) =>
        ClusterId.TryParse(cluster, out var id)
            ? await RequireKnownAsync(id, cancellationToken)
            : throw new ProblemException(ApiProblems.UnknownCluster(cluster));

    /// <summary>Name of the process that owns a cluster; null while nobody does.</summary>
    public async ValueTask<string?> OwnerAsync(ClusterId id, string self, CancellationToken cancellationToken)
    {
        if (views.Owned.Contains(id))
        {
            return self;
        }

        return views.OwnerElsewhere(id) is { } owner ? (await directory.ReadAsync(cancellationToken)).NameOf(owner) : null;
    }
}
