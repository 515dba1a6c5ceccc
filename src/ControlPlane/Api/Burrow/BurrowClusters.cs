using ControlPlane.Engine.Model;
using ControlPlane.Lag;

namespace ControlPlane.Api.Burrow;

/// <summary>A cluster as Burrow's API sees it: its picture, and the commits that are kept of it.</summary>
internal sealed record BurrowCluster(ClusterModel Model, LagBook? Kept)
{
    public ClusterId Id => Model.Id;

    /// <summary>The books are opened a moment after a cluster is taken over.</summary>
    public LagBook Book => Kept ?? throw new BurrowNotReadyException(Id);
}

/// <summary>Nothing can be said of groups yet.</summary>
internal sealed class BurrowNotReadyException(ClusterId cluster) : Exception($"the commits of cluster '{cluster}' are not read yet; try again in a few seconds");

/// <summary>Finds clusters by the names that are in Burrow's paths.</summary>
internal sealed class BurrowClusters(Pictures pictures, FleetDirectory directory, LagBooks books)
{
    /// <summary>Of the whole installation.</summary>
    public async ValueTask<IEnumerable<string>> ListAsync(CancellationToken cancellationToken) =>
        (await directory.ReadAsync(cancellationToken)).Clusters.Keys.Select(id => id.Value).Order(StringComparer.Ordinal);

    /// <summary>Null for one that is not registered. Case counts here, as it does in Burrow.</summary>
    public async ValueTask<BurrowCluster?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!ClusterId.TryParse(name, out var id) || (pictures.Views.Find(id) is null && !(await directory.ReadAsync(cancellationToken)).Clusters.ContainsKey(id)))
        {
            return null;
        }

        var view = await pictures.RequireTopologyAsync(name, cancellationToken);
        return new BurrowCluster(view.Model, books.Find(id));
    }

    /// <summary>Whether the commits of every cluster of this process are read to where they were at its start.</summary>
    public bool AreReady => pictures.Views.Owned.All(id => books.Find(id) is { Feed.Word: not "catching-up" });
}
