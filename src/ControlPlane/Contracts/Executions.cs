namespace ControlPlane.Contracts;

/// <summary>
/// A plan being carried out. State: preparing, running, pausing, paused, cancelling, cleaning-up, verifying, done, cancelled or failed.
/// </summary>
/// <param name="Sentence">Where it stands, with numbers.</param>
/// <param name="Owner">Name of the process that works on it; null between owners.</param>
/// <param name="BytesDone">Copied so far; at most BytesTotal.</param>
/// <param name="EtaSeconds">From the measured rate; null while none is measured.</param>
/// <param name="Residue">What is left that a person should know: throttles that could not be removed, partitions that differ; empty where nothing is.</param>
public sealed record ExecutionDto(
    Guid Id,
    Guid PlanId,
    string Cluster,
    string State,
    StatusWord Status,
    string Sentence,
    string StartedBy,
    string? Owner,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    int MovesTotal,
    int MovesDone,
    int MovesRunning,
    int MovesFailed,
    long BytesTotal,
    long BytesDone,
    double? BytesPerSecond,
    double? EtaSeconds,
    int MovesPerBroker,
    long? ThrottleBytesPerSecond,
    IReadOnlyList<string> Residue);

/// <summary>An execution with its journal, its throttles and its final check.</summary>
/// <param name="Journal">Oldest first.</param>
public sealed record ExecutionDetailDto(
    ExecutionDto Execution,
    IReadOnlyList<JournalEntryDto> Journal,
    IReadOnlyList<ThrottleDto> Throttles,
    VerificationDto? Verification);

/// <summary>One stored transition.</summary>
public sealed record JournalEntryDto(long Sequence, DateTimeOffset At, long Epoch, string Kind, StatusWord Status, string Sentence);

/// <summary>One throttle of ours: where, what stood before, and whether it stands still.</summary>
/// <param name="Resource">"broker 4" or "topic orders".</param>
/// <param name="Before">Value that stood before us; null where none did.</param>
/// <param name="State">owed, set or restored.</param>
public sealed record ThrottleDto(string Resource, string Key, string Value, string? Before, string State);

/// <summary>The independent check of the real replica lists against the plan.</summary>
public sealed record VerificationDto(DateTimeOffset At, bool Matches, int Checked, IReadOnlyList<string> Differences);

/// <summary>One move of an execution. State: pending, submitted, running, done, reverting, reverted, failed or dropped.</summary>
/// <param name="Problem">Why it failed or was dropped.</param>
public sealed record ExecutionMoveDto(
    int Order,
    string Topic,
    int Partition,
    IReadOnlyList<int> Before,
    IReadOnlyList<int> After,
    string State,
    long? Bytes,
    long? BytesDone,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? Problem);

/// <summary>A wish for a running execution, with the reason for the audit trail.</summary>
public sealed record ExecutionActionRequest(string? Reason = null);

/// <summary>How to stop. Mode: finish-in-flight (what moves now ends its move) or revert-in-flight (what moves now goes back).</summary>
public sealed record CancelExecutionRequest(string Mode, string? Reason = null);

/// <summary>New limits for what has not begun, and a new throttle at once; null leaves as it is, a throttle of 0 removes it.</summary>
public sealed record ExecutionLimitsRequest(int? MovesPerBroker = null, long? ThrottleBytesPerSecond = null, string? Reason = null);
