namespace ControlPlane.Simulation;

/// <summary>What is true in the simulated world now. The classes beside it each change one aspect of it; none keeps a copy.</summary>
internal sealed class WorldState(SimulationSpec spec, WorldClock clock, SimulatedBroker[] brokers, PartitionStore partitions, ProducedLog log)
{
    public SimulationSpec Spec { get; } = spec;

    public WorldClock Clock { get; } = clock;

    public DateTimeOffset Now => Clock.Now;

    public SimulatedBroker[] Brokers { get; } = brokers;

    public PartitionStore Partitions { get; } = partitions;

    public ProducedLog Log { get; } = log;

    public LaggingReplicas Lagging { get; } = new();

    /// <summary>Records the controller wrote for changes; heartbeat records come on top.</summary>
    public long MetadataRecords { get; set; }

    public bool HasBroker(int id) => id >= 1 && id <= Brokers.Length;

    public SimulatedBroker Broker(int id) => Brokers[id - 1];

    public SimulatedLogDir LogDirOf(int slot) => Broker(Partitions.Broker(slot)).LogDirs[Partitions.LogDir(slot)];

    public double EndOf(int partition) => Log.EndPosition(partition, Now);

    /// <summary>Bytes of a replica on its disk now.</summary>
    public long BytesOf(int partition, int slot)
    {
        var end = EndOf(partition);
        double start = Log.Start(partition, end);
        if (Lagging.Count > 0 && Lagging.Find(partition, Partitions.Broker(slot)) is { } lagging)
        {
            start = Math.Max(start, lagging.CopiedFrom);
            end = Math.Max(start, lagging.Position);
        }

        return (long)((end - start) * Log.TopicOf(partition).MessageBytes);
    }

    /// <summary>Bytes of all replicas in a log dir, by looking at each replica of its broker.</summary>
    public long BytesIn(int broker, int logDir)
    {
        var bytes = 0L;
        foreach (var slot in Partitions.SlotsOf(broker))
        {
            if (Partitions.LogDir(slot) == logDir)
            {
                bytes += BytesOf(Partitions.PartitionOf(slot), slot);
            }
        }

        return bytes;
    }
}
