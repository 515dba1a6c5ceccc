using System.Collections.Immutable;
using System.CommandLine;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Files;
using ControlPlane.Engine.Analyzer.Remedies;

namespace ControlPlane.Cli.Optimize;

/// <summary>kcp optimize: a plan for a model file, without a server.</summary>
internal static class OptimizeCommand
{
    /// <summary>Without a deadline of one's own the search for what would help an impossible wish ends by itself: it is beside the plan.</summary>
    private static readonly TimeSpan RemedyTime = TimeSpan.FromSeconds(30);

    public const string Name = "optimize";

    public static Command Create(CommandSet commands)
    {
        var (options, whatIf) = (new OptimizeOptions(), new WhatIfOptions());
        return commands.Define(
            Name, "Find the plan that meets every goal with the fewest bytes, for a cluster in a file; no server is asked. Exit codes: 1 not reached, 2 can't be reached",
            // Elsewhere than on the thread that starts it: Ctrl+C is listened for only once a command has returned its task.
            (run, cancellation) => Task.Run(() => Run(run, options, whatIf, cancellation), CancellationToken.None), [.. options.All, .. whatIf.All]);
    }

    private static ExitCode Run(Invocation run, OptimizeOptions options, WhatIfOptions whatIf, CancellationToken cancellation)
    {
        var (wish, deadline) = (WishOf(run, options), WishWords.Time("--deadline", run.Get(options.Deadline)));
        var begun = run.Console.Time.GetTimestamp();
        var model = ModelFiles.Read(run.Get(options.Model), cancellation);
        var read = run.Console.Time.GetElapsedTime(begun);
        using var plan = ModelFiles.Create("--plan", run.Get(options.Plan));
        using var placement = ModelFiles.Create("--placement", run.Get(options.Placement));
        var done = Search(run, whatIf, model, wish, deadline, cancellation) with { Read = read };
        if (plan is not null)
        {
            PlanFileWriter.Write(done.Model, done.Result.Changes, plan);
        }

        if (placement is not null)
        {
            ModelFileWriter.WritePlacement(done.Model, done.Result.Changes, placement);
        }

        Print(run, done with { PeakMemoryBytes = PeakMemory.Bytes() });
        return done.ExitCode;
    }

    /// <summary>Ctrl+C and the deadline end the search with the best plan so far.</summary>
    private static OptimizeRun Search(Invocation run, WhatIfOptions whatIf, OptimizerModel model, OptimizerWish wish, TimeSpan? deadline, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (deadline is { } time)
        {
            limit.CancelAfter(time);
        }

        var line = run.Console.IsErrorTerminal ? new ProgressLine(run.Console.Error, run.Console.Time) : null;
        var progress = line is null ? null : new RemedyProgress(line);
        var begun = run.Console.Time.GetTimestamp();
        try
        {
            var changed = whatIf.Apply(run, model);
            var result = Optimizer.Run(changed, wish, progress, limit.Token);
            var searched = run.Console.Time.GetElapsedTime(begun);
            if (deadline is null)
            {
                limit.CancelAfter(RemedyTime);
            }

            var completed = RemedySearch.Complete(changed, wish, result, progress, limit.Token);
            return new OptimizeRun(changed, wish, completed, TimeSpan.Zero, searched, 0) { Remedies = run.Console.Time.GetElapsedTime(begun) - searched };
        }
        catch (OptimizerRefusal refusal)
        {
            throw new CliException($"{refusal.Field}: {refusal.Message}", null, "kcp optimize --help", refusal);
        }
        finally
        {
            line?.Clear();
        }
    }

    private static void Print(Invocation run, OptimizeRun done)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Line(SummaryJson.Of(done));
        }
        else
        {
            SummaryTable.Print(run.Printer, done);
        }
    }

    private static OptimizerWish WishOf(Invocation run, OptimizeOptions options)
    {
        var usual = OptimizerWish.Rebalance;
        return usual with
        {
            Mode = run.Get(options.Mode),
            Goals = WishWords.Goals("--goals", run.Get(options.Goals)),
            Bands = BandsOf(run, options),
            Brokers = Ids(options.Brokers),
            OnlyOntoNamed = run.Get(options.OnlyOnto),
            MandatoryOnly = run.Get(options.MandatoryOnly),
            ExcludedTopics = run.Get(options.ExcludeTopics),
            NoReplicasOnto = Ids(options.NoReplicasOnto),
            NoLeadersOnto = Ids(options.NoLeadersOnto),
            Destinations = Ids(options.Destinations),
            Immovable = WishWords.Partitions("--immovable", run.Get(options.Immovable)),
            Topics = run.Get(options.Topic),
            ReplicationFactor = AtLeast("--rf", WishWords.Whole("--rf", run.Get(options.ReplicationFactor)), 1) ?? 0,
            Dirs = WishWords.Dirs("--dirs", run.Get(options.Dirs)),
            Limits = WishWords.Limits("--limit", run.Get(options.Limits)),
            MinLeadersTopics = run.Get(options.MinLeadersTopics),
            MinLeaders = AtLeast("--min-leaders", WishWords.Whole("--min-leaders", run.Get(options.MinLeaders)), 1) ?? usual.MinLeaders,
            BrokerSets = WishWords.Sets("--broker-set", run.Get(options.BrokerSets)),
            ByteBudget = WishWords.Size("--byte-budget", run.Get(options.ByteBudget)),
            MoveBudget = AtLeast("--move-budget", WishWords.Whole("--move-budget", run.Get(options.MoveBudget)), 0),
            Seed = WishWords.Seed("--seed", run.Get(options.Seed)) ?? usual.Seed,
            Threads = AtLeast("--threads", WishWords.Whole("--threads", run.Get(options.Threads)), 1) ?? Environment.ProcessorCount,
            Polish = !run.Get(options.NoPolish),
        };

        ImmutableArray<int> Ids(Option<string?> option) => WishWords.Ids(option.Name, run.Get(option));
    }

    private static BandSettings BandsOf(Invocation run, OptimizeOptions options)
    {
        var usual = OptimizerWish.Rebalance.Bands;
        var band = Within("--band", WishWords.Number("--band", run.Get(options.Band)), 0, 10);
        return usual with
        {
            Spread = band ?? usual.Spread,
            SolveSpread = band ?? usual.SolveSpread,
            CpuLimit = Within("--cpu-limit", WishWords.Number("--cpu-limit", run.Get(options.CpuLimit)), 0, 1) ?? usual.CpuLimit,
            NetworkLimit = Within("--network-limit", WishWords.Number("--network-limit", run.Get(options.NetworkLimit)), 0, 1) ?? usual.NetworkLimit,
            DiskLimit = Within("--disk-limit", WishWords.Number("--disk-limit", run.Get(options.DiskLimit)), 0, 1) ?? usual.DiskLimit,
            ReplicaLimit = Within("--replica-limit", WishWords.Number("--replica-limit", run.Get(options.ReplicaLimit)), 0, 1e9) ?? usual.ReplicaLimit,
        };
    }

    private static double? Within(string option, double? value, double above, double most) =>
        value is null || (value > above && value <= most) ? value
        : throw new CliException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{option} {value} is out of range"), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"above {above}, at most {most}"), "kcp optimize --help");

    private static int? AtLeast(string option, int? value, int least) =>
        value is null || value >= least ? value : throw new CliException($"{option} {value} is out of range", $"at least {least}", "kcp optimize --help");
}
