using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const string ResetMetadata = "";

    /// <summary>Sets committed offsets of a group without members. One answer per partition; a group with members is refused by its coordinator.</summary>
    public Task<IReadOnlyList<PartitionOutcome>> AlterGroupOffsetsAsync(string group, IReadOnlyCollection<OffsetToCommit> offsets, CancellationToken cancellationToken) =>
        AtCoordinatorAsync<IReadOnlyList<PartitionOutcome>>(
            group,
            async broker =>
            {
                var request = new OffsetCommitRequest(group, [.. offsets.GroupBy(one => one.Topic, StringComparer.Ordinal).Select(topic => new OffsetCommitRequest.Topic(
                    topic.Key, Guid.Empty, [.. topic.Select(one => new OffsetCommitRequest.Partition(one.Partition, one.Offset, -1, ResetMetadata))]))]);
                var response = await network.SendToBrokerAsync(broker, request, RequestLane.Change, cancellationToken);
                return
                [
                    .. from topic in response.Topics
                    from partition in topic.Partitions
                    select new PartitionOutcome(topic.Name!, partition.PartitionIndex, partition.ErrorCode, null),
                ];
            },
            cancellationToken);

    /// <summary>Deletes committed offsets. One answer per partition; where members subscribe to the topic it is refused.</summary>
    public Task<IReadOnlyList<PartitionOutcome>> DeleteGroupOffsetsAsync(string group, IReadOnlyCollection<TopicPartitions> topics, CancellationToken cancellationToken) =>
        AtCoordinatorAsync<IReadOnlyList<PartitionOutcome>>(
            group,
            async broker =>
            {
                var request = new OffsetDeleteRequest(
                    group, [.. topics.Select(topic => new OffsetDeleteRequest.Topic(topic.Topic, [.. topic.Partitions.Select(one => new OffsetDeleteRequest.Partition(one))]))]);
                var response = await network.SendToBrokerAsync(broker, request, RequestLane.Change, cancellationToken);
                ThrowIfError(response.ErrorCode, null, broker, ApiKey.OffsetDelete);
                return
                [
                    .. from topic in response.Topics
                    from partition in topic.Partitions
                    select new PartitionOutcome(topic.Name, partition.PartitionIndex, partition.ErrorCode, null),
                ];
            },
            cancellationToken);

    /// <summary>Deletes a group without members and all its offsets; one that has members is refused (NON_EMPTY_GROUP).</summary>
    public Task<ErrorCode> DeleteGroupAsync(string group, CancellationToken cancellationToken) =>
        AtCoordinatorAsync(
            group,
            async broker =>
            {
                var response = await network.SendToBrokerAsync(broker, new DeleteGroupsRequest([group]), RequestLane.Change, cancellationToken);
                return response.Results is [var result] ? result.ErrorCode : ErrorCode.UnknownServerError;
            },
            cancellationToken);

    /// <summary>A change is sent once: who coordinates the group is looked up just before, and a wrong coordinator is forgotten, not asked again.</summary>
    private async Task<T> AtCoordinatorAsync<T>(string group, Func<int, Task<T>> send, CancellationToken cancellationToken)
    {
        _coordinators.Forget(group);
        var found = await FetchCoordinatorsAsync([group], cancellationToken);
        return found.Values.TryGetValue(group, out var broker) ? await send(broker) : throw found.Failures[group];
    }
}

/// <summary>The next offset that a group shall read of a partition.</summary>
public readonly record struct OffsetToCommit(string Topic, int Partition, long Offset);
