namespace ControlPlane.Contracts;

/// <summary>One topic. What is not known is null.</summary>
/// <param name="ReplicationFactor">Of most of its partitions; see HasMixedReplication.</param>
/// <param name="Overrides">Number of configs set on the topic itself.</param>
public sealed record TopicDto(
    string Name,
    string? TopicId,
    bool IsInternal,
    StatusWord Status,
    int Partitions,
    int ReplicationFactor,
    bool HasMixedReplication,
    int? MinInSync,
    int OfflinePartitions,
    int? UnderMinInSync,
    int UnderReplicated,
    int NotPreferredLeader,
    double? BytesIn,
    double? MessagesIn,
    double? BytesOut,
    long? Bytes,
    long? Messages,
    int? Overrides,
    int? Groups);

/// <summary>One topic with the groups that read it and what is wrong with it.</summary>
public sealed record TopicDetailDto(TopicDto Topic, string Sentence, IReadOnlyList<FindingDto> Findings, IReadOnlyList<TopicGroupDto>? Groups, IReadOnlyList<int> BrokerIds);

/// <summary>A group's lag on one topic.</summary>
/// <param name="Judgement">Of the group as a whole; null where it was not judged yet.</param>
public sealed record TopicGroupDto(string GroupId, string? State, long? Lag, int Partitions, GroupJudgementDto? Judgement = null);

/// <summary>One partition. Leader is null where there is none.</summary>
public sealed record PartitionDto(
    string Topic,
    int Partition,
    StatusWord Status,
    int? Leader,
    int LeaderEpoch,
    bool IsLeaderPreferred,
    IReadOnlyList<ReplicaDto> Replicas,
    int InSync,
    int? MinInSync,
    long? LogStartOffset,
    long? LogEndOffset,
    double? BytesIn,
    double? MessagesIn,
    long? Bytes);

/// <summary>One replica of a partition. Reassigning: adding, removing or null.</summary>
public sealed record ReplicaDto(int BrokerId, string? Rack, bool IsLeader, bool InSync, bool IsOffline, string? Reassigning, long? Bytes, string? LogDir);
