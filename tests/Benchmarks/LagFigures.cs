using System.Diagnostics;
using System.Globalization;
using System.Text;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Benchmarks;

/// <summary>The store of a million partitions of groups: what it takes, how fast commits go in, how fast all of them are judged.</summary>
internal static class LagFigures
{
    public const int Full = 50_000;
    public const int Small = 2_500;

    private const int PartitionsOfGroup = 20;
    private const int Topics = 2_500;
    private const int PartitionsOfTopic = 40;
    private const int Commits = 12;
    private const int CommitEvery = 5_000;
    private const long Start = 1_700_000_000_000;

    /// <param name="words">Only figures whose name holds one of these; all when empty.</param>
    public static async Task<IReadOnlyList<Figure>> RunAsync(int groups, string[] words, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        bool Is(string name) => words.Length == 0 || words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));
        if (Is("store") || Is("evaluate") || Is("commit") || Is("metrics"))
        {
            var (ends, shard) = Fill(groups, figures);
            if (Is("evaluate"))
            {
                Evaluate(shard, figures);
            }

            if (Is("metrics"))
            {
                figures.AddRange(await LagScrapes.RunAsync(shard, Start + 190_000, cancellationToken));
            }

            GC.KeepAlive(ends);
        }

        if (groups == Full && Is("windows"))
        {
            figures.Add(Lines());
        }

        return figures;
    }

    private static (EndOffsetStore Ends, LagShard Shard) Fill(int groups, List<Figure> figures)
    {
        var names = Enumerable.Range(0, groups).Select(i => $"payments-service-consumer-{i:00000}").ToArray();
        var topics = Enumerable.Range(0, Topics).Select(i => $"orders.events.v1.{i:0000}").ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var ends = new EndOffsetStore();
        for (var poll = 0; poll < ends.Points; poll++)
        {
            Poll(ends, topics, poll);
        }

        var afterEnds = GC.GetTotalMemory(forceFullCollection: true);
        var shard = new LagShard(new LagStoreOptions(), ends);
        var clock = Stopclock.Start();
        for (var round = 0; round < Commits; round++)
        {
            Commit(shard, names, topics, round);
        }

        var time = clock.CpuSince;
        var after = GC.GetTotalMemory(forceFullCollection: true);
        figures.Add(new Figure($"store: {shard.Partitions:N0} partitions of {shard.Groups:N0} groups, 10 commits each", $"{(after - afterEnds) / 1e6:0} MB, {(double)(after - afterEnds) / shard.Partitions:0} bytes each"));
        figures.Add(new Figure($"store: end offsets of {Topics * PartitionsOfTopic:N0} partitions, {ends.Points} points over a day", $"{(afterEnds - before) / 1e6:0} MB"));
        figures.Add(new Figure("store: together", $"{(after - before) / 1e6:0} MB", "300 MB"));
        figures.Add(new Figure("commits into the store, by name, a second of CPU", string.Create(CultureInfo.InvariantCulture, $"{Commits * (double)shard.Partitions / time.TotalSeconds:#,0}")));
        return (ends, shard);
    }

    private static void Poll(EndOffsetStore ends, string[] topics, int poll)
    {
        for (var topic = 0; topic < topics.Length; topic++)
        {
            var id = ends.IdOf(topics[topic]);
            for (var partition = 0; partition < PartitionsOfTopic; partition++)
            {
                ends.Add(id, partition, 1_000_000 + (poll * 500L) + partition, Start + (poll * 10_000L), 0);
            }
        }
    }

    /// <summary>Groups read eight partitions out of ten to the end, and fall behind on the others.</summary>
    private static void Commit(LagShard shard, string[] names, string[] topics, int round)
    {
        var now = Start + 130_000 + (round * CommitEvery);
        for (var group = 0; group < names.Length; group++)
        {
            for (var at = 0; at < PartitionsOfGroup; at++)
            {
                var offset = 1_000_000 + (round * 100L) + (at % 10 < 8 ? 9_000 : 0);
                shard.Commit(names[group], topics[(group + (at / 4)) % topics.Length], ((group * 7) + at) % PartitionsOfTopic, new CommitPoint(offset, now, ((long)round * names.Length * PartitionsOfGroup) + (group * PartitionsOfGroup) + at, now + 20));
            }
        }
    }

    private static void Evaluate(LagShard shard, List<Figure> figures)
    {
        foreach (var mode in (LagMode[])[LagMode.Default, LagMode.Burrow, LagMode.Default, LagMode.Burrow])
        {
            var clock = Stopclock.Start();
            var (partitions, bad, lag) = EvaluateAll(shard, mode, Start + 190_000);
            figures.Add(new Figure($"evaluate all {partitions:N0}, {mode} rules, one thread ({bad:N0} groups not OK, lag {lag:N0})", $"{Report.Milliseconds(clock.CpuSince)} CPU ({Report.Milliseconds(clock.WallSince)} wall)", "1 s"));
        }
    }

    private static (long Partitions, int Bad, long Lag) EvaluateAll(LagShard shard, LagMode mode, long now)
    {
        var (snapshot, verdicts) = (new LagSnapshot(), new LagVerdict[1024]);
        var (partitions, bad, lag) = (0L, 0, 0L);
        for (var place = 0; place < shard.Places; place++)
        {
            if (!shard.TryRead(place, snapshot))
            {
                continue;
            }

            for (var at = 0; at < snapshot.Count; at++)
            {
                verdicts[at] = mode == LagMode.Burrow ? BurrowRules.Judge(snapshot.BurrowWindow(at, now)) : DefaultRules.Judge(snapshot.Window(at, now), LagPolicy.Usual);
            }

            var group = GroupLagVerdict.Of(verdicts.AsSpan(0, snapshot.Count));
            (partitions, bad, lag) = (partitions + group.Partitions, bad + (group.Status > GroupLagStatus.Ok ? 1 : 0), lag + group.TotalLag);
        }

        return (partitions, bad, lag);
    }

    /// <summary>kcp lag evaluate as it is built, on a file of windows.</summary>
    private static Figure Lines()
    {
        const int Count = 500_000;
        var root = OptimizerTable.Root();
        Shell($"'{root}/kcp' --version"); // builds it, where its sources changed
        var file = Path.GetTempFileName();
        try
        {
            var commits = string.Join(',', Enumerable.Range(0, 10).Select(i => $$"""{"offset":{{1_000_000 + i * 500}},"timestamp":{{Start + i * 5_000}},"lag":{{100 + i}}}"""));
            using (var writer = new StreamWriter(file, append: false, new UTF8Encoding(false)))
            {
                for (var i = 0; i < Count; i++)
                {
                    writer.WriteLine($$"""{"group":"payments-{{i / 20}}","topic":"orders","partition":{{i % 20}},"now":{{Start + 60_000}},"allowedLag":0,"minimumComplete":0,"window":10,"commits":[{{commits}}],"endOffsets":[1004700,1004800,1004900]}""");
                }
            }

            var size = new FileInfo(file).Length;
            var clock = Stopwatch.StartNew();
            Shell($"dotnet '{root}/.artifacts/run/publish/ControlPlane.Cli/release/kcp.dll' lag evaluate --mode burrow < '{file}' > /dev/null");
            return new Figure(
                $"windows: kcp lag evaluate, {Count:N0} lines of {size / Count} bytes, start of the process included",
                string.Create(CultureInfo.InvariantCulture, $"{Report.Seconds(clock.Elapsed)}, {Count / clock.Elapsed.TotalSeconds:#,0} windows a second"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Shell(string command)
    {
        using var run = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]))!;
        run.WaitForExit();
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} ended with {run.ExitCode}");
        }
    }
}
