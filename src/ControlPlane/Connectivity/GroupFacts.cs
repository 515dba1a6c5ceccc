using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Connectivity;

/// <summary>What Kafka's records of groups mean in the engine's words.</summary>
internal static class GroupFacts
{
    /// <summary>Null for a tombstone.</summary>
    public static GroupFact? Of(in GroupRecord record) => record.IsTombstone ? null : record.Value switch
    {
        GroupMetadataValue group => Classic(group),
        ConsumerGroupMetadataValue group => new GroupFact.Epoch(GroupKind.Consumer, group.Epoch),
        ShareGroupMetadataValue group => new GroupFact.Epoch(GroupKind.Share, group.Epoch),
        StreamsGroupMetadataValue group => new GroupFact.Epoch(GroupKind.Streams, group.Epoch),
        ConsumerGroupMemberMetadataValue member => new GroupFact.Member(
            GroupKind.Consumer,
            new GroupMember(record.Member!, member.InstanceId, member.ClientId, member.ClientHost, member.RackId) { Subscribed = member.SubscribedTopicNames },
            string.IsNullOrEmpty(member.SubscribedTopicRegex) ? null : member.SubscribedTopicRegex),
        ShareGroupMemberMetadataValue member => new GroupFact.Member(
            GroupKind.Share, new GroupMember(record.Member!, null, member.ClientId, member.ClientHost, member.RackId) { Subscribed = member.SubscribedTopicNames }),
        StreamsGroupMemberMetadataValue member => new GroupFact.Member(
            GroupKind.Streams, new GroupMember(record.Member!, member.InstanceId, member.ClientId, member.ClientHost, member.RackId)),
        ConsumerGroupCurrentMemberAssignmentValue now => new GroupFact.Assignment(GroupKind.Consumer, now.MemberEpoch, Assigned(now.AssignedPartitions)),
        ShareGroupCurrentMemberAssignmentValue now => new GroupFact.Assignment(GroupKind.Share, now.MemberEpoch, Assigned(now.AssignedPartitions)),
        StreamsGroupCurrentMemberAssignmentValue now => new GroupFact.Tasks(
            now.MemberEpoch, [.. now.ActiveTasks.Select(task => (task.SubtopologyId, (IReadOnlyList<int>)task.Partitions))]),
        StreamsGroupTopologyValue topology => new GroupFact.Topology(Sources(topology)),
        ConsumerGroupRegularExpressionValue expression => new GroupFact.Resolved(expression.Topics),
        _ => new GroupFact.Other(KindOf(record.Type)),
    };

    private static GroupKind KindOf(OffsetsRecordType type) => type switch
    {
        OffsetsRecordType.GroupMetadata => GroupKind.Classic,
        <= OffsetsRecordType.ConsumerGroupCurrentMemberAssignment or OffsetsRecordType.ConsumerGroupRegularExpression => GroupKind.Consumer,
        <= OffsetsRecordType.ShareGroupStatePartitionMetadata => GroupKind.Share,
        _ => GroupKind.Streams,
    };

    private static GroupFact.Classic Classic(GroupMetadataValue group)
    {
        var isConsumer = group.ProtocolType == ConsumerAssignment.ProtocolType;
        return new GroupFact.Classic(
            group.ProtocolType.Length == 0 ? null : group.ProtocolType,
            group.Protocol,
            group.Generation,
            group.CurrentStateTimestamp < 0 ? null : group.CurrentStateTimestamp,
            [
                .. group.Members.Select(member => new GroupMember(member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost, null)
                {
                    Subscribed = isConsumer ? Subscribed(member.Subscription) : null,
                    Assigned = isConsumer ? Assigned(member.Assignment) : null,
                }),
            ]);
    }

    /// <summary>Clients write these bytes; some write what they like.</summary>
    private static string[]? Subscribed(byte[] subscription)
    {
        try
        {
            return ConsumerSubscription.Parse(subscription).Topics;
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    /// <summary>No bytes, or bytes that are no assignment: not known.</summary>
    private static List<AssignedPartitions>? Assigned(byte[] assignment)
    {
        try
        {
            return ConsumerAssignment.Parse(assignment)?.AssignedPartitions.Select(topic => new AssignedPartitions(topic.Topic, null, topic.Partitions)).ToList();
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    private static List<AssignedPartitions> Assigned(TopicIdPartitions[] partitions) =>
        [.. partitions.Select(topic => new AssignedPartitions(null, topic.TopicId, topic.Partitions))];

    private static Dictionary<string, IReadOnlyList<string>> Sources(StreamsGroupTopologyValue topology)
    {
        var sources = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var part in topology.Subtopologies)
        {
            sources[part.SubtopologyId] = [.. part.SourceTopics, .. part.RepartitionSourceTopics.Select(topic => topic.Name)];
        }

        return sources;
    }
}
