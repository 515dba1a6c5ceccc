using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Optimize;

/// <summary>The summary of a search as JSON. Written by hand: reflection would cost a cold process more than a small search.</summary>
internal static class SummaryJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(OptimizeRun run)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            WriteOutcome(json, run);
            WritePrice(json, run);
            WriteGoals(json, run.Result);
            WriteRemarks(json, run);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteOutcome(Utf8JsonWriter json, OptimizeRun run)
    {
        var result = run.Result;
        json.WriteString("outcome", OutcomeWords.Of(result.Outcome));
        json.WriteString("sentence", OutcomeWords.Sentence(run));
        WriteAll(json, "proof", result.Proofs.Concat(result.SoftProofs), proof =>
        {
            json.WriteString("constraint", proof.Constraint);
            json.WriteBoolean("hard", result.Proofs.Contains(proof));
            Number(json, "missing", proof.Missing);
            json.WriteString("sentence", proof.Sentence);
        });
        WriteAll(json, "remedies", result.Proofs.Select(proof => proof.Remedy).OfType<Remedy>(), remedy =>
        {
            json.WriteString("kind", remedy.Kind);
            json.WriteNumber("count", remedy.Count);
            Number(json, "typicalCapacity", remedy.TypicalCapacity);
            json.WriteBoolean("isConstructed", remedy.IsConstructed);
            json.WriteString("sentence", remedy.Sentence);
        });
        json.WriteBoolean("isCut", result.IsCut);
        json.WriteString("cluster", run.Model.Name);
        json.WriteNumber("brokers", run.Model.Brokers);
        json.WriteNumber("partitions", run.Model.Partitions);
        json.WriteNumber("replicas", run.Model.Slots);
        json.WriteString("mode", run.Wish.Mode.ToString());
        json.WriteNumber("seed", run.Wish.Seed);
        json.WriteNumber("threads", run.Wish.Threads);
    }

    private static void WritePrice(Utf8JsonWriter json, OptimizeRun run)
    {
        var result = run.Result;
        Number(json, "readSeconds", Math.Round(run.Read.TotalSeconds, 6));
        Number(json, "seconds", Math.Round(run.Search.TotalSeconds, 6));
        Number(json, "remedySeconds", Math.Round(run.Remedies.TotalSeconds, 6));
        Number(json, "cpuSeconds", Environment.CpuUsage.TotalTime.TotalSeconds); // of the whole process: a busy machine does not lengthen it
        json.WriteNumber("peakMemoryBytes", run.PeakMemoryBytes);
        json.WriteNumber("replicaMoves", result.ReplicaMoves);
        json.WriteNumber("leaderMoves", result.LeaderMoves);
        Number(json, "bytes", result.Bytes);
        Number(json, "lowerBoundBytes", result.Bound?.Bytes ?? double.NaN);
        if (result.Bound is { } bound)
        {
            json.WriteNumber("lowerBoundMoves", bound.Moves);
        }
        else
        {
            json.WriteNull("lowerBoundMoves");
        }

        json.WriteString("placementHash", result.PlacementHash);
    }

    private static void WriteGoals(Utf8JsonWriter json, OptimizerResult result) => WriteAll(json, "goals", result.Goals, goal =>
    {
        json.WriteString("goal", goal.Goal);
        json.WriteBoolean("hard", goal.IsHard);
        json.WriteString("unit", goal.Unit);
        json.WriteNumber("violatedBefore", goal.ViolatedBefore);
        json.WriteNumber("violatedAfter", goal.ViolatedAfter);
        Number(json, "distanceBefore", goal.DistanceBefore);
        Number(json, "distanceAfter", goal.DistanceAfter);
    });

    private static void WriteRemarks(Utf8JsonWriter json, OptimizeRun run)
    {
        var result = run.Result;
        json.WriteStartObject("verdict");
        json.WriteBoolean("isSound", result.Verdict.IsSound);
        WriteTexts(json, "problems", result.Verdict.Problems);
        json.WriteEndObject();
        WriteAll(json, "risks", ResultRisks.Of(run.Model, run.Wish, result), risk =>
        {
            json.WriteString("status", OutcomeWords.Of(risk.Status).ToString().ToUpperInvariant());
            json.WriteString("kind", risk.Kind);
            json.WriteString("sentence", risk.Sentence);
        });
        WriteTexts(json, "notes", result.Notes.Concat(RepairWords.Notes(run.Model, result)));
    }

    private static void WriteAll<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStartObject();
            write(value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>JSON has no word for what is not a number.</summary>
    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
