using System.Collections.Immutable;
using System.Globalization;

namespace ControlPlane.Engine.Execution;

/// <summary>What a list shows of an execution.</summary>
/// <param name="Word">preparing, running, pausing, paused, cancelling, cleaning-up, verifying, done, cancelled or failed.</param>
public sealed record ExecutionSummary(
    string Word, int Moves, int Done, int Running, int Failed, long Bytes, long BytesDone, ImmutableArray<string> Residue, bool IsCancelled)
{
    public static ExecutionSummary Of(ExecutionState state) => new(
        WordOf(state),
        state.Moves.Length,
        state.Moves.Count(move => move.State == MoveState.Done),
        state.Moves.Count(move => move.IsInFlight),
        state.Moves.Count(move => move.State == MoveState.Failed),
        state.Moves.Sum(move => move.Plan.Bytes ?? 0),
        state.Moves.Sum(move => move.State == MoveState.Done ? move.Plan.Bytes ?? 0 : 0),
        ResidueOf(state),
        state.Cancel != CancelMode.None);

    /// <summary>One line for a person.</summary>
    public string Sentence => string.Create(
        CultureInfo.InvariantCulture,
        $"{Beginning}{Done} of {Moves} moves are done{(Running > 0 ? $", {Running} under way" : "")}{(Failed > 0 ? $", {Failed} failed" : "")}{Ending}.");

    private string Beginning => Word == "cancelled" ? "Cancelled: " : IsCancelled ? "Being cancelled: " : "";

    private string Ending => Word switch
    {
        "cleaning-up" => "; our throttles are removed now",
        "verifying" => "; the replica lists are checked now",
        "cancelled" when Moves - Done - Failed is > 0 and var rest => string.Create(CultureInfo.InvariantCulture, $", {rest} dropped or taken back"),
        _ => "",
    };

    private static string WordOf(ExecutionState state) => state.Stage switch
    {
        ExecutionStage.Preparing => "preparing",
        ExecutionStage.Moving when state.Cancel != CancelMode.None => "cancelling",
        ExecutionStage.Moving when state.IsPauseAsked => state.Moves.Any(move => move.IsInFlight) ? "pausing" : "paused",
        ExecutionStage.Moving => "running",
        ExecutionStage.CleaningUp => "cleaning-up",
        ExecutionStage.Verifying => "verifying",
        ExecutionStage.Done => "done",
        ExecutionStage.Cancelled => "cancelled",
        ExecutionStage.Failed => "failed",
        _ => throw new InvalidOperationException($"Unhandled stage {state.Stage}"),
    };

    /// <summary>What was left at the end, without the throttles that could be removed since.</summary>
    private static ImmutableArray<string> ResidueOf(ExecutionState state)
    {
        if (state.Result is not { } result)
        {
            return [];
        }

        var paid = state.Throttles.Values.Where(throttle => !throttle.IsOpen).Select(throttle => throttle.Key.ToString()).ToHashSet();
        return [.. result.Residue.Where(line => !paid.Any(key => line.StartsWith(key + " is still", StringComparison.Ordinal)))];
    }
}
