using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    /// <summary>What each broker serves, and from that the cluster's release and mode.</summary>
    public async Task<KafkaCapabilities> FetchCapabilitiesAsync(CancellationToken cancellationToken)
    {
        var ids = await BrokerIdsAsync(cancellationToken);
        return new KafkaCapabilities(await EachAsync(ids, async (id, stop) => (await network.FetchVersionsAsync(id, stop)).Versions, cancellationToken));
    }

    /// <summary>
    /// Brokers that are alive, and topics: all of them (null), none (empty) or those named. The network learns the brokers'
    /// addresses from it. Topics without Describe rights are missing without a word where all are asked for.
    /// </summary>
    public Task<MetadataResponse> FetchMetadataAsync(IReadOnlyCollection<string>? topics, CancellationToken cancellationToken) =>
        ReadAsync(() => AskMetadataAsync(topics, null, cancellationToken), cancellationToken);

    /// <summary>The same as one particular broker sees it. One attempt: it is that broker's health that is in question.</summary>
    public async Task<MetadataResponse> FetchMetadataFromAsync(int brokerId, IReadOnlyCollection<string>? topics, CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        return await AskMetadataAsync(topics, brokerId, cancellationToken);
    }

    /// <summary>The registered brokers, fenced ones included where the cluster tells (4.0).</summary>
    public Task<ClusterDescription> FetchClusterAsync(CancellationToken cancellationToken) => ReadAsync(
        async () =>
        {
            var request = new DescribeClusterRequest { IncludeFencedBrokers = true };
            var response = await network.SendToAnyAsync(request, RequestLane.Look, cancellationToken);
            ThrowIfError(response.ErrorCode, response.ErrorMessage, null, ApiKey.DescribeCluster);
            return new ClusterDescription(
                response.ClusterId,
                KnownId(response.ControllerId),
                [.. response.Brokers.Select(broker => new ClusterBroker(broker.BrokerId, new KafkaEndpoint(broker.Host, broker.Port), broker.Rack, broker.IsFenced))])
            {
                ShowsFenced = Array.Exists(response.Brokers, broker => broker.IsFenced is not null),
            };
        },
        cancellationToken);

    /// <summary>Throws <see cref="UnsupportedByBrokerException"/> on clusters with ZooKeeper.</summary>
    public Task<QuorumDescription> FetchQuorumAsync(CancellationToken cancellationToken) => ReadAsync(
        async () =>
        {
            var response = await network.SendToAnyAsync(DescribeQuorumRequest.OfClusterMetadata, RequestLane.Look, cancellationToken);
            ThrowIfError(response.ErrorCode, response.ErrorMessage, null, ApiKey.DescribeQuorum);
            var partition = response.Topics.SelectMany(topic => topic.Partitions).FirstOrDefault();
            ThrowIfError(partition.ErrorCode, partition.ErrorMessage, null, ApiKey.DescribeQuorum);
            var endpoints = (response.Nodes ?? []).ToLookup(node => node.NodeId, node => node.Listeners.Select(one => new KafkaEndpoint(one.Host, one.Port)));
            return new QuorumDescription(
                KnownId(partition.LeaderId),
                partition.LeaderEpoch,
                Known(partition.HighWatermark),
                [.. (partition.CurrentVoters ?? []).Select(replica => Replica(replica) with { Endpoints = [.. endpoints[replica.ReplicaId].SelectMany(all => all)] })],
                [.. (partition.Observers ?? []).Select(Replica)]);
        },
        cancellationToken);

    /// <summary>Has the cluster forget a broker. True: done now; false: it was not registered. The broker must be stopped and empty: nobody checks.</summary>
    public async Task<bool> UnregisterBrokerAsync(int brokerId, CancellationToken cancellationToken)
    {
        var response = await SendToControllerAsync(
            new UnregisterBrokerRequest(brokerId),
            answer => answer.ErrorCode == ErrorCode.BrokerIdNotRegistered ? (ErrorCode.None, null) : (answer.ErrorCode, answer.ErrorMessage),
            RequestLane.Change,
            cancellationToken);
        return response.ErrorCode == ErrorCode.None;
    }

    private static QuorumReplica Replica(DescribeQuorumResponse.ReplicaState state) => new(
        state.ReplicaId,
        state.ReplicaDirectoryId == Guid.Empty ? null : state.ReplicaDirectoryId,
        Known(state.LogEndOffset),
        KnownTime(state.LastFetchTimestamp),
        KnownTime(state.LastCaughtUpTimestamp));

    private static int? KnownId(int id) => id < 0 ? null : id;

    private static long? Known(long value) => value < 0 ? null : value;

    private static DateTimeOffset? KnownTime(long milliseconds) => milliseconds < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private async Task<MetadataResponse> AskMetadataAsync(IReadOnlyCollection<string>? topics, int? brokerId, CancellationToken cancellationToken)
    {
        var request = new MetadataRequest(topics?.Select(name => new MetadataRequest.Topic(name)).ToArray());
        var response = brokerId is { } id
            ? await network.SendToBrokerAsync(id, request, RequestLane.Look, cancellationToken)
            : await network.SendToAnyAsync(request, RequestLane.Look, cancellationToken);
        if (response.ErrorCode == ErrorCode.RebootstrapRequired)
        {
            network.Rebootstrap();
            response = await network.SendToAnyAsync(request, RequestLane.Look, cancellationToken);
        }

        ThrowIfError(response.ErrorCode, null, brokerId, ApiKey.Metadata);
        network.Learn(
            response.ClusterId,
            KnownId(response.ControllerId),
            [.. response.Brokers.Select(broker => new KafkaNode(broker.NodeId, new KafkaEndpoint(broker.Host, broker.Port)))]);
        return response;
    }
}
