using ControlPlane.Api.Views;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using ContractKind = ControlPlane.Contracts.ClusterKind;

namespace ControlPlane.Api;

/// <summary>What the database knows of the fleet as of the last second, so that pages don't ask it for each number.</summary>
internal sealed class FleetDirectory(ClusterStore clusters, ProcessStore processes, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<DirectoryPage>? _page;
    private long _at;

    public Task<DirectoryPage> ReadAsync(CancellationToken cancellationToken)
    {
        Task<DirectoryPage> page;
        lock (_gate)
        {
            if (_page is null || _page.IsFaulted || _page.IsCanceled || time.GetElapsedTime(_at) > Fresh)
            {
                // One question for all who ask at this moment: none of them may cancel it for the others.
                (_page, _at) = (LoadAsync(), time.GetTimestamp());
            }

            page = _page;
        }

        return page.WaitAsync(cancellationToken);
    }

    /// <summary>After a change made here.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _page = null;
        }
    }

    public static ClusterHead HeadOf(StoredCluster cluster) => new(
        cluster.Id,
        cluster.Definition.Name,
        cluster.Definition.Kind == ClusterKind.Simulated ? ContractKind.Simulated : ContractKind.Kafka,
        cluster.Definition.Labels,
        cluster.Definition.KafkaClusterId);

    private async Task<DirectoryPage> LoadAsync()
    {
        var all = await clusters.ListAsync(CancellationToken.None);
        var live = await processes.ListLiveAsync(CancellationToken.None);
        return new DirectoryPage(
            all.Select(HeadOf).ToDictionary(head => head.Id),
            live.DistinctBy(process => process.Process.Address).ToDictionary(process => Key(process.Process.Address), process => process.Process, StringComparer.OrdinalIgnoreCase));
    }

    private static string Key(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.AbsoluteUri : address;
}

/// <summary>The registered clusters and the live processes at one moment.</summary>
internal sealed record DirectoryPage(IReadOnlyDictionary<ClusterId, ClusterHead> Clusters, IReadOnlyDictionary<string, ProcessInfo> ProcessByAddress)
{
    /// <summary>Name of the process at an address; the address where it is not known.</summary>
    public string NameOf(Uri address) => ProcessByAddress.TryGetValue(address.AbsoluteUri, out var process) ? process.Name : address.Authority;
}
