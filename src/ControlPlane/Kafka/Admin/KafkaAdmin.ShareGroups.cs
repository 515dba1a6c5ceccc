using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const string ShareType = "share";

    /// <summary>Where each partition's records that a share group still works on begin, and from 4.2 on how many are left. Brokers before 4.1 do not know the question.</summary>
    public Task<GroupResults<ShareGroupOffsets>> FetchShareGroupOffsetsAsync(IReadOnlyCollection<string> groups, CancellationToken cancellationToken) =>
        ByCoordinatorAsync<ShareGroupOffsets>(
            ApiKey.DescribeShareGroupOffsets,
            groups,
            async (brokerId, batch, stop) =>
            {
                var request = new DescribeShareGroupOffsetsRequest([.. batch.Select(group => new DescribeShareGroupOffsetsRequest.Group(group, null))]);
                var response = await network.SendToBrokerAsync(brokerId, request, RequestLane.Bulk, stop);
                var answers = response.Groups.Select(group => new GroupAnswer<ShareGroupOffsets>(
                    group.GroupId, group.ErrorCode, group.ErrorMessage, new ShareGroupOffsets(group.GroupId, brokerId, [.. ShareOffsets(group)])));
                return new GroupAnswers<ShareGroupOffsets>([.. answers], response.Groups.Sum(group => group.Topics.Sum(topic => topic.Partitions.Length)), response.ThrottleTimeMs);
            },
            cancellationToken);

    /// <summary>Sets from where on a share group without members reads. One answer per partition; a refusal of the whole counts for each.</summary>
    public Task<IReadOnlyList<PartitionOutcome>> AlterShareGroupOffsetsAsync(string group, IReadOnlyCollection<OffsetToCommit> offsets, CancellationToken cancellationToken) =>
        AtCoordinatorAsync<IReadOnlyList<PartitionOutcome>>(
            group,
            async broker =>
            {
                var request = new AlterShareGroupOffsetsRequest(group, [.. offsets.GroupBy(one => one.Topic, StringComparer.Ordinal).Select(topic => new AlterShareGroupOffsetsRequest.Topic(
                    topic.Key, [.. topic.Select(one => new AlterShareGroupOffsetsRequest.Partition(one.Partition, one.Offset))]))]);
                var response = await network.SendToBrokerAsync(broker, request, RequestLane.Change, cancellationToken);
                return response.ErrorCode != ErrorCode.None
                    ? [.. offsets.Select(one => new PartitionOutcome(one.Topic, one.Partition, response.ErrorCode, response.ErrorMessage))]
                    :
                    [
                        .. from topic in response.Responses
                        from partition in topic.Partitions
                        select new PartitionOutcome(topic.TopicName, partition.PartitionIndex, partition.ErrorCode, partition.ErrorMessage),
                    ];
            },
            cancellationToken);

    /// <summary>Forgets how far a share group without members has come on whole topics. One answer per topic.</summary>
    public Task<IReadOnlyDictionary<string, ErrorCode>> DeleteShareGroupOffsetsAsync(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        AtCoordinatorAsync<IReadOnlyDictionary<string, ErrorCode>>(
            group,
            async broker =>
            {
                var request = new DeleteShareGroupOffsetsRequest(group, [.. topics.Select(topic => new DeleteShareGroupOffsetsRequest.Topic(topic))]);
                var response = await network.SendToBrokerAsync(broker, request, RequestLane.Change, cancellationToken);
                return response.ErrorCode != ErrorCode.None
                    ? topics.ToDictionary(topic => topic, _ => response.ErrorCode, StringComparer.Ordinal)
                    : response.Responses.ToDictionary(topic => topic.TopicName, topic => topic.ErrorCode, StringComparer.Ordinal);
            },
            cancellationToken);

    private static IEnumerable<ShareGroupOffset> ShareOffsets(DescribeShareGroupOffsetsResponse.Group answer) =>
        from topic in answer.Topics
        from partition in topic.Partitions
        let isAnswered = partition.ErrorCode == ErrorCode.None
        select new ShareGroupOffset(
            topic.TopicName, partition.PartitionIndex, isAnswered ? Known(partition.StartOffset) : null, isAnswered ? Known(partition.Lag) : null, partition.ErrorCode);

    private async Task<GroupAnswers<GroupDescription>> AskShareAsync(int brokerId, string[] batch, CancellationToken cancellationToken)
    {
        var response = await network.SendToBrokerAsync(brokerId, new ShareGroupDescribeRequest(batch), RequestLane.Bulk, cancellationToken);
        var answers = response.Groups.Select(group => new GroupAnswer<GroupDescription>(
            group.GroupId,
            group.ErrorCode,
            group.ErrorMessage,
            new GroupDescription(
                group.GroupId, ShareType, group.GroupState, group.AssignorName, brokerId,
                [.. group.Members.Select(member => new GroupMember(
                    member.MemberId, null, member.RackId, member.ClientId, member.ClientHost,
                    [.. member.Assignment.TopicPartitions.Select(topic => new TopicPartitions(topic.TopicName, topic.Partitions))]))])
            {
                GroupEpoch = group.GroupEpoch,
                AssignmentEpoch = group.AssignmentEpoch,
            }));
        return new GroupAnswers<GroupDescription>([.. answers], response.Groups.Sum(group => group.Members.Length), response.ThrottleTimeMs);
    }
}
