using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Simulation;

namespace ControlPlane.Benchmarks;

/// <summary>How long the product needs for the picture of one very large cluster: the first one, and one in which 1 % changed.</summary>
internal static class ModelScale
{
    public static SimulationSpec Full { get; } = new() { Brokers = 1_000, Racks = 10, LogDirsPerBroker = 2, Topics = 5_000, PartitionsPerTopic = 100, Groups = 500, Seed = 1 };

    public static SimulationSpec Small { get; } = new() { Brokers = 100, Racks = 10, LogDirsPerBroker = 2, Topics = 1_000, PartitionsPerTopic = 20, Groups = 100, Seed = 1 };

    public static IReadOnlyList<Figure> Run(SimulationSpec spec)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        var clock = Stopclock.Start();
        var kafka = SimulatedKafka.Create(spec, time.GetUtcNow());
        var built = new Figure("build the simulated world (not part of the product's work)", $"{Report.Seconds(clock.CpuSince)} CPU");
        var rounds = new Rounds(kafka, time);

        clock = Stopclock.Start();
        rounds.Topology();
        rounds.Liveness();
        rounds.Offsets();
        rounds.LogDirs();
        rounds.Groups();
        var (all, allWall) = (clock.CpuSince, clock.WallSince);
        var (first, workingSet) = (rounds.Handling, Stopclock.WorkingSet());

        // Twice the interval, so that rates are measured: a full round of numbers on the standing layout.
        time.Pass(TimeSpan.FromSeconds(20));
        rounds.Offsets();
        time.Pass(TimeSpan.FromSeconds(20));
        rounds.Reset();
        rounds.Offsets();
        var offsets = rounds.Handling;
        var changed = ChangeOnePercent(kafka, spec, time);
        rounds.Reset();
        clock = Stopclock.Start();
        rounds.Topology();
        var onePercent = (rounds.Handling, Cpu: clock.CpuSince);
        return
        [
            new($"cluster: {spec.Brokers} brokers, {rounds.Model.Partitions.PartitionCount:N0} partitions, {rounds.Model.Partitions.ReplicaCount:N0} replicas", "", null),
            built,
            new("first full model: samples taken and model built", $"{Report.Seconds(all)} CPU ({Report.Seconds(allWall)} wall)", "5 s CPU"),
            new("of which model building", Report.Seconds(first)),
            new("working set after it, with the simulated world", Report.Megabytes(workingSet), "1.5 GB"),
            new("peak working set of the whole run", Report.Megabytes(Stopclock.PeakWorkingSet())),
            new("round in which every offset moved: model", Report.Milliseconds(offsets)),
            new($"round in which {changed:P1} of partitions changed leader or ISR: model", Report.Milliseconds(onePercent.Handling), "300 ms"),
            new("the same with taking the sample", $"{Report.Milliseconds(onePercent.Cpu)} CPU"),
        ];
    }

    /// <summary>Kills enough brokers that about one partition in a hundred has another leader or ISR; returns the share that changed.</summary>
    private static double ChangeOnePercent(SimulatedKafka kafka, SimulationSpec spec, ManualTime time)
    {
        var before = kafka.PublishPartitions();
        var brokers = Math.Max(1, (int)Math.Round(spec.Brokers * 0.01 / spec.ReplicationFactor));
        for (var broker = 1; broker <= brokers; broker++)
        {
            kafka.Kill(broker);
        }

        time.Pass(TimeSpan.FromSeconds(10));
        kafka.AdvanceTo(time.GetUtcNow());
        var after = kafka.PublishPartitions();
        var changed = Enumerable.Range(0, after.PartitionCount)
            .Count(partition => before.Leader[partition] != after.Leader[partition] || !before.FlagsOf(partition).SequenceEqual(after.FlagsOf(partition)));
        return (double)changed / after.PartitionCount;
    }

    /// <summary>Samples into the same pure logic that the actor runs, with the time that took.</summary>
    private sealed class Rounds(SimulatedKafka kafka, ManualTime time)
    {
        private ClusterState _state = ClusterState.Initial(new ClusterId("scale"), time.GetUtcNow());

        public ClusterModel Model => _state.Model;

        /// <summary>Wall time in the model builder alone, on this one thread.</summary>
        public TimeSpan Handling { get; private set; }

        public void Reset() => Handling = TimeSpan.Zero;

        public void Topology() => Take(SampleKind.Topology, MetadataAnswers.Topology);

        public void Liveness() => Take(SampleKind.Liveness, world => MetadataAnswers.Probe(world, MetadataAnswers.Topology(world).Value!.Brokers));

        public void Offsets() => Take(SampleKind.Offsets, world => LoadAnswers.Offsets(world, Model.Partitions));

        public void LogDirs()
        {
            // In parts of 200 brokers, as the sampler asks.
            foreach (var part in kafka.Brokers.Select(broker => broker.Id).Chunk(200))
            {
                Take(SampleKind.LogDirs, world => LoadAnswers.LogDirs(world, part));
            }
        }

        public void Groups() => Take(SampleKind.Groups, GroupAnswers.All);

        private void Take<T>(SampleKind kind, Func<SimulatedKafka, Sampled<T>> fetch)
            where T : class
        {
            kafka.AdvanceTo(time.GetUtcNow());
            var sample = fetch(kafka);
            var clock = Stopclock.Start();
            _state = ClusterLogic.Handle(_state, new SampleTaken<T>(kind, TimeSpan.FromSeconds(10), sample), time.GetUtcNow()).State;
            Handling += clock.WallSince;
            if (sample.Value is null)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The simulated cluster gave no {kind}: {sample.Failures.FirstOrDefault()?.Message}"));
            }
        }
    }
}
