namespace ControlPlane.Contracts;

/// <summary>One consumer group with plain lag: log end offset less committed offset. Null lag is unknown, never 0.</summary>
/// <param name="UnknownLagPartitions">Partitions with a commit whose lag can't be told now.</param>
public sealed record GroupDto(
    string Id,
    string? Type,
    string? State,
    string? ProtocolType,
    int? CoordinatorId,
    int? Members,
    int? Topics,
    int? Partitions,
    long? Lag,
    long? MaxPartitionLag,
    string? MaxLagPartition,
    int UnknownLagPartitions,
    string? Problem,
    GroupJudgementDto? Judgement = null);

/// <summary>What the lag of a group means. Null in a group that was not judged yet.</summary>
/// <param name="Word">Burrow's word: OK, WARN or ERR.</param>
/// <param name="TimeLagSeconds">How long the oldest unread record waits; null where it can't be told.</param>
/// <param name="IsTimeLagAtLeast">The record is older than the history; it waits at least so long.</param>
/// <param name="BadPartitions">Partitions worse than OK.</param>
/// <param name="Complete">Share of partitions with a full window, 0 to 1.</param>
/// <param name="CatchUp">done, expected, never or unknown.</param>
/// <param name="CatchUpSeconds">Until all is read; null unless it is expected.</param>
/// <param name="CatchUpLatestSeconds">Null where it may as well never end.</param>
/// <param name="ConsumeRate">Records a second.</param>
/// <param name="Cause">producer-surge, slow-member, stuck-member, hot-partition, too-few-members, rebalancing-storm, open-transaction, broker-trouble or no-members; null where the evidence names none.</param>
/// <param name="AdvisedMembers">Members that would hold the time-lag objective; null where it can't be told.</param>
public sealed record GroupJudgementDto(
    StatusWord Status,
    string Word,
    string Sentence,
    double? TimeLagSeconds,
    bool IsTimeLagAtLeast,
    int BadPartitions,
    double Complete,
    string CatchUp,
    double? CatchUpSeconds,
    double? CatchUpEarliestSeconds,
    double? CatchUpLatestSeconds,
    double? ConsumeRate,
    double? ProduceRate,
    string? Cause,
    string? CauseSentence,
    int? AdvisedMembers,
    string? Advice);

/// <summary>One group with members and lag by partition.</summary>
/// <param name="HistoryTopics">Of a group that reads several topics, those whose history is kept one by one now (object group-topic:{topic}/{group}); null where the group is not judged.</param>
public sealed record GroupDetailDto(GroupDto Group, string Sentence, IReadOnlyList<GroupMemberDto>? Members, IReadOnlyList<GroupPartitionDto>? Partitions, DateTimeOffset? OffsetsAt, LagFeedDto? Feed = null, IReadOnlyList<string>? HistoryTopics = null);

/// <summary>Where the commits that lag is judged by come from.</summary>
/// <param name="Word">following, catching-up, polled, or fallback where following is wanted and not possible.</param>
/// <param name="Clocks">Brokers whose clocks are apart from ours, in a sentence; null where they agree. Judgements are corrected for it.</param>
public sealed record LagFeedDto(string Word, string Sentence, string? Clocks = null);

/// <summary>One member with the partitions assigned to it.</summary>
/// <param name="Tasks">Of a streams group; null of every other.</param>
public sealed record GroupMemberDto(string MemberId, string? InstanceId, string ClientId, string Host, IReadOnlyList<string> Assigned, long? Lag, IReadOnlyList<MemberTasksDto>? Tasks = null);

/// <summary>Tasks of a member in one part of a streams application. Active ones read, the others keep copies of state.</summary>
/// <param name="Kind">active, standby or warm-up.</param>
/// <param name="Partitions">One task for each partition number of the source topics.</param>
public sealed record MemberTasksDto(string Kind, string Subtopology, IReadOnlyList<int> Partitions, IReadOnlyList<string> SourceTopics);

/// <summary>Lag on one partition. TopicExists is false for a commit to a topic that is gone. Of a share group the committed offset is its log end less what Kafka counts as left to do.</summary>
/// <param name="LastStableOffset">Where the first open transaction begins, or the log's end; null where it was not asked for, as where nothing is left to read.</param>
/// <param name="LagToLastStable">What a reader of committed records could read now.</param>
public sealed record GroupPartitionDto(
    string Topic,
    int Partition,
    long? CommittedOffset,
    long? LogEndOffset,
    long? LogStartOffset,
    long? Lag,
    string? MemberId,
    string? ClientId,
    string? Host,
    bool TopicExists,
    PartitionJudgementDto? Judgement = null,
    long? LastStableOffset = null,
    long? LagToLastStable = null);

/// <summary>What the lag of one partition means, with the commits that say so.</summary>
/// <param name="Word">Burrow's word: OK, WARN, STOP, STALL or REWIND.</param>
/// <param name="Reason">The rule that decided, as a stable word.</param>
/// <param name="Confidence">0 (nothing to judge by) to 1.</param>
/// <param name="Window">The commits it was judged by, oldest first.</param>
public sealed record PartitionJudgementDto(
    string Word,
    string Reason,
    string Sentence,
    double Confidence,
    double Complete,
    double? TimeLagSeconds,
    bool IsTimeLagAtLeast,
    string CatchUp,
    double? CatchUpSeconds,
    double? ConsumeRate,
    double? ProduceRate,
    IReadOnlyList<SeenCommitDto> Window);

/// <summary>One commit of a window.</summary>
/// <param name="At">When it was committed; where groups are polled, when it was first seen.</param>
/// <param name="Lag">Messages when it was made; null where not known.</param>
public sealed record SeenCommitDto(long Offset, DateTimeOffset At, long? Lag);

/// <summary>A wish to move the committed offsets of a group. Nothing is changed unless DryRun is false.</summary>
/// <param name="To">earliest, latest, timestamp, shift or offsets.</param>
/// <param name="At">For timestamp: to the first record written at or after it.</param>
/// <param name="Shift">For shift: messages forward, back where negative.</param>
/// <param name="Topics">Only these: a topic, or some of its partitions as in "orders:0,3". All that the group committed where left out.</param>
/// <param name="Offsets">For offsets: what each partition shall get.</param>
/// <param name="Reason">For the audit trail.</param>
public sealed record ResetOffsetsRequest(
    string To,
    DateTimeOffset? At = null,
    long? Shift = null,
    IReadOnlyList<string>? Topics = null,
    IReadOnlyList<OffsetTargetDto>? Offsets = null,
    bool DryRun = true,
    string? Reason = null);

/// <summary>The next offset that a group shall read of a partition.</summary>
/// <param name="Expected">What must still be committed for anything to be done, such as what a preview showed.</param>
public sealed record OffsetTargetDto(string Topic, int Partition, long Offset, long? Expected = null);

/// <summary>A wish to forget what a group committed of some topics. Nothing is changed unless DryRun is false.</summary>
/// <param name="Topics">A topic, or some of its partitions as in "orders:0,3".</param>
public sealed record ForgetOffsetsRequest(IReadOnlyList<string> Topics, bool DryRun = true, string? Reason = null);

/// <summary>A wish to delete a group with all it committed. Nothing is changed unless DryRun is false.</summary>
public sealed record DeleteGroupRequest(bool DryRun = true, string? Reason = null);

/// <summary>What a change to a group's offsets would do, or did.</summary>
/// <param name="Action">reset, forget or delete.</param>
/// <param name="Obstacle">Why it would be refused now, and the way out; null where nothing stands in its way.</param>
/// <param name="NotDone">Partitions that were to be changed and were not, or where that is not known.</param>
public sealed record GroupChangeDto(
    string Group,
    string Action,
    string State,
    int? Members,
    bool IsDryRun,
    string Sentence,
    string? Obstacle,
    IReadOnlyList<OffsetChangeDto> Partitions,
    int NotDone);

/// <summary>One partition of a change to a group's offsets.</summary>
/// <param name="Target">Offset to commit; null where it is forgotten, or can't be told, and then the note says why.</param>
/// <param name="Outcome">After the change: done, unchanged, refused, not-sent or unknown; null in a dry run.</param>
/// <param name="Error">Kafka's error name, or what the network did.</param>
public sealed record OffsetChangeDto(
    string Topic, int Partition, long? Committed, long? Target, long? LagBefore, long? LagAfter, string? Note, string? Outcome, string? Error);
