using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>Puts replicas on brokers as Kafka does for a new topic: leaders in a circle, followers shifted, racks kept apart where they can be.</summary>
internal sealed class ReplicaPlacement
{
    private readonly SimulatedBroker[] _circle;
    private readonly int _racks;
    private readonly short[] _nextDir;
    private readonly SeededRandom _random;

    public ReplicaPlacement(SimulatedBroker[] brokers, SeededRandom random)
    {
        // One broker of each rack in turn. Racks are given in turn by id, so the ids are that order already.
        (_circle, _random, _nextDir) = (brokers, random, new short[brokers.Length]);
        _racks = brokers.Select(broker => broker.Rack).Distinct(StringComparer.Ordinal).Count();
    }

    /// <summary>The table with replicas, leaders and full ISRs by node id, and the log dir of each replica.</summary>
    public (PartitionTable Table, short[] LogDirs) Place(PartitionTable layout, TopicPlan[] topics)
    {
        var replicaStart = new int[layout.PartitionCount + 1];
        for (var partition = 0; partition < layout.PartitionCount; partition++)
        {
            replicaStart[partition + 1] = replicaStart[partition] + topics[layout.Topic[partition]].ReplicationFactor;
        }

        var (broker, logDir, leader) = (new int[replicaStart[^1]], new short[replicaStart[^1]], new int[layout.PartitionCount]);
        for (var topic = 0; topic < topics.Length; topic++)
        {
            var (first, shift) = (_random.Next(_circle.Length), _random.Next(_circle.Length));
            for (var number = 0; number < topics[topic].Partitions; number++)
            {
                var partition = layout.TopicStart[topic] + number;
                var replicas = broker.AsSpan(replicaStart[partition]..replicaStart[partition + 1]);
                Choose((first + number) % _circle.Length, shift + (number / _circle.Length), replicas);
                leader[partition] = replicas[0];
                for (var i = 0; i < replicas.Length; i++)
                {
                    logDir[replicaStart[partition] + i] = NextLogDir(replicas[i]);
                }
            }
        }

        var flags = new ReplicaFlags[broker.Length];
        Array.Fill(flags, ReplicaFlags.InSync);
        var table = layout with
        {
            Leader = leader,
            LeaderEpoch = new int[leader.Length],
            ReplicaStart = replicaStart,
            ReplicaBroker = broker,
            ReplicaFlags = flags,
        };
        return (table, logDir);
    }

    private void Choose(int first, int shift, Span<int> replicas)
    {
        replicas[0] = _circle[first].Id;
        var place = first + shift;
        for (var i = 1; i < replicas.Length; i++)
        {
            // Two times around at most: the first for a new rack, the second takes any broker that is still free.
            for (var tried = 0; tried < 2 * _circle.Length; tried++)
            {
                place++;
                var candidate = _circle[place % _circle.Length];
                var taken = replicas[..i];
                if (!taken.Contains(candidate.Id) && (tried >= _circle.Length || i >= _racks || IsNewRack(candidate, taken)))
                {
                    replicas[i] = candidate.Id;
                    break;
                }
            }
        }
    }

    private bool IsNewRack(SimulatedBroker candidate, ReadOnlySpan<int> taken)
    {
        foreach (var id in taken)
        {
            if (string.Equals(_circle[id - 1].Rack, candidate.Rack, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private short NextLogDir(int broker)
    {
        var dir = _nextDir[broker - 1];
        _nextDir[broker - 1] = (short)((dir + 1) % _circle[broker - 1].LogDirs.Length);
        return dir;
    }
}
