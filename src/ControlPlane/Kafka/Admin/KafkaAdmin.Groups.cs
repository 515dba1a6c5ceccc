using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const int GroupsPerRequest = 50;
    private const string ClassicType = "classic";
    private const string ConsumerType = "consumer";

    /// <summary>The groups of every live broker. A broker that still loads its groups is a failure: it would hide them.</summary>
    public async Task<BrokerResults<IReadOnlyList<ListedGroup>>> FetchGroupsAsync(CancellationToken cancellationToken)
    {
        var ids = await BrokerIdsAsync(cancellationToken);
        return await EachAsync(
            ids,
            async (id, stop) =>
            {
                var response = await network.SendToBrokerAsync(id, new ListGroupsRequest([], []), RequestLane.Bulk, stop);
                ThrowIfError(response.ErrorCode, null, id, ApiKey.ListGroups);
                var groups = response.Groups.Select(group => new ListedGroup(group.GroupId, group.GroupType?.ToLowerInvariant(), group.ProtocolType, group.GroupState, id)).ToList();
                groups.ForEach(group => _coordinators.Remember(group.GroupId, id)); // who lists it, coordinates it
                return (IReadOnlyList<ListedGroup>)groups;
            },
            cancellationToken);
    }

    /// <summary>Committed offsets of many groups, all their topics: batched by coordinator.</summary>
    public Task<GroupResults<GroupOffsets>> FetchGroupOffsetsAsync(IReadOnlyCollection<string> groups, CancellationToken cancellationToken) =>
        ByCoordinatorAsync<GroupOffsets>(
            groups,
            async (brokerId, batch, stop) =>
            {
                var request = new OffsetFetchRequest([.. batch.Select(group => new OffsetFetchRequest.Group(group, null))]);
                var response = await network.SendToBrokerAsync(brokerId, request, RequestLane.Bulk, stop);
                return response.Groups.Select(group => new GroupAnswer<GroupOffsets>(
                    group.GroupId, group.ErrorCode, null, new GroupOffsets(group.GroupId, brokerId, [.. Commits(group)]), ApiKey.OffsetFetch));
            },
            cancellationToken);

    /// <summary>Members and assignments, each group asked by its type. The type is known from listing: null counts as classic.</summary>
    public async Task<GroupResults<GroupDescription>> FetchGroupDescriptionsAsync(
        IReadOnlyCollection<(string GroupId, string? Type)> groups, CancellationToken cancellationToken)
    {
        var byType = groups.ToLookup(group => group.Type is ConsumerType or ShareType ? group.Type : ClassicType, group => group.GroupId);
        var classic = await ByCoordinatorAsync<GroupDescription>([.. byType[ClassicType]], AskClassicAsync, cancellationToken);
        var modern = await ByCoordinatorAsync<GroupDescription>([.. byType[ConsumerType]], AskConsumerAsync, cancellationToken);
        var share = await ByCoordinatorAsync<GroupDescription>([.. byType[ShareType]], AskShareAsync, cancellationToken);
        return new GroupResults<GroupDescription>(
            classic.Values.Concat(modern.Values).Concat(share.Values).ToDictionary(StringComparer.Ordinal),
            classic.Failures.Concat(modern.Failures).Concat(share.Failures).ToDictionary(StringComparer.Ordinal));
    }

    private static IEnumerable<CommittedOffset> Commits(OffsetFetchResponse.Group answer) =>
        from topic in answer.Topics
        from partition in topic.Partitions
        select new CommittedOffset(
            topic.Name ?? KafkaUuid.Format(topic.TopicId),
            partition.PartitionIndex,
            partition.ErrorCode == ErrorCode.None ? Known(partition.CommittedOffset) : null,
            KnownId(partition.CommittedLeaderEpoch),
            partition.Metadata,
            partition.ErrorCode);

    private static IReadOnlyList<TopicPartitions>? AssignmentOf(string protocolType, byte[] bytes)
    {
        if (protocolType != ConsumerAssignment.ProtocolType)
        {
            return null;
        }

        try
        {
            return [.. (ConsumerAssignment.Parse(bytes)?.AssignedPartitions ?? []).Select(topic => new TopicPartitions(topic.Topic, topic.Partitions))];
        }
        catch (WireFormatException)
        {
            return null; // clients write these bytes, and some write their own
        }
    }

    private async Task<IEnumerable<GroupAnswer<GroupDescription>>> AskClassicAsync(int brokerId, string[] batch, CancellationToken cancellationToken)
    {
        var response = await network.SendToBrokerAsync(brokerId, new DescribeGroupsRequest(batch), RequestLane.Bulk, cancellationToken);
        return response.Groups.Select(group => new GroupAnswer<GroupDescription>(
            group.GroupId,
            group.ErrorCode,
            group.ErrorMessage,
            new GroupDescription(
                group.GroupId, ClassicType, group.GroupState, group.ProtocolData, brokerId,
                [.. group.Members.Select(member => new GroupMember(
                    member.MemberId, member.GroupInstanceId, null, member.ClientId, member.ClientHost, AssignmentOf(group.ProtocolType, member.MemberAssignment)))]),
            ApiKey.DescribeGroups));
    }

    private async Task<IEnumerable<GroupAnswer<GroupDescription>>> AskConsumerAsync(int brokerId, string[] batch, CancellationToken cancellationToken)
    {
        var response = await network.SendToBrokerAsync(brokerId, new ConsumerGroupDescribeRequest(batch), RequestLane.Bulk, cancellationToken);
        return response.Groups.Select(group => new GroupAnswer<GroupDescription>(
            group.GroupId,
            group.ErrorCode,
            group.ErrorMessage,
            new GroupDescription(
                group.GroupId, ConsumerType, group.GroupState, group.AssignorName, brokerId,
                [.. group.Members.Select(member => new GroupMember(
                    member.MemberId, member.InstanceId, member.RackId, member.ClientId, member.ClientHost,
                    [.. member.Assignment.TopicPartitions.Select(topic => new TopicPartitions(topic.TopicName, topic.Partitions))]))])
            {
                GroupEpoch = group.GroupEpoch,
                AssignmentEpoch = group.AssignmentEpoch,
            },
            ApiKey.ConsumerGroupDescribe));
    }
}
