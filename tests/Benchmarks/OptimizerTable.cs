using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Benchmarks.OptimizerClusters;
using ControlPlane.Benchmarks.OptimizerJudge;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Benchmarks;

/// <summary>One row of the table: a cluster, what kcp is asked for, and how good it must be.</summary>
/// <param name="Seconds">Cold process without the reading of the file.</param>
/// <param name="ByteRatio">To the lower bound; null: only reported.</param>
internal sealed record OptimizerCase(string Name, Func<OptimizerModel> Model, string Arguments, double Seconds, double? ByteRatio)
{
    /// <summary>Brokers that shall end empty, and those that shall lead nothing.</summary>
    public int[] Without { get; init; } = [];

    public int[] WithoutLeaders { get; init; } = [];

    /// <summary>Where racks are of different sizes the targets differ by rack, and a judge with one target for all can't agree.</summary>
    public bool HasUnevenRacks { get; init; }

    /// <summary>Where the number of replicas changes: to this, for every tenth topic.</summary>
    public int? TenthTopicsTo { get; init; }
}

/// <summary>The table of what the optimizer is measured by: kcp as it ships, one cold process a run, judged by <see cref="Judge"/>.</summary>
internal sealed class OptimizerTable(string root, int runs)
{
    private const int SettleSeed = 7;

    private readonly string _folder = Directory.CreateTempSubdirectory("kcp-optimizer-").FullName;
    private readonly Dictionary<string, OptimizerModel> _settled = [];

    public static async Task<int> RunAsync(bool isSmoke, string[] only, CancellationToken cancellation)
    {
        var root = Root();
        await ExecuteAsync(Path.Combine(root, "kcp"), ["--version"], cancellation); // builds it, where its sources changed
        var table = new OptimizerTable(root, isSmoke ? 1 : 3);
        try
        {
            Console.WriteLine("\n| cluster | process | of it reading | cold without reading | budget | CPU, reading included | bytes / bound | budget | moves / bound | outside before | after | std cpu/in/out/disk % | max/avg | memory |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            var faults = 0;
            foreach (var row in (isSmoke ? table.Smoke() : table.Full()).Where(row => only.Length == 0 || Array.Exists(only, word => row.Name.Contains(word, StringComparison.OrdinalIgnoreCase))))
            {
                faults += await table.MeasureAsync(row, cancellation);
            }

            return faults == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(table._folder, recursive: true);
        }
    }

    private IEnumerable<OptimizerCase> Smoke() =>
    [
        new("S: 30 brokers, skewed", Random("S"), "--band 0.09", 1, null),
        new("S: 1 broker dead", () => ClusterChanges.Kill(Settled("S"), [15]), "--mode fix-offline", 1, null),
    ];

    private IEnumerable<OptimizerCase> Full()
    {
        yield return new("S: 30 brokers, skewed", Random("S"), "--band 0.09", 0.6, 1.05);
        yield return new("CB: 40 brokers, 3k topics", Random("CB"), "--band 0.09", 0.6, 1.05);
        yield return new("H: 200 brokers, 4k big partitions", Random("H"), "--band 0.09", 0.6, 1.06);
        yield return new("M: 500 brokers, 50k partitions, skewed", Random("M"), "--band 0.09", 0.6, 1.05);
        yield return new("M, as it is by default (solved to 5.5 %)", Random("M"), "", 1.2, null);
        yield return new("M, mild skew", Random("M", "--shape", "mild"), "--band 0.09", 0.6, 1.10);
        yield return new("L: 1,000 brokers, 100k partitions", Random("L"), "--band 0.09", 1.2, 1.05);
        yield return new("XL: 4,000 brokers, 500k partitions", Random("XL"), "--band 0.09", 8, 1.05);
        yield return new("XL, as it is by default", Random("XL"), "", 8, 1.05);
        foreach (var row in Scenarios())
        {
            yield return row;
        }

        yield return new("M, tight band of 5 %", Random("M"), "--band 0.05", 1.2, null);
        yield return new("30 brokers in racks of 14, 10, 6", Random("S", "--shape", "uneven-racks"), "--band 0.09", 2, null) { HasUnevenRacks = true };
        yield return new("M in racks 14:10:6", Random("M", "--shape", "uneven-racks"), "--band 0.09", 2, null) { HasUnevenRacks = true };
        yield return new("M, capacities 1 to 2", Random("M", "--shape", "heterogeneous"), "--band 0.09", 2, null);
        yield return new("M, disks 72 % full", Random("M", "--shape", "near-full"), "--band 0.09", 2, null);
    }

    private IEnumerable<OptimizerCase> Scenarios()
    {
        var model = new Lazy<OptimizerModel>(() => Settled("M"));
        int[] two = [125, 375];
        int[] ten = [.. Enumerable.Range(0, 10).Select(number => 25 + (number * 50))];
        int[] many = [.. Enumerable.Range(0, 25).Select(number => 10 + (number * 20))];
        yield return new("M, 2 brokers dead", () => ClusterChanges.Kill(model.Value, two), "--mode fix-offline --band 0.09", 0.2, 1.01);
        yield return new("M, 25 brokers removed", () => model.Value, $"--mode remove --brokers {string.Join(',', many)} --band 0.09", 0.2, 1.01) { Without = many };
        yield return new("M, 10 brokers demoted", () => model.Value, $"--mode demote --brokers {string.Join(',', ten)} --band 0.09", 0.2, 1.01) { WithoutLeaders = ten };
        yield return new("M, load drifted", () => ClusterChanges.Drift(model.Value, SettleSeed), "--band 0.09", 0.2, null);
        yield return new("M, RF 2 to 3 of a tenth", () => ClusterChanges.DropLastOfTenthTopics(model.Value), $"--mode rf --topic {ClusterChanges.TenthTopics} --rf 3 --band 0.09", 0.2, 1.01) { TenthTopicsTo = 3 };
    }

    private static Func<OptimizerModel> Random(string size, params string[] options) =>
        () => RandomCluster.Of(options.Chunk(2).Aggregate(ClusterSpec.Of(size), (spec, pair) => spec.With(pair[0], pair[1])));

    /// <summary>Once balanced with a band that leaves room for what is to come; the same for all rows.</summary>
    private OptimizerModel Settled(string size)
    {
        if (!_settled.TryGetValue(size, out var settled))
        {
            var model = RandomCluster.Of(ClusterSpec.Of(size));
            var changes = Optimizer.Run(model, OptimizerWish.Rebalance with { Bands = new BandSettings(0.05) { SolveSpread = 0.05 } }, null, CancellationToken.None).Changes;
            settled = _settled[size] = Applied(model, changes);
        }

        return settled;
    }

    private static OptimizerModel Applied(OptimizerModel model, IEnumerable<PartitionChange> changes)
    {
        var (broker, lead) = ((int[])model.Broker.Clone(), (int[])model.Lead.Clone());
        foreach (var change in changes)
        {
            change.After.CopyTo(broker, model.Start[change.Partition]);
            lead[change.Partition] = model.Start[change.Partition] + change.After.IndexOf(change.LeaderAfter);
        }

        return model with { Broker = broker, Lead = lead };
    }

    private async Task<int> MeasureAsync(OptimizerCase row, CancellationToken cancellation)
    {
        var (file, placement) = (Path.Combine(_folder, "model.ndjson"), Path.Combine(_folder, "placement.ndjson"));
        ClusterFile.Write(row.Model(), file);
        string[] arguments = ["optimize", "--model", file, "-o", "json", .. row.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var results = new List<(double Wall, JsonElement Summary)>();
        for (var run = 0; run < runs; run++)
        {
            results.Add(await KcpAsync(arguments, cancellation));
        }

        var (wall, best) = results.MinBy(result => result.Wall);
        var (_, told) = await KcpAsync([.. arguments, "--placement", placement], cancellation);
        var before = JudgedCluster.Read(file);
        var after = before.After(placement);
        var (was, now) = (Judge.Of(before, row.Without, row.WithoutLeaders), Judge.Of(after, row.Without, row.WithoutLeaders));
        var moves = Judge.Moves(before, after, old => row.TenthTopicsTo is { } wanted && old.Topic.EndsWith('0') ? wanted : old.Replicas.Length);
        Print(row, wall, best, was, now);
        return Doubts(row, told, [.. results.Select(result => result.Summary)], moves, now);
    }

    private static void Print(OptimizerCase row, double wall, JsonElement summary, Judgement was, Judgement now)
    {
        var read = summary.GetProperty("readSeconds").GetDouble();
        var deviations = string.Join('/', now.StandardDeviations.Select(value => (value * 100).ToString("0.0", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Name} | {wall:0.00} s | {read:0.00} s | {wall - read:0.00} s | {row.Seconds} s | {summary.GetProperty("cpuSeconds").GetDouble():0.00} s | {Ratio(summary, "bytes", "lowerBoundBytes", 1e-12, "TB")} | {row.ByteRatio} | {Ratio(summary, "replicaMoves", "lowerBoundMoves", 1, "")} | {was.All:N0} | {now.Words} | {deviations} | {now.MaxOverMean:0.00} | {summary.GetProperty("peakMemoryBytes").GetInt64() / 1e6:0} MB |"));
    }

    private static string Ratio(JsonElement summary, string what, string bound, double factor, string unit)
    {
        var value = summary.GetProperty(what).GetDouble();
        var text = string.Create(CultureInfo.InvariantCulture, $"{value * factor:#,0.##} {unit}").Trim();
        return summary.GetProperty(bound) is { ValueKind: JsonValueKind.Number } least && least.GetDouble() > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{text} = {value / least.GetDouble():0.00}")
            : text;
    }

    /// <summary>What kcp says of itself and the judge does not find.</summary>
    private static int Doubts(OptimizerCase row, JsonElement told, JsonElement[] others, JudgedMoves moves, Judgement now)
    {
        var doubts = new List<string>(moves.Faults.Take(5));
        if (Array.Exists(others, other => other.GetProperty("placementHash").GetString() != told.GetProperty("placementHash").GetString()))
        {
            doubts.Add("two runs gave two placements");
        }

        if (moves.ReplicaMoves != told.GetProperty("replicaMoves").GetInt32() || Math.Abs(moves.Bytes - told.GetProperty("bytes").GetDouble()) > 1e-6 * moves.Bytes)
        {
            doubts.Add($"it tells {told.GetProperty("replicaMoves")} moves and {told.GetProperty("bytes")} bytes, the judge counts {moves.ReplicaMoves} and {moves.Bytes}");
        }

        var isMet = told.GetProperty("goals").EnumerateArray().All(goal => goal.GetProperty("violatedAfter").GetInt32() == 0);
        if (isMet != (now.All == 0) && !row.HasUnevenRacks && !row.Arguments.Contains("--mode", StringComparison.Ordinal))
        {
            doubts.Add($"it tells that {(isMet ? "every goal is met" : "goals are not met")}, the judge finds: {now.Words}");
        }

        doubts.ForEach(doubt => Console.Error.WriteLine($"{row.Name}: {doubt}"));
        return doubts.Count;
    }

    private async Task<(double Wall, JsonElement Summary)> KcpAsync(string[] arguments, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        var text = await ExecuteAsync("dotnet", [Path.Combine(root, ".artifacts/run/publish/ControlPlane.Cli/release/kcp.dll"), .. arguments], cancellation);
        var wall = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        using var json = JsonDocument.Parse(text);
        return (wall, json.RootElement.Clone());
    }

    private static async Task<string> ExecuteAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var text = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode < 3 ? text : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    internal static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "ControlPlane.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException("This benchmark runs kcp of the checkout it was built from, and found none above it.");
    }
}
