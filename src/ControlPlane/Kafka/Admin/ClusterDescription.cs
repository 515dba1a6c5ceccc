using ControlPlane.Kafka.Connections;

namespace ControlPlane.Kafka.Admin;

/// <summary>The registered brokers. The controller is, in KRaft, only the node that takes controller requests; the quorum's leader is in <see cref="QuorumDescription"/>.</summary>
public sealed record ClusterDescription(string ClusterId, int? ControllerId, IReadOnlyList<ClusterBroker> Brokers)
{
    /// <summary>False: the cluster can't tell (before 4.0, or ZooKeeper), and fenced brokers are missing from the list.</summary>
    public required bool ShowsFenced { get; init; }
}

/// <summary>A registered broker; <paramref name="IsFenced"/> is null where the cluster does not say.</summary>
public sealed record ClusterBroker(int Id, KafkaEndpoint Endpoint, string? Rack, bool? IsFenced);

/// <summary>The KRaft quorum as its leader sees it.</summary>
public sealed record QuorumDescription(
    int? LeaderId, int LeaderEpoch, long? HighWatermark, IReadOnlyList<QuorumReplica> Voters, IReadOnlyList<QuorumReplica> Observers);

/// <summary>How far one replica of the metadata log is; null is what the leader, or its release, does not tell.</summary>
public sealed record QuorumReplica(int Id, Guid? DirectoryId, long? LogEndOffset, DateTimeOffset? LastFetch, DateTimeOffset? LastCaughtUp)
{
    /// <summary>Addresses of a controller; empty where not told.</summary>
    public IReadOnlyList<KafkaEndpoint> Endpoints { get; init; } = [];
}

/// <summary>What the cluster can do, broker by broker.</summary>
public sealed record KafkaCapabilities(BrokerResults<ApiVersionTable> Brokers)
{
    /// <summary>Null where no broker answered.</summary>
    public bool? IsKRaft => Brokers.Values.Count == 0 ? null : Brokers.Values.Values.All(table => table.IsKRaft);

    /// <summary>The best guess, as "4.3", or "3.9 to 4.3" in the middle of an upgrade; null where there is none.</summary>
    public string? Release
    {
        get
        {
            var releases = Brokers.Values.Values.Select(table => table.Release).OfType<string>().Distinct().OrderBy(Order).ToList();
            return releases.Count switch
            {
                0 => null,
                1 => releases[0],
                _ => $"{releases[0]} to {releases[^1]}",
            };
        }
    }

    /// <summary>Features the cluster has switched on, by name; of the broker that knows most, since each lags a little behind.</summary>
    public IReadOnlyDictionary<string, short> FinalizedFeatures =>
        Brokers.Values.Values.Select(table => table.FinalizedFeatures).MaxBy(features => features.Count) ?? new Dictionary<string, short>();

    /// <summary>Whether every broker that answered serves the API in a version that we speak; null where none answered.</summary>
    public bool? Supports(Protocol.ApiDescriptor api) => Brokers.Values.Count == 0 ? null : Brokers.Values.Values.All(table => table.TryPick(api, out _));

    private static Version Order(string release) => Version.TryParse(release.TrimEnd('+'), out var version) ? version : new Version(0, 0);
}
