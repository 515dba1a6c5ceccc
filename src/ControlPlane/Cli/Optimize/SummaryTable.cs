using System.Globalization;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Optimize;

/// <summary>The summary of a search for a person: the sentence first, then goals, price, bound and risks.</summary>
internal static class SummaryTable
{
    public static void Print(Printer printer, OptimizeRun run)
    {
        var result = run.Result;
        printer.Status(OutcomeWords.StatusOf(run), OutcomeWords.Sentence(run));
        printer.Rows(
            result.Goals, "No goal was looked at.",
            Column<GoalOutcome>.Left("goal", row => row.Goal),
            Column<GoalOutcome>.Left("kind", row => row.IsHard ? "hard" : "soft"),
            Column<GoalOutcome>.Right("outside before", row => row.ViolatedBefore),
            Column<GoalOutcome>.Right("after", row => Cell.Bad(row.ViolatedAfter)),
            Column<GoalOutcome>.Left("of", row => row.Unit),
            Column<GoalOutcome>.Right("distance before", row => Distance(row.DistanceBefore)),
            Column<GoalOutcome>.Right("after", row => Distance(row.DistanceAfter)));
        printer.Facts(
            ("cluster", $"{run.Model.Name}: {Units.Count(run.Model.Brokers)} brokers, {Units.Count(run.Model.Partitions)} partitions, {Units.Count(run.Model.Slots)} replicas"),
            ("to copy", Bounded(Units.Size((long)result.Bytes), result.Bound is { } bytes ? Units.Size((long)bytes.Bytes) : null, result.Bytes, result.Bound?.Bytes)),
            ("replica moves", Bounded(Units.Count(result.ReplicaMoves), result.Bound is { } moves ? Units.Count(moves.Moves) : null, result.ReplicaMoves, result.Bound?.Moves)),
            ("leadership changes", Units.Count(result.LeaderMoves)),
            ("time", string.Create(CultureInfo.InvariantCulture, $"{run.Read.TotalSeconds:0.00} s to read, {run.Search.TotalSeconds:0.00} s to search")),
            ("memory", Units.Size(run.PeakMemoryBytes)),
            ("placement", result.PlacementHash));
        PrintRemarks(printer, run);
    }

    private static void PrintRemarks(Printer printer, OptimizeRun run)
    {
        var result = run.Result;
        foreach (var remedy in result.Proofs.Select(proof => proof.Remedy).OfType<Remedy>().DistinctBy(remedy => remedy.Sentence))
        {
            printer.Status(StatusWord.Maint, remedy.Sentence);
        }

        foreach (var problem in result.Verdict.Problems)
        {
            printer.Status(StatusWord.Crit, problem);
        }

        foreach (var risk in ResultRisks.Of(run.Model, run.Wish, result))
        {
            printer.Status(OutcomeWords.Of(risk.Status), risk.Sentence);
        }

        foreach (var note in result.Notes.Concat(RepairWords.Notes(run.Model, result)))
        {
            printer.Line($"Note: {note}");
        }
    }

    private static string Bounded(string price, string? bound, double value, double? least) =>
        bound is null ? price
        : least > 0 ? string.Create(CultureInfo.InvariantCulture, $"{price}; no plan can do with less than {bound} ({value / least:0.00} times that)")
        : $"{price}; no plan can do with less than {bound}";

    private static string Distance(double value) =>
        value <= 0 ? "0" : value < 0.01 ? "< 0.01" : value.ToString("0.##", CultureInfo.InvariantCulture);
}
