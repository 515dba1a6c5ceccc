using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage;

namespace ControlPlane.Anomalies;

/// <summary>Stores transitions and all that follows from them in one transaction of the cluster's owner.</summary>
/// <param name="sinks">Lazy, because who hears of anomalies may itself look at clusters.</param>
internal sealed class AnomalyWriter(EpochGuard guard, Lazy<IEnumerable<IAnomalySink>> sinks)
{
    /// <summary>Those that were not stored yet; a sink hears each only once, also where the outcome of a commit was unknown.</summary>
    /// <exception cref="StaleEpochException">The lease is not held any more; nothing was written.</exception>
    /// <exception cref="StorageUnavailableException">The database failed; all is stored or nothing.</exception>
    public async Task<IReadOnlyList<AnomalyTransition>> WriteAsync(
        ClusterLease lease, IReadOnlyList<AnomalyTransition> transitions, CancellationToken cancellationToken)
    {
        var stored = await guard.WriteAsync(lease, "store anomalies", async (write, token) =>
        {
            var news = await AnomalyStore.SaveAsync(write, transitions, token);
            if (news.Count > 0)
            {
                foreach (var sink in sinks.Value)
                {
                    await sink.WriteAsync(write, news, token);
                }
            }

            return news;
        }, cancellationToken);
        foreach (var sink in sinks.Value)
        {
            sink.Committed(); // also after a repetition: the first commit may have been the one that nobody heard of
        }

        return stored;
    }
}
