using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Execution;

/// <summary>The journal in sentences.</summary>
public static class JournalWords
{
    private const int Named = 3;

    public static (Status Status, string Sentence) Describe(ExecutionEvent change, ImmutableArray<ExecutionMove> moves) => change switch
    {
        ExecutionEvent.TakenOver taken => (Status.Ok, $"{taken.Owner} works on it."),
        ExecutionEvent.Prepared => (Status.Ok, "The cluster was read; work begins."),
        ExecutionEvent.PauseAsked pause => (Status.Warn, $"Paused by {pause.By}{Because(pause.Why)}"),
        ExecutionEvent.ResumeAsked resume => (Status.Ok, $"Resumed by {resume.By}{Because(resume.Why)}"),
        ExecutionEvent.CancelAsked cancel => (Status.Warn, $"Cancelled by {cancel.By}: what moves now {(cancel.Mode == CancelMode.RevertInFlight ? "goes back" : "ends its move")}{Because(cancel.Why)}"),
        ExecutionEvent.LimitsChanged limits => (Status.Ok, $"{limits.By} set the limits: {Text(limits.Limits)}{Because(limits.Why)}"),
        ExecutionEvent.ThrottlesRecorded recorded => (Status.Ok, $"{recorded.Notes.Length} throttle entries are to be set; what stood before is kept."),
        ExecutionEvent.ThrottlesSet set => (Status.Ok, $"{set.Keys.Length} throttle entries stand."),
        ExecutionEvent.ThrottlesRemoved removed => (Status.Ok, $"Kafka takes {removed.Keys.Length} throttle entries away."),
        ExecutionEvent.ThrottlesUnanswered unanswered => (Status.Warn, $"No answer about {unanswered.Keys.Length} throttle entries; they may still change."),
        ExecutionEvent.ThrottlesRestored restored => (Status.Ok, $"{restored.Keys.Length} throttle entries are gone; what stood before stands again."),
        ExecutionEvent.ThrottlesOwed owed => (Status.Warn, $"{owed.Keys.Length} throttle entries can't be removed yet: {owed.Why}."),
        ExecutionEvent.CleanupBegan => (Status.Ok, "All moves have ended; throttles are removed."),
        ExecutionEvent.CleanupEnded => (Status.Ok, "The replica lists are checked."),
        ExecutionEvent.Verified verified => verified.Differences.IsEmpty
            ? (Status.Ok, string.Create(CultureInfo.InvariantCulture, $"{verified.Checked} replica lists were checked; all are as they should be."))
            : (Status.Crit, string.Create(CultureInfo.InvariantCulture, $"{verified.Checked} replica lists were checked; {verified.Differences.Length} differ.")),
        ExecutionEvent.Finished finished => (finished.Outcome == ExecutionStage.Failed ? Status.Crit : Status.Ok, $"The execution is {finished.Outcome.ToString().ToLowerInvariant()}."),
        _ => OfMoves(change, moves),
    };

    private static (Status Status, string Sentence) OfMoves(ExecutionEvent change, ImmutableArray<ExecutionMove> moves) => change switch
    {
        ExecutionEvent.MovesSent sent => (Status.Ok, $"Submitted: {Names(sent.Moves, moves)}."),
        ExecutionEvent.MovesUnsent unsent => (Status.Ok, $"Not begun after all: {Names(unsent.Moves, moves)}, because {unsent.Why}."),
        ExecutionEvent.MovesSeen seen => (Status.Ok, $"Kafka moves {Names(seen.Moves, moves)}."),
        ExecutionEvent.MovesDone done => (Status.Ok, $"Done: {Names(done.Moves, moves)}."),
        ExecutionEvent.MovesDoubted doubted => (Status.Warn, $"Waiting with {Names(doubted.Moves, moves)}: {doubted.Why}."),
        ExecutionEvent.MovesCleared cleared => (Status.Ok, $"Going on with {Names(cleared.Moves, moves)}."),
        ExecutionEvent.MovesFailed failed => (Status.Crit, $"Failed: {Names(failed.Moves, moves)}, because {failed.Why}."),
        ExecutionEvent.MovesDropped dropped => (Status.Ok, $"Left out: {Names(dropped.Moves, moves)}, because {dropped.Why}."),
        ExecutionEvent.RevertSent revert => (Status.Warn, $"Taking back {Names(revert.Moves, moves)}: {revert.Why}."),
        ExecutionEvent.RevertRefused refused => (Status.Warn, $"Could not take back {Names(refused.Moves, moves)}: {refused.Why}."),
        ExecutionEvent.RestoreSent restore => (Status.Ok, $"Putting back the order of {Names(restore.Moves, moves)}."),
        ExecutionEvent.MovesReverted reverted => (Status.Warn, $"Back where it was: {Names(reverted.Moves, moves)}."),
        ExecutionEvent.ElectionsSent elected => (Status.Ok, $"Leadership goes to the preferred leader of {Names(elected.Moves, moves)}."),
        _ => throw new InvalidOperationException($"Unhandled execution event {change.GetType().Name}"),
    };

    private static string Names(ImmutableArray<int> orders, ImmutableArray<ExecutionMove> moves)
    {
        var names = string.Join(", ", orders.Take(Named).Select(order => moves[order].Name));
        return orders.Length <= Named ? names : string.Create(CultureInfo.InvariantCulture, $"{names} and {orders.Length - Named} more");
    }

    private static string Text(ExecutionLimits limits) => string.Create(
        CultureInfo.InvariantCulture,
        $"{limits.MovesPerBroker} moves per broker, {(limits.ThrottleBytesPerSecond is { } rate ? $"{rate} bytes/s" : "no throttle")}");

    private static string Because(string? why) => string.IsNullOrWhiteSpace(why) ? "." : $": {why.TrimEnd('.')}.";
}
