using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const int PartitionsPerOffsetRequest = 5_000;

    /// <summary>
    /// Offsets by timestamp or one of <see cref="OffsetTimestamp"/>, each from the partition's leader. Where leadership has
    /// moved, the new leader is looked up and asked once more.
    /// </summary>
    public async Task<PartitionOffsets> FetchOffsetsAsync(
        IReadOnlyCollection<OffsetQuery> queries, long timestamp, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        IReadOnlyCollection<OffsetQuery> complete = queries.Any(query => query.LeaderId is null) ? await WithLeadersAsync(queries, cancellationToken) : queries;
        var first = await AskLeadersAsync(complete, timestamp, isolation, cancellationToken);
        var moved = first.Offsets.Where(offset => LeaderMoved(offset.Error)).Select(offset => new OffsetQuery(offset.Topic, offset.Partition, null)).ToList();
        if (moved.Count == 0)
        {
            return first;
        }

        var second = await AskLeadersAsync(await WithLeadersAsync(moved, cancellationToken), timestamp, isolation, cancellationToken);
        return new PartitionOffsets(
            [.. first.Offsets.Where(offset => !LeaderMoved(offset.Error)), .. second.Offsets],
            second.Failures.Concat(first.Failures).DistinctBy(pair => pair.Key).ToDictionary());
    }

    private static bool LeaderMoved(ErrorCode error) => error is
        ErrorCode.NotLeaderOrFollower or ErrorCode.UnknownTopicOrPartition or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch;

    private static ListOffsetsRequest.Topic[] Topics(IEnumerable<OffsetQuery> queries, long timestamp) =>
    [
        .. queries.GroupBy(query => query.Topic).Select(topic => new ListOffsetsRequest.Topic(
            topic.Key,
            [.. topic.Select(query => query.Partition).Distinct().Select(partition => new ListOffsetsRequest.Partition(partition, timestamp))])),
    ];

    private async Task<PartitionOffsets> AskLeadersAsync(
        IReadOnlyCollection<OffsetQuery> queries, long timestamp, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        var leaderless = queries.Where(query => query.LeaderId is null)
            .Select(query => new PartitionOffset(query.Topic, query.Partition, null, null, null, ErrorCode.LeaderNotAvailable));
        var byLeader = queries.Where(query => query.LeaderId is not null).ToLookup(query => query.LeaderId!.Value);
        var answers = await EachAsync(
            [.. byLeader.Select(leader => leader.Key)],
            async (id, stop) =>
            {
                var offsets = new List<PartitionOffset>();
                foreach (var chunk in byLeader[id].Chunk(PartitionsPerOffsetRequest))
                {
                    var request = new ListOffsetsRequest(Topics(chunk, timestamp)) { IsolationLevel = isolation, TimeoutMs = ServerTimeoutMs };
                    var response = await ReadAsync(() => network.SendToBrokerAsync(id, request, RequestLane.Bulk, stop), stop);
                    offsets.AddRange(Offsets(response));
                }

                return offsets;
            },
            cancellationToken);
        return new PartitionOffsets([.. leaderless, .. answers.Values.Values.SelectMany(offsets => offsets)], answers.Failures);
    }

    private static IEnumerable<PartitionOffset> Offsets(ListOffsetsResponse response) =>
        from topic in response.Topics
        from partition in topic.Partitions
        select partition.ErrorCode == ErrorCode.None
            ? new PartitionOffset(topic.Name, partition.PartitionIndex, Known(partition.Offset), Known(partition.Timestamp), KnownId(partition.LeaderEpoch), ErrorCode.None)
            : new PartitionOffset(topic.Name, partition.PartitionIndex, null, null, null, partition.ErrorCode);

    private async Task<IReadOnlyCollection<OffsetQuery>> WithLeadersAsync(IReadOnlyCollection<OffsetQuery> queries, CancellationToken cancellationToken)
    {
        var names = queries.Where(query => query.LeaderId is null).Select(query => query.Topic).Distinct().ToList();
        var metadata = await FetchMetadataAsync(names, cancellationToken);
        var leaders = new Dictionary<(string, int), int>();
        foreach (var topic in metadata.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                leaders[(topic.Name ?? "", partition.PartitionIndex)] = partition.LeaderId;
            }
        }

        return [.. queries.Select(query => query.LeaderId is not null || !leaders.TryGetValue((query.Topic, query.Partition), out var leader) || leader < 0
            ? query
            : query with { LeaderId = leader })];
    }
}
