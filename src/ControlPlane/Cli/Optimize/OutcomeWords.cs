using ControlPlane.Cli.Output;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Cli.Optimize;

/// <summary>What came out of a search, in words.</summary>
internal static class OutcomeWords
{
    public static string Of(OutcomeKind outcome) => outcome switch
    {
        OutcomeKind.Ok => "ok",
        OutcomeKind.Infeasible => "infeasible",
        OutcomeKind.NotFound => "not-found",
        _ => throw new InvalidOperationException($"Unhandled outcome {outcome}"),
    };

    public static StatusWord Of(Status status) => status switch
    {
        Status.Ok => StatusWord.Ok,
        Status.Warn => StatusWord.Warn,
        Status.Crit => StatusWord.Crit,
        Status.Maint => StatusWord.Maint,
        _ => StatusWord.Unknown,
    };

    public static StatusWord StatusOf(OptimizeRun run) => run.ExitCode switch
    {
        ExitCode.Ok => StatusWord.Ok,
        ExitCode.Warning => StatusWord.Warn,
        _ => StatusWord.Crit,
    };

    public static string Sentence(OptimizeRun run)
    {
        var result = run.Result;
        var left = result.Goals.Where(goal => goal.ViolatedAfter > 0).Select(goal => $"{goal.Goal} ({Units.Count(goal.ViolatedAfter)} {goal.Unit})").ToArray();
        var goals = left.Length > 0 ? $"Not met: {string.Join(", ", left)}"
            : result.SoftProofs.IsEmpty ? "Every goal is met"
            : $"Every goal is met as far as any placement can, which is not wholly for {string.Join(", ", result.SoftProofs.Select(proof => proof.Constraint))}";
        var cut = result.IsCut ? " The search was ended early." : "";
        var price = result.ReplicaMoves + result.LeaderMoves == 0 && result.Changes.IsEmpty ? "Nothing has to move."
            : $"{Plural(result.ReplicaMoves, "replica")} to move ({Units.Size((long)result.Bytes)}), {Plural(result.LeaderMoves, "leadership")} to change.";
        return result.Outcome == OutcomeKind.Infeasible
            ? $"This can't be reached: {string.Join(" ", result.Proofs.Select(proof => proof.Sentence))} The best that was found: {price}{cut}"
            : $"{(result.Outcome == OutcomeKind.NotFound ? "Not everything that was asked for is done. " : "")}{goals}. {price}{cut}";
    }

    private static string Plural(int count, string noun) => $"{Units.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
