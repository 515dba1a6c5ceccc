using ControlPlane.Contracts;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>Executions as the API tells them: what is stored, with what the owner measures where it answers.</summary>
internal static class ExecutionRows
{
    public static string[] MoveStates { get; } = [.. Enum.GetValues<MoveState>().Select(Word).Where(word => word != "restoring")];

    public static ExecutionDto Make(StoredExecution stored, LiveExecution? live)
    {
        var summary = live is null ? stored.Summary : ExecutionSummary.Of(live.State);
        var limits = live?.State.Limits ?? stored.Limits;
        var isOpen = stored.FinishedAt is null;
        var progress = isOpen ? live?.Progress : null;
        return new ExecutionDto(
            stored.Id,
            stored.Plan,
            stored.Cluster.Value,
            summary.Word,
            StatusOf(summary),
            summary.Sentence,
            stored.StartedBy,
            isOpen ? stored.Owner : null,
            stored.StartedAt,
            stored.FinishedAt,
            summary.Moves,
            summary.Done,
            summary.Running,
            summary.Failed,
            summary.Bytes,
            Math.Min(summary.Bytes, Math.Max(summary.BytesDone, progress?.BytesDone ?? 0)),
            progress?.BytesPerSecond,
            progress?.EtaSeconds,
            limits.MovesPerBroker,
            limits.ThrottleBytesPerSecond,
            summary.Residue);
    }

    public static ExecutionDetailDto Detail(ExecutionHistory history, LiveExecution? live) => new(
        Make(history.Execution, live),
        [.. history.Journal.Select(entry => Entry(entry, history.State))],
        [.. history.State.Throttles.Values.OrderBy(throttle => throttle.Key.Resource, StringComparer.Ordinal).ThenBy(throttle => throttle.Key.Key, StringComparer.Ordinal).Select(Throttle)],
        history.State.Verdict is { } verdict ? new VerificationDto(verdict.At, verdict.Differences.IsEmpty, verdict.Checked, [.. verdict.Differences]) : null);

    public static ExecutionMoveDto Move(ExecutionMove move, LiveExecution? live) => new(
        move.Order,
        move.Plan.Topic,
        move.Plan.Partition,
        [.. move.Plan.Before],
        [.. move.Plan.After],
        Word(move.State),
        move.Plan.Bytes,
        move.State == MoveState.Done ? move.Plan.Bytes : live?.Progress.BytesByMove.TryGetValue(move.Order, out var bytes) == true ? bytes : null,
        move.StartedAt,
        move.FinishedAt,
        move.Problem ?? move.Doubt?.Why);

    /// <summary>Putting the order back is a part of reverting.</summary>
    public static string Word(MoveState state) => state == MoveState.Restoring ? "reverting" : state.ToString().ToLowerInvariant();

    private static JournalEntryDto Entry(StoredEvent entry, ExecutionState state)
    {
        var (status, sentence) = JournalWords.Describe(entry.Event, state.Moves);
        return new JournalEntryDto(entry.Sequence, entry.Event.At, entry.Epoch, KindOf(entry.Event), WordOf(status), sentence);
    }

    private static string KindOf(ExecutionEvent change) => string.Concat(change.GetType().Name.Select((letter, place) =>
        char.IsUpper(letter) ? (place == 0 ? "" : "-") + char.ToLowerInvariant(letter) : letter.ToString()));

    private static ThrottleDto Throttle(Throttle throttle) => new(throttle.Key.Resource, throttle.Key.Key, throttle.Value, throttle.Before, throttle.State switch
    {
        ThrottleState.Recorded or ThrottleState.Set or ThrottleState.Removed => "set",
        ThrottleState.Owed => "owed",
        ThrottleState.Restored => "restored",
        _ => throw new InvalidOperationException($"Unhandled throttle state {throttle.State}"),
    });

    private static StatusWord StatusOf(ExecutionSummary summary) => summary.Word switch
    {
        "failed" => StatusWord.Crit,
        "cancelled" or "paused" or "pausing" or "cancelling" => StatusWord.Warn,
        _ => summary.Failed > 0 || !summary.Residue.IsEmpty ? StatusWord.Warn : StatusWord.Ok,
    };

    private static StatusWord WordOf(Status status) => status switch
    {
        Status.Ok => StatusWord.Ok,
        Status.Warn => StatusWord.Warn,
        Status.Crit => StatusWord.Crit,
        _ => StatusWord.Unknown,
    };
}
