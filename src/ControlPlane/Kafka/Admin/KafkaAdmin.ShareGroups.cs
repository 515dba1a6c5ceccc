using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const string ShareType = "share";

    /// <summary>
    /// Where each partition's records that a share group still works on begin. What was acknowledged behind that is among the lag that follows
    /// from it. Brokers before 4.1 do not know the question.
    /// </summary>
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

    private static IEnumerable<ShareGroupOffset> ShareOffsets(DescribeShareGroupOffsetsResponse.Group answer) =>
        from topic in answer.Topics
        from partition in topic.Partitions
        select new ShareGroupOffset(topic.TopicName, partition.PartitionIndex, partition.ErrorCode == ErrorCode.None ? Known(partition.StartOffset) : null, partition.ErrorCode);

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
