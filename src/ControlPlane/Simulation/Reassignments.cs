using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>Where the replicas of a partition shall be, preferred leader first; null cancels what runs.</summary>
internal sealed record ReassignmentTarget(string Topic, int Partition, IReadOnlyList<int>? Replicas);

/// <summary>Partition reassignments (KIP-455) as KRaft handles them from 3.8 on: union of lists, copy, commit in one step.</summary>
internal sealed class Reassignments(WorldState world, Leadership leadership)
{
    private readonly PartitionStore _partitions = world.Partitions;
    private readonly SortedSet<int> _running = [];
    private readonly Dictionary<int, int[]> _inLogDir = [];
    private readonly Dictionary<(int Partition, int Broker), short> _wishedDir = [];

    /// <summary>Partitions being reassigned, by index.</summary>
    public IReadOnlyCollection<int> Running => _running;

    /// <summary>One answer per target, in order: null, or Kafka's error name.</summary>
    /// <param name="allowReplicationFactorChange">KIP-860: false refuses a target of another length.</param>
    public string?[] Submit(IReadOnlyList<ReassignmentTarget> targets, bool allowReplicationFactorChange)
    {
        var (errors, changes) = (new string?[targets.Count], new SortedDictionary<int, ReplicaSlot[]>());
        _inLogDir.Clear();
        for (var i = 0; i < targets.Count; i++)
        {
            var partition = _partitions.Find(targets[i].Topic, targets[i].Partition);
            errors[i] = partition < 0 ? "UNKNOWN_TOPIC_OR_PARTITION"
                : targets[i].Replicas is { } replicas ? Begin(partition, replicas, allowReplicationFactorChange, changes)
                : Cancel(partition, changes);
        }

        Apply(changes);
        CommitReady();
        return errors;
    }

    /// <summary>Inside a broker a copy takes no time here. For a replica that is still to come the wish is kept, as Kafka keeps it.</summary>
    public string? MoveLogDir(int partition, int broker, string path)
    {
        var dir = (short)Array.FindIndex(world.Broker(broker).LogDirs, one => one.Path == path);
        if (dir < 0)
        {
            return "LOG_DIR_NOT_FOUND";
        }

        if (world.Broker(broker).LogDirs[dir].IsOffline)
        {
            return "KAFKA_STORAGE_ERROR";
        }

        var replicas = _partitions.ReplicasOf(partition);
        var place = Array.FindIndex(replicas, replica => replica.Broker == broker);
        if (place < 0)
        {
            _wishedDir[(partition, broker)] = dir;
            return "REPLICA_NOT_AVAILABLE";
        }

        replicas[place] = replicas[place] with { LogDir = dir };
        _partitions.Replace(new SortedDictionary<int, ReplicaSlot[]> { [partition] = replicas });
        return null;
    }

    /// <summary>Commits each reassignment of which every target replica is in sync.</summary>
    public void CommitReady()
    {
        var changes = new SortedDictionary<int, ReplicaSlot[]>();
        foreach (var partition in _running)
        {
            if (IsReady(partition))
            {
                changes.Add(partition, [.. _partitions.ReplicasOf(partition)
                    .Where(replica => (replica.Flags & ReplicaFlags.Removing) == ReplicaFlags.None)
                    .Select(replica => replica with { Flags = replica.Flags & ~ReplicaFlags.Adding })]);
            }
        }

        foreach (var partition in changes.Keys)
        {
            _running.Remove(partition);
        }

        Apply(changes);
    }

    private string? Begin(int partition, IReadOnlyList<int> target, bool allowReplicationFactorChange, SortedDictionary<int, ReplicaSlot[]> changes)
    {
        if (target.Count == 0 || target.Distinct().Count() != target.Count || !target.All(world.HasBroker))
        {
            return "INVALID_REPLICA_ASSIGNMENT";
        }

        // Differences are taken from the union that is stored now, also when another reassignment runs: KRaft does so, too.
        var current = changes.GetValueOrDefault(partition) ?? _partitions.ReplicasOf(partition);
        if (!allowReplicationFactorChange && target.Count != current.Count(replica => (replica.Flags & ReplicaFlags.Removing) == ReplicaFlags.None))
        {
            return "INVALID_REPLICATION_FACTOR";
        }

        var next = target.Select(broker => SlotFor(partition, broker, current)).ToList();
        next.AddRange(current
            .Where(replica => !target.Contains(replica.Broker))
            .Select(replica => replica with { Flags = (replica.Flags & ~ReplicaFlags.Adding) | ReplicaFlags.Removing }));
        changes[partition] = [.. next];
        _running.Remove(partition);
        if (next.Exists(replica => (replica.Flags & (ReplicaFlags.Adding | ReplicaFlags.Removing)) != ReplicaFlags.None))
        {
            _running.Add(partition);
        }

        return null;
    }

    private ReplicaSlot SlotFor(int partition, int broker, ReplicaSlot[] current)
    {
        foreach (var replica in current)
        {
            if (replica.Broker == broker)
            {
                return replica with { Flags = replica.Flags & ~(ReplicaFlags.Adding | ReplicaFlags.Removing) };
            }
        }

        var start = world.Log.Start(partition, world.EndOf(partition));
        world.Lagging.Forget(partition, broker);
        world.Lagging.Track(partition, broker, start, world.Now).CopiedFrom = start;
        var offline = world.Broker(broker).IsFenced ? ReplicaFlags.Offline : ReplicaFlags.None;
        var dir = _wishedDir.Remove((partition, broker), out var wished) ? wished : EmptiestLogDir(broker);
        return new ReplicaSlot(broker, ReplicaFlags.Adding | offline, dir);
    }

    /// <summary>Kafka places a new replica in the log dir with the fewest partitions, not the most space.</summary>
    private short EmptiestLogDir(int broker)
    {
        var dirs = world.Broker(broker).LogDirs;
        if (!_inLogDir.TryGetValue(broker, out var counts))
        {
            _inLogDir.Add(broker, counts = new int[dirs.Length]);
            foreach (var slot in _partitions.SlotsOf(broker))
            {
                counts[_partitions.LogDir(slot)]++;
            }
        }

        var best = 0;
        for (var dir = 1; dir < dirs.Length; dir++)
        {
            if (dirs[best].IsOffline || (!dirs[dir].IsOffline && counts[dir] < counts[best]))
            {
                best = dir;
            }
        }

        counts[best]++;
        return (short)best;
    }

    /// <summary>Drops adding replicas at once. The order of the others stays as the submission left it: Kafka doesn't restore it.</summary>
    private string? Cancel(int partition, SortedDictionary<int, ReplicaSlot[]> changes)
    {
        if (!_running.Contains(partition))
        {
            return "NO_REASSIGNMENT_IN_PROGRESS";
        }

        var current = changes.GetValueOrDefault(partition) ?? _partitions.ReplicasOf(partition);
        var kept = current.Where(replica => (replica.Flags & ReplicaFlags.Adding) == ReplicaFlags.None)
            .Select(replica => replica with { Flags = replica.Flags & ~ReplicaFlags.Removing })
            .ToArray();
        if (!Array.Exists(kept, replica => (replica.Flags & ReplicaFlags.InSync) != ReplicaFlags.None))
        {
            return "INVALID_REPLICA_ASSIGNMENT"; // it would take an unclean election
        }

        changes[partition] = kept;
        _running.Remove(partition);
        return null;
    }

    private bool IsReady(int partition)
    {
        for (var slot = _partitions.First(partition); slot < _partitions.End(partition); slot++)
        {
            if ((_partitions.Flags(slot) & (ReplicaFlags.Removing | ReplicaFlags.InSync)) == ReplicaFlags.None)
            {
                return false;
            }
        }

        return true;
    }

    private void Apply(SortedDictionary<int, ReplicaSlot[]> changes)
    {
        var before = changes.Keys.ToDictionary(partition => partition, _partitions.ReplicasOf);
        _partitions.Replace(changes);
        foreach (var (partition, replicas) in changes)
        {
            foreach (var gone in before[partition].Where(old => !Array.Exists(replicas, replica => replica.Broker == old.Broker)))
            {
                world.Lagging.Forget(partition, gone.Broker);
            }

            world.MetadataRecords++;
            leadership.Elect(partition);
        }
    }
}
