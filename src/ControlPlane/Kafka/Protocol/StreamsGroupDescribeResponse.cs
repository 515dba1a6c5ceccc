using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Message definition: StreamsGroupDescribeResponse.json.</summary>
public sealed record StreamsGroupDescribeResponse(int ThrottleTimeMs, StreamsGroupDescribeResponse.Group[] Groups)
    : IWireMessage<StreamsGroupDescribeResponse>, IThrottledResponse
{
    public static StreamsGroupDescribeResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = StreamsGroupDescribeRequest.Descriptor.IsFlexible(version);
        var response = new StreamsGroupDescribeResponse(reader.ReadInt32(), reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = StreamsGroupDescribeRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>One group. The topology is null where the answer is an error.</summary>
    public readonly record struct Group(
        ErrorCode ErrorCode,
        string? ErrorMessage,
        string GroupId,
        string GroupState,
        int GroupEpoch,
        int AssignmentEpoch,
        TopologyOfGroup? Topology,
        Member[] Members,
        int AuthorizedOperations) : IWireStruct<Group>
    {
        public static int MinSize => 20;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: reader.ReadNullableString(),
                GroupId: reader.ReadString(),
                GroupState: reader.ReadString(),
                GroupEpoch: reader.ReadInt32(),
                AssignmentEpoch: reader.ReadInt32(),
                Topology: reader.ReadNullableStruct<TopologyOfGroup>(version),
                Members: reader.ReadArray<Member>(version),
                AuthorizedOperations: reader.ReadInt32());
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteString(GroupId);
            writer.WriteString(GroupState);
            writer.WriteInt32(GroupEpoch);
            writer.WriteInt32(AssignmentEpoch);
            writer.WriteNullableStruct(Topology, version);
            writer.WriteArray<Member>(Members, version);
            writer.WriteInt32(AuthorizedOperations);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>What the application is made of. No parts: its source topics are missing, or not partitioned alike.</summary>
    public readonly record struct TopologyOfGroup(int Epoch, Subtopology[]? Subtopologies) : IWireStruct<TopologyOfGroup>
    {
        public static int MinSize => 6;

        public static TopologyOfGroup Read(ref KafkaReader reader, short version)
        {
            var topologyOfGroup = new TopologyOfGroup(reader.ReadInt32(), reader.ReadNullableArray<Subtopology>(version));
            reader.SkipTaggedFields();
            return topologyOfGroup;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(Epoch);
            writer.WriteNullableArray<Subtopology>(Subtopologies, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A part of the application whose tasks go to members as a whole: one task for each partition of its source topics.</summary>
    public readonly record struct Subtopology(
        string SubtopologyId,
        string[] SourceTopics,
        string[] RepartitionSinkTopics,
        TopicInfo[] StateChangelogTopics,
        TopicInfo[] RepartitionSourceTopics) : IWireStruct<Subtopology>
    {
        public static int MinSize => 6;

        public static Subtopology Read(ref KafkaReader reader, short version)
        {
            var subtopology = new Subtopology(
                SubtopologyId: reader.ReadString(),
                SourceTopics: reader.ReadStringArray(),
                RepartitionSinkTopics: reader.ReadStringArray(),
                StateChangelogTopics: reader.ReadArray<TopicInfo>(version),
                RepartitionSourceTopics: reader.ReadArray<TopicInfo>(version));
            reader.SkipTaggedFields();
            return subtopology;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(SubtopologyId);
            writer.WriteStringArray(SourceTopics);
            writer.WriteStringArray(RepartitionSinkTopics);
            writer.WriteArray<TopicInfo>(StateChangelogTopics, version);
            writer.WriteArray<TopicInfo>(RepartitionSourceTopics, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A topic that the application has Kafka make.</summary>
    public readonly record struct TopicInfo(string Name, int Partitions, short ReplicationFactor, KeyValue[] TopicConfigs) : IWireStruct<TopicInfo>
    {
        public static int MinSize => 9;

        public static TopicInfo Read(ref KafkaReader reader, short version)
        {
            var topicInfo = new TopicInfo(reader.ReadString(), reader.ReadInt32(), reader.ReadInt16(), reader.ReadArray<KeyValue>(version));
            reader.SkipTaggedFields();
            return topicInfo;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteInt32(Partitions);
            writer.WriteInt16(ReplicationFactor);
            writer.WriteArray<KeyValue>(TopicConfigs, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One member, which is one thread of one process.</summary>
    public readonly record struct Member(
        string MemberId,
        int MemberEpoch,
        string? InstanceId,
        string? RackId,
        string ClientId,
        string ClientHost,
        int TopologyEpoch,
        string ProcessId,
        Endpoint? UserEndpoint,
        KeyValue[] ClientTags,
        TaskOffset[] TaskOffsets,
        TaskOffset[] TaskEndOffsets,
        TaskAssignment Assignment,
        TaskAssignment TargetAssignment,
        bool IsClassic) : IWireStruct<Member>
    {
        public static int MinSize => 28;

        public static Member Read(ref KafkaReader reader, short version)
        {
            var member = new Member(
                MemberId: reader.ReadString(),
                MemberEpoch: reader.ReadInt32(),
                InstanceId: reader.ReadNullableString(),
                RackId: reader.ReadNullableString(),
                ClientId: reader.ReadString(),
                ClientHost: reader.ReadString(),
                TopologyEpoch: reader.ReadInt32(),
                ProcessId: reader.ReadString(),
                UserEndpoint: reader.ReadNullableStruct<Endpoint>(version),
                ClientTags: reader.ReadArray<KeyValue>(version),
                TaskOffsets: reader.ReadArray<TaskOffset>(version),
                TaskEndOffsets: reader.ReadArray<TaskOffset>(version),
                Assignment: TaskAssignment.Read(ref reader, version),
                TargetAssignment: TaskAssignment.Read(ref reader, version),
                IsClassic: reader.ReadBool());
            reader.SkipTaggedFields();
            return member;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(MemberId);
            writer.WriteInt32(MemberEpoch);
            writer.WriteNullableString(InstanceId);
            writer.WriteNullableString(RackId);
            writer.WriteString(ClientId);
            writer.WriteString(ClientHost);
            writer.WriteInt32(TopologyEpoch);
            writer.WriteString(ProcessId);
            writer.WriteNullableStruct(UserEndpoint, version);
            writer.WriteArray<KeyValue>(ClientTags, version);
            writer.WriteArray<TaskOffset>(TaskOffsets, version);
            writer.WriteArray<TaskOffset>(TaskEndOffsets, version);
            Assignment.Write(writer, version);
            TargetAssignment.Write(writer, version);
            writer.WriteBool(IsClassic);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Tasks of a member: those that work, those that stand by with a copy of their state, and those that fetch one.</summary>
    public readonly record struct TaskAssignment(TaskIds[] ActiveTasks, TaskIds[] StandbyTasks, TaskIds[] WarmupTasks) : IWireStruct<TaskAssignment>
    {
        public static int MinSize => 4;

        public static TaskAssignment Read(ref KafkaReader reader, short version)
        {
            var taskAssignment = new TaskAssignment(reader.ReadArray<TaskIds>(version), reader.ReadArray<TaskIds>(version), reader.ReadArray<TaskIds>(version));
            reader.SkipTaggedFields();
            return taskAssignment;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteArray<TaskIds>(ActiveTasks, version);
            writer.WriteArray<TaskIds>(StandbyTasks, version);
            writer.WriteArray<TaskIds>(WarmupTasks, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Tasks of one subtopology, by the partition that each of them reads.</summary>
    public readonly record struct TaskIds(string SubtopologyId, int[] Partitions) : IWireStruct<TaskIds>
    {
        public static int MinSize => 3;

        public static TaskIds Read(ref KafkaReader reader, short version)
        {
            var taskIds = new TaskIds(reader.ReadString(), reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return taskIds;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(SubtopologyId);
            writer.WriteInt32Array(Partitions);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>How much of its changelog a task has.</summary>
    public readonly record struct TaskOffset(string SubtopologyId, int Partition, long Offset) : IWireStruct<TaskOffset>
    {
        public static int MinSize => 14;

        public static TaskOffset Read(ref KafkaReader reader, short version)
        {
            var taskOffset = new TaskOffset(reader.ReadString(), reader.ReadInt32(), reader.ReadInt64());
            reader.SkipTaggedFields();
            return taskOffset;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(SubtopologyId);
            writer.WriteInt32(Partition);
            writer.WriteInt64(Offset);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Where a process answers queries of its state.</summary>
    public readonly record struct Endpoint(string Host, ushort Port) : IWireStruct<Endpoint>
    {
        public static int MinSize => 4;

        public static Endpoint Read(ref KafkaReader reader, short version)
        {
            var endpoint = new Endpoint(reader.ReadString(), reader.ReadUInt16());
            reader.SkipTaggedFields();
            return endpoint;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Host);
            writer.WriteUInt16(Port);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A pair of words.</summary>
    public readonly record struct KeyValue(string Key, string Value) : IWireStruct<KeyValue>
    {
        public static int MinSize => 3;

        public static KeyValue Read(ref KafkaReader reader, short version)
        {
            var keyValue = new KeyValue(reader.ReadString(), reader.ReadString());
            reader.SkipTaggedFields();
            return keyValue;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Key);
            writer.WriteString(Value);
            writer.WriteEmptyTaggedFields();
        }
    }
}
