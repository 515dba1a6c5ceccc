using ControlPlane.Engine.Model;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

/// <summary>A small world at a fixed time, and the questions tests ask of it.</summary>
internal sealed class SimulatedWorld
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 10, 0, 0, TimeSpan.Zero);

    public SimulatedWorld(SimulationSpec? spec = null)
    {
        Spec = spec ?? new SimulationSpec { Brokers = 6, Racks = 3, LogDirsPerBroker = 2, Topics = 8, PartitionsPerTopic = 6, Groups = 4, Seed = 7 };
        Kafka = SimulatedKafka.Create(Spec, Start);
    }

    public SimulationSpec Spec { get; }

    public SimulatedKafka Kafka { get; }

    public PartitionStore Partitions => Kafka.World.Partitions;

    public string FirstTopic => Partitions.Layout.TopicName[FirstTopicIndex];

    private int FirstTopicIndex => Array.IndexOf(Partitions.Layout.TopicInternal, false);

    public int FirstPartition => Partitions.Layout.TopicStart[FirstTopicIndex];

    public void Pass(double seconds) => Kafka.AdvanceTo(Kafka.Clock.Now.AddSeconds(seconds));

    public int[] Replicas(int partition) => [.. Partitions.ReplicasOf(partition).Select(replica => replica.Broker)];

    public int[] InSync(int partition) =>
        [.. Partitions.ReplicasOf(partition).Where(replica => replica.Flags.Has(ReplicaFlags.InSync)).Select(replica => replica.Broker)];

    public long End(int partition) => (long)Kafka.World.EndOf(partition);

    public IEnumerable<int> LedBy(int broker) => Enumerable.Range(0, Partitions.Count).Where(partition => Partitions.Leader(partition) == broker);

    /// <summary>Brokers that don't host the partition.</summary>
    public int[] Others(int partition) => [.. Kafka.Brokers.Select(broker => broker.Id).Except(Replicas(partition))];

    public string? Reassign(int partition, params int[]? target) =>
        Kafka.Reassign([new ReassignmentTarget(Partitions.Layout.TopicName[Partitions.Layout.Topic[partition]], Partitions.Layout.NumberOf(partition), target)])[0];

    /// <summary>Lets time pass until it is so; fails where it isn't within the given virtual time.</summary>
    public TimeSpan PassUntil(Func<bool> condition, double maxSeconds)
    {
        var since = Kafka.Clock.Now;
        while (!condition())
        {
            Assert.True((Kafka.Clock.Now - since).TotalSeconds <= maxSeconds, $"It did not come true within {maxSeconds} s of virtual time.");
            Pass(1);
        }

        return Kafka.Clock.Now - since;
    }

    /// <summary>Everything that a restore has to bring back.</summary>
    public string State() => string.Join(
        '\n',
        Enumerable.Range(0, Partitions.Count).Select(partition =>
            $"{partition}: {Partitions.Leader(partition)} of {string.Join(',', Replicas(partition))} in sync {string.Join(',', InSync(partition))} "
            + $"dirs {string.Join(',', Partitions.ReplicasOf(partition).Select(replica => replica.LogDir))} writes {Kafka.World.Log.IsAccepting(partition)}")
        .Concat(Kafka.Brokers.Select(broker =>
            $"broker {broker.Id} {broker.Life} fenced {broker.IsFenced} {string.Join(',', broker.LogDirs.Select(dir => (dir.IsOffline, dir.FillingSince, dir.SlowBytesPerSecond)))}"))
        .Concat(Kafka.Groups.Select(group => $"{group.Spec.Id} {group.State} {group.Members.Length} {group.IsConsuming}"))
        .Append($"lagging {Kafka.World.Lagging.Count}"));
}
