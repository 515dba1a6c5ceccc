using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Goals;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Simulation;

namespace ControlPlane.Benchmarks;

/// <summary>How long a plan for two dead brokers takes, check included, and how good it is.</summary>
internal static class PlanFixOffline
{
    private const int Runs = 5;

    private static readonly int[] Dead = [3, 104];

    public static IReadOnlyList<Figure> Run() => [.. Measure(500, 50_000), .. Measure(1_000, 100_000)];

    private static IEnumerable<Figure> Measure(int brokers, int partitions)
    {
        var model = Picture(new SimulationSpec { Brokers = brokers, Racks = 10, LogDirsPerBroker = 2, Topics = partitions / 25, PartitionsPerTopic = 25, Groups = 1, Seed = 1 });
        var (times, plan) = (new List<TimeSpan>(), default(RebalancePlan));
        for (var run = 0; run < Runs; run++)
        {
            var clock = Stopclock.Start();
            var built = OptimizerModels.From(model, BrokerCapacities.Unknown);
            var wish = built.Fit(new OptimizerWish { Mode = OptimizerMode.FixOffline, MandatoryOnly = true });
            plan = OptimizerPlans.From(model, built, Optimizer.Run(built, wish, null, CancellationToken.None), wish, ExecutionLimits.Default, Guid.NewGuid(), model.At);
            times.Add(clock.WallSince);
        }

        var living = plan!.Brokers.Where(broker => broker.IsAlive).ToArray();
        var size = string.Create(CultureInfo.InvariantCulture, $"{brokers:N0} brokers, {model.Partitions.PartitionCount:N0} partitions");
        yield return new($"{size}: median of {Runs}", Report.Milliseconds(times.Order().ElementAt(Runs / 2)), brokers == 500 ? "200 ms" : null);
        yield return new($"{size}: first, cold", Report.Milliseconds(times[0]));
        yield return new($"{size}: moves, to copy, sound", string.Create(CultureInfo.InvariantCulture, $"{plan.Moves.Length:N0}, {plan.Bytes / 1e12:0.00} TB, {(plan.Verdict.IsSound ? "yes" : "NO")}"));
        yield return new($"{size}: max / avg replicas, before and after", $"{Ratio(living, broker => broker.Before.Replicas)}, {Ratio(living, broker => broker.After.Replicas)}");
        yield return new($"{size}: max / avg disk, before and after", $"{Ratio(living, broker => broker.Before.DiskBytes ?? 0)}, {Ratio(living, broker => broker.After.DiskBytes ?? 0)}");
        yield return new($"{size}: partitions that break the rack rule, before and after", $"{RackViolations(model, null)}, {RackViolations(model, plan)}", "0 after");
    }

    private static string Ratio(BrokerChange[] brokers, Func<BrokerChange, double> of) => (brokers.Max(of) / brokers.Average(of)).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Counted from the replica lists alone; lost replicas count before the plan as they stand.</summary>
    private static int RackViolations(ClusterModel model, RebalancePlan? plan)
    {
        var after = plan?.Moves.ToDictionary(move => (move.Topic, move.Partition), move => move.After) ?? [];
        var racks = model.Brokers.Where(FixOfflineRules.IsAlive).Select(broker => broker.Rack).Distinct().Count();
        var broken = 0;
        for (var partition = 0; partition < model.Partitions.PartitionCount; partition++)
        {
            var key = (model.Partitions.TopicName[model.Partitions.Topic[partition]], model.Partitions.NumberOf(partition));
            var ids = after.TryGetValue(key, out var moved) ? moved : [.. model.Partitions.ReplicasOf(partition).ToArray().Select(index => model.Brokers[index].Id)];
            var most = ids.GroupBy(id => model.Brokers[model.FindBroker(id)].Rack).Max(rack => rack.Count());
            broken += most > RackAwareGoal.MostPerRack(ids.Length, racks) ? 1 : 0;
        }

        return broken;
    }

    /// <summary>As the product sees the simulated cluster once the dead ones are fenced.</summary>
    internal static ClusterModel Picture(SimulationSpec spec)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        var kafka = SimulatedKafka.Create(spec, time.GetUtcNow());
        var state = ClusterState.Initial(new ClusterId("plan"), time.GetUtcNow());
        Take(SampleKind.Topology, MetadataAnswers.Topology);
        foreach (var part in kafka.Brokers.Select(broker => broker.Id).Chunk(200))
        {
            Take(SampleKind.LogDirs, world => LoadAnswers.LogDirs(world, part));
        }

        for (var round = 0; round < 2; round++)
        {
            Take(SampleKind.Offsets, world => LoadAnswers.Offsets(world, state.Model.Partitions));
            time.Pass(TimeSpan.FromSeconds(20));
        }

        foreach (var broker in Dead)
        {
            kafka.Kill(broker);
        }

        for (var second = 0; second < 60; second++)
        {
            time.Pass(TimeSpan.FromSeconds(1));
            Take(SampleKind.Topology, MetadataAnswers.Topology);
            Take(SampleKind.Liveness, world => MetadataAnswers.Probe(world, MetadataAnswers.Topology(world).Value!.Brokers));
        }

        var down = state.Model.Brokers.Where(FixOfflineRules.IsDown).Select(broker => broker.Id).ToArray();
        return down.SequenceEqual(Dead) ? state.Model with { Reassigning = [] }
            : throw new InvalidOperationException($"Brokers {string.Join(", ", down)} are down instead of {string.Join(", ", Dead)}.");

        void Take<T>(SampleKind kind, Func<SimulatedKafka, Sampled<T>> fetch)
            where T : class
        {
            kafka.AdvanceTo(time.GetUtcNow());
            state = ClusterLogic.Handle(state, new SampleTaken<T>(kind, TimeSpan.FromSeconds(10), fetch(kafka)), time.GetUtcNow()).State;
        }
    }
}
