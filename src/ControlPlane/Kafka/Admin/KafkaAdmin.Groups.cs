using System.Collections.Concurrent;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
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
    public Task<GroupResults<GroupOffsets>> FetchGroupOffsetsAsync(IReadOnlyCollection<string> groups, CancellationToken cancellationToken)
    {
        var topics = new ConcurrentDictionary<string, string>(StringComparer.Ordinal); // thousands of groups name the same topics
        return ByCoordinatorAsync<GroupOffsets>(
            ApiKey.OffsetFetch,
            groups,
            async (brokerId, batch, stop) =>
            {
                var request = new OffsetFetchRequest([.. batch.Select(group => new OffsetFetchRequest.Group(group, null))]);
                var response = await network.SendToBrokerAsync(brokerId, request, RequestLane.Bulk, stop);
                var answers = new GroupAnswer<GroupOffsets>[response.Groups.Length];
                var elements = 0;
                for (var i = 0; i < answers.Length; i++)
                {
                    var group = response.Groups[i];
                    var commits = Commits(group, topics);
                    elements += commits.Length;
                    _coordinators.RememberPartitions(group.GroupId, commits.Length);
                    answers[i] = new GroupAnswer<GroupOffsets>(group.GroupId, group.ErrorCode, null, new GroupOffsets(group.GroupId, brokerId, commits));
                }

                return new GroupAnswers<GroupOffsets>(answers, elements, response.ThrottleTimeMs);
            },
            cancellationToken);
    }

    /// <summary>Members and assignments, each group asked by its type. The type is known from listing: null counts as classic.</summary>
    public async Task<GroupResults<GroupDescription>> FetchGroupDescriptionsAsync(
        IReadOnlyCollection<(string GroupId, string? Type)> groups, CancellationToken cancellationToken)
    {
        var byType = groups.ToLookup(group => group.Type is ConsumerType or ShareType or StreamsType ? group.Type : ClassicType, group => group.GroupId);
        var classic = await ByCoordinatorAsync<GroupDescription>(ApiKey.DescribeGroups, [.. byType[ClassicType]], AskClassicAsync, cancellationToken);
        var modern = await ByCoordinatorAsync<GroupDescription>(ApiKey.ConsumerGroupDescribe, [.. byType[ConsumerType]], AskConsumerAsync, cancellationToken);
        var share = await ByCoordinatorAsync<GroupDescription>(ApiKey.ShareGroupDescribe, [.. byType[ShareType]], AskShareAsync, cancellationToken);
        var streams = await ByCoordinatorAsync<GroupDescription>(ApiKey.StreamsGroupDescribe, [.. byType[StreamsType]], AskStreamsAsync, cancellationToken);
        return new GroupResults<GroupDescription>(
            classic.Values.Concat(modern.Values).Concat(share.Values).Concat(streams.Values).ToDictionary(StringComparer.Ordinal),
            classic.Failures.Concat(modern.Failures).Concat(share.Failures).Concat(streams.Failures).ToDictionary(StringComparer.Ordinal));
    }

    private static CommittedOffset[] Commits(OffsetFetchResponse.Group answer, ConcurrentDictionary<string, string> names)
    {
        var commits = new CommittedOffset[answer.Topics.Sum(topic => topic.Partitions.Length)];
        var at = 0;
        foreach (var topic in answer.Topics)
        {
            var read = topic.Name ?? KafkaUuid.Format(topic.TopicId);
            var name = names.GetOrAdd(read, read);
            foreach (var partition in topic.Partitions)
            {
                commits[at++] = new CommittedOffset(
                    name,
                    partition.PartitionIndex,
                    partition.ErrorCode == ErrorCode.None ? Known(partition.CommittedOffset) : null,
                    KnownId(partition.CommittedLeaderEpoch),
                    partition.Metadata,
                    partition.ErrorCode);
            }
        }

        return commits;
    }

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

    private async Task<GroupAnswers<GroupDescription>> AskClassicAsync(int brokerId, string[] batch, CancellationToken cancellationToken)
    {
        var response = await network.SendToBrokerAsync(brokerId, new DescribeGroupsRequest(batch), RequestLane.Bulk, cancellationToken);
        var answers = response.Groups.Select(group => new GroupAnswer<GroupDescription>(
            group.GroupId,
            group.ErrorCode,
            group.ErrorMessage,
            new GroupDescription(
                group.GroupId, ClassicType, group.GroupState, group.ProtocolData, brokerId,
                [.. group.Members.Select(member => new GroupMember(
                    member.MemberId, member.GroupInstanceId, null, member.ClientId, member.ClientHost, AssignmentOf(group.ProtocolType, member.MemberAssignment)))])));
        return new GroupAnswers<GroupDescription>([.. answers], response.Groups.Sum(group => group.Members.Length), response.ThrottleTimeMs);
    }

    private async Task<GroupAnswers<GroupDescription>> AskConsumerAsync(int brokerId, string[] batch, CancellationToken cancellationToken)
    {
        var response = await network.SendToBrokerAsync(brokerId, new ConsumerGroupDescribeRequest(batch), RequestLane.Bulk, cancellationToken);
        var answers = response.Groups.Select(group => new GroupAnswer<GroupDescription>(
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
            }));
        return new GroupAnswers<GroupDescription>([.. answers], response.Groups.Sum(group => group.Members.Length), response.ThrottleTimeMs);
    }
}
