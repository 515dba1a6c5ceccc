using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>The epoch of a streams group (KIP-1071; StreamsGroupMetadataValue.json).</summary>
public sealed record StreamsGroupMetadataValue(int Epoch, long MetadataHash)
{
    /// <summary>-1: none yet.</summary>
    public int ValidatedTopologyEpoch { get; init; } = -1;

    public KeyValue[]? LastAssignmentConfigs { get; init; }

    internal static StreamsGroupMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new StreamsGroupMetadataValue(reader.ReadInt32(), reader.ReadInt64());
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            value = tag switch
            {
                0 => value with { ValidatedTopologyEpoch = field.ReadInt32() },
                1 => value with { LastAssignmentConfigs = KeyValue.ReadNullable(ref field, version) },
                _ => value,
            };
        }

        return value;
    }
}

/// <summary>A text under a name.</summary>
public readonly record struct KeyValue(string Key, string Value)
{
    internal const int MinSize = 3;

    internal static KeyValue Read(ref KafkaReader reader, short version)
    {
        var pair = new KeyValue(reader.ReadString(), reader.ReadString());
        reader.SkipTaggedFields();
        return pair;
    }

    internal static KeyValue[]? ReadNullable(ref KafkaReader reader, short version)
    {
        var probe = reader; // a copy: the length is read twice
        return probe.ReadNullableArrayLength(MinSize) < 0 ? null : Elements.Read(ref reader, MinSize, version, Read);
    }
}

/// <summary>A member of a streams group: one process, or a thread of it (StreamsGroupMemberMetadataValue.json).</summary>
public sealed record StreamsGroupMemberMetadataValue(
    string? InstanceId,
    string? RackId,
    string ClientId,
    string ClientHost,
    int RebalanceTimeoutMs,
    int TopologyEpoch,
    string ProcessId,
    StreamsGroupMemberMetadataValue.Endpoint? UserEndpoint,
    KeyValue[] ClientTags)
{
    internal static StreamsGroupMemberMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new StreamsGroupMemberMetadataValue(
            InstanceId: reader.ReadNullableString(),
            RackId: reader.ReadNullableString(),
            ClientId: reader.ReadString(),
            ClientHost: reader.ReadString(),
            RebalanceTimeoutMs: reader.ReadInt32(),
            TopologyEpoch: reader.ReadInt32(),
            ProcessId: reader.ReadString(),
            UserEndpoint: reader.ReadInt8() < 0 ? null : Endpoint.Read(ref reader),
            ClientTags: Elements.Read(ref reader, KeyValue.MinSize, version, KeyValue.Read));
        reader.SkipTaggedFields();
        return value;
    }

    /// <summary>Where the application answers questions about its state.</summary>
    public readonly record struct Endpoint(string Host, ushort Port)
    {
        internal static Endpoint Read(ref KafkaReader reader)
        {
            var endpoint = new Endpoint(reader.ReadString(), reader.ReadUInt16());
            reader.SkipTaggedFields();
            return endpoint;
        }
    }
}

/// <summary>Partitions of one subtopology: each is a task.</summary>
public readonly record struct TaskIds(string SubtopologyId, int[] Partitions)
{
    private const int MinSize = 3;

    /// <summary>The epoch at which the member got each of them, from 4.3 in current assignments; null: not said.</summary>
    public int[]? AssignmentEpochs { get; init; }

    internal static TaskIds[] ReadAll(ref KafkaReader reader, short version) => Elements.Read(ref reader, MinSize, version, Read);

    private static TaskIds Read(ref KafkaReader reader, short version)
    {
        var tasks = new TaskIds(reader.ReadString(), reader.ReadInt32Array());
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            tasks = tag == 0 ? tasks with { AssignmentEpochs = field.ReadNullableInt32Array() } : tasks;
        }

        return tasks;
    }
}

/// <summary>The tasks that a member is meant to have (StreamsGroupTargetAssignmentMemberValue.json).</summary>
public sealed record StreamsGroupTargetAssignmentMemberValue(TaskIds[] ActiveTasks, TaskIds[] StandbyTasks, TaskIds[] WarmupTasks)
{
    internal static StreamsGroupTargetAssignmentMemberValue Read(ref KafkaReader reader, short version)
    {
        var value = new StreamsGroupTargetAssignmentMemberValue(TaskIds.ReadAll(ref reader, version), TaskIds.ReadAll(ref reader, version), TaskIds.ReadAll(ref reader, version));
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>The tasks that a member has now (StreamsGroupCurrentMemberAssignmentValue.json).</summary>
public sealed record StreamsGroupCurrentMemberAssignmentValue(
    int MemberEpoch,
    int PreviousMemberEpoch,
    sbyte State,
    TaskIds[] ActiveTasks,
    TaskIds[] StandbyTasks,
    TaskIds[] WarmupTasks,
    TaskIds[] ActiveTasksPendingRevocation,
    TaskIds[] StandbyTasksPendingRevocation,
    TaskIds[] WarmupTasksPendingRevocation)
{
    internal static StreamsGroupCurrentMemberAssignmentValue Read(ref KafkaReader reader, short version)
    {
        var value = new StreamsGroupCurrentMemberAssignmentValue(
            MemberEpoch: reader.ReadInt32(),
            PreviousMemberEpoch: reader.ReadInt32(),
            State: reader.ReadInt8(),
            ActiveTasks: TaskIds.ReadAll(ref reader, version),
            StandbyTasks: TaskIds.ReadAll(ref reader, version),
            WarmupTasks: TaskIds.ReadAll(ref reader, version),
            ActiveTasksPendingRevocation: TaskIds.ReadAll(ref reader, version),
            StandbyTasksPendingRevocation: TaskIds.ReadAll(ref reader, version),
            WarmupTasksPendingRevocation: TaskIds.ReadAll(ref reader, version));
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>The topics that a streams application reads and writes, by subtopology (StreamsGroupTopologyValue.json).</summary>
public sealed record StreamsGroupTopologyValue(int Epoch, StreamsGroupTopologyValue.Subtopology[] Subtopologies)
{
    private const int MinSizeOfSubtopology = 8;
    private const int MinSizeOfTopic = 9;
    private const int MinSizeOfCopartitionGroup = 4;

    internal static StreamsGroupTopologyValue Read(ref KafkaReader reader, short version)
    {
        var value = new StreamsGroupTopologyValue(reader.ReadInt32(), Elements.Read(ref reader, MinSizeOfSubtopology, version, Subtopology.Read));
        reader.SkipTaggedFields();
        return value;
    }

    /// <summary>Part of a topology whose tasks go together.</summary>
    public readonly record struct Subtopology(
        string SubtopologyId,
        string[] SourceTopics,
        string[] SourceTopicRegex,
        TopicInfo[] StateChangelogTopics,
        string[] RepartitionSinkTopics,
        TopicInfo[] RepartitionSourceTopics,
        CopartitionGroup[] CopartitionGroups)
    {
        internal static Subtopology Read(ref KafkaReader reader, short version)
        {
            var subtopology = new Subtopology(
                SubtopologyId: reader.ReadString(),
                SourceTopics: reader.ReadStringArray(),
                SourceTopicRegex: reader.ReadStringArray(),
                StateChangelogTopics: Elements.Read(ref reader, MinSizeOfTopic, version, TopicInfo.Read),
                RepartitionSinkTopics: reader.ReadStringArray(),
                RepartitionSourceTopics: Elements.Read(ref reader, MinSizeOfTopic, version, TopicInfo.Read),
                CopartitionGroups: Elements.Read(ref reader, MinSizeOfCopartitionGroup, version, CopartitionGroup.Read));
            reader.SkipTaggedFields();
            return subtopology;
        }
    }

    /// <summary>An internal topic. No partitions: as many as its sources have.</summary>
    public readonly record struct TopicInfo(string Name, int Partitions, short ReplicationFactor, KeyValue[] TopicConfigs)
    {
        internal static TopicInfo Read(ref KafkaReader reader, short version)
        {
            var topic = new TopicInfo(reader.ReadString(), reader.ReadInt32(), reader.ReadInt16(), Elements.Read(ref reader, KeyValue.MinSize, version, KeyValue.Read));
            reader.SkipTaggedFields();
            return topic;
        }
    }

    /// <summary>Topics, by their places in the lists of the subtopology, that must have the same number of partitions.</summary>
    public readonly record struct CopartitionGroup(short[] SourceTopics, short[] SourceTopicRegex, short[] RepartitionSourceTopics)
    {
        internal static CopartitionGroup Read(ref KafkaReader reader, short version)
        {
            var group = new CopartitionGroup(Places(ref reader, version), Places(ref reader, version), Places(ref reader, version));
            reader.SkipTaggedFields();
            return group;
        }

        private static short[] Places(ref KafkaReader reader, short version) =>
            Elements.Read(ref reader, sizeof(short), version, static (ref KafkaReader one, short _) => one.ReadInt16());
    }
}
