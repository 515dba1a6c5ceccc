using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>A random cluster that has lost brokers and log dirs, in which a plan can be carried out. Its disks fill by what lies on them.</summary>
internal sealed class LossWorld
{
    private const int Dirs = 3;

    private readonly HashSet<(int Broker, int Dir)> _failed = [];
    private readonly long _dirBytes;
    private int[] _dirOf;

    public LossWorld(int seed)
    {
        var random = new Random(seed);
        var brokers = random.Next(4, 13);
        var down = Enumerable.Range(1, brokers).OrderBy(_ => random.Next()).Take(random.Next(0, Math.Min(4, brokers - 1))).ToArray();
        Model = new LosingCluster(seed)
        {
            Brokers = brokers,
            Racks = random.Next(1, 5),
            Replicas = random.Next(1, 5),
            Topics = random.Next(1, 9),
            Partitions = random.Next(1, 20),
            Down = down,
        }.Build();
        _dirOf = [.. Model.Partitions.ReplicaBroker.Select(_ => random.Next(Dirs))];
        var mean = (double)Enumerable.Range(0, Model.Partitions.ReplicaCount).Sum(SizeOf) / brokers;
        _dirBytes = (long)(mean / Dirs / (0.3 + (random.NextDouble() * 0.6))) + 1;
        if (seed % 2 == 0)
        {
            // Two dirs of one broker that lives on with its third.
            var broker = Enumerable.Range(0, brokers).First(index => !down.Contains(Model.Brokers[index].Id));
            _failed.UnionWith([(broker, 0), (broker, 2)]);
        }

        Model = Model with { Partitions = Model.Partitions with { ReplicaFlags = [.. Enumerable.Range(0, _dirOf.Length).Select(FlagsOf)] } };
        Settle();
    }

    public ClusterModel Model { get; private set; }

    public long SizeOf(int slot) => Model.Load.ReplicaBytes[slot];

    /// <summary>Bytes of a broker's healthy log dirs.</summary>
    public long Capacity(int broker) => _dirBytes * Enumerable.Range(0, Dirs).Count(dir => !_failed.Contains((broker, dir)));

    /// <summary>Bytes on a broker's healthy log dirs.</summary>
    public long Used(int broker) =>
        Enumerable.Range(0, _dirOf.Length).Where(slot => Model.Partitions.ReplicaBroker[slot] == broker && !_failed.Contains((broker, _dirOf[slot]))).Sum(SizeOf);

    public void Apply(RebalancePlan plan)
    {
        var table = Model.Partitions;
        var (brokers, flags) = ((int[])table.ReplicaBroker.Clone(), (ReplicaFlags[])table.ReplicaFlags.Clone());
        var dirs = (int[])_dirOf.Clone();
        foreach (var move in plan.Moves)
        {
            var partition = table.TopicStart[table.FindTopic(move.Topic)] + move.Partition;
            var before = table.ReplicasOf(partition).ToArray();
            for (var place = 0; place < move.After.Length; place++)
            {
                var (slot, broker) = (table.ReplicaStart[partition] + place, Model.FindBroker(move.After[place]));
                var kept = Array.IndexOf(before, broker);
                brokers[slot] = broker;
                flags[slot] = kept < 0 ? ReplicaFlags.InSync : table.ReplicaFlags[table.ReplicaStart[partition] + kept];
                dirs[slot] = kept < 0 ? Enumerable.Range(0, Dirs).First(dir => !_failed.Contains((broker, dir))) : _dirOf[table.ReplicaStart[partition] + kept];
            }
        }

        _dirOf = dirs;
        Model = Model with { Generation = Model.Generation + 1, Partitions = table with { ReplicaBroker = brokers, ReplicaFlags = flags } };
        Settle();
    }

    private ReplicaFlags FlagsOf(int slot) =>
        _failed.Contains((Model.Partitions.ReplicaBroker[slot], _dirOf[slot])) ? ReplicaFlags.Offline : Model.Partitions.ReplicaFlags[slot];

    /// <summary>The first replica in sync leads, and disks hold what lies on them.</summary>
    private void Settle()
    {
        var table = Model.Partitions;
        var leaders = Enumerable.Range(0, table.PartitionCount).Select(p =>
        {
            var place = table.FlagsOf(p).IndexOf(ReplicaFlags.InSync);
            return place < 0 ? -1 : table.ReplicasOf(p)[place];
        });
        Model = Model with { Load = Model.Load with { ReplicaLogDir = [.. _dirOf.Select(dir => (short)dir)] }, Partitions = table with { Leader = [.. leaders] }, Brokers = [.. Model.Brokers.Select((broker, index) => broker with { LogDirs = DirsOf(index) })] };
    }

    private ImmutableArray<LogDir> DirsOf(int broker) =>
    [
        .. from dir in Enumerable.Range(0, Dirs)
           let used = Enumerable.Range(0, _dirOf.Length).Where(slot => Model.Partitions.ReplicaBroker[slot] == broker && _dirOf[slot] == dir).Sum(SizeOf)
           select _failed.Contains((broker, dir))
               ? new LogDir($"/data{dir}", "KAFKA_STORAGE_ERROR", null, null, 0, 0)
               : new LogDir($"/data{dir}", null, _dirBytes, Math.Max(0, _dirBytes - used), Math.Min(used, _dirBytes), 0),
    ];
}
