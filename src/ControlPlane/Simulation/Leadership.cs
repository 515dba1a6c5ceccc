using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>The controller's rules for leaders and in-sync replicas, in KRaft. Never elects a replica that isn't in sync.</summary>
internal sealed class Leadership(WorldState world)
{
    /// <summary>Partitions a pass of the automatic preferred election moves at most.</summary>
    private const int AutomaticElections = 1_000;

    private static readonly TimeSpan AutomaticInterval = TimeSpan.FromSeconds(300);

    private readonly PartitionStore _partitions = world.Partitions;
    private bool _mayDiffer;

    /// <summary>auto.leader.rebalance.enable is on by default: leaders go home within five minutes.</summary>
    public void StartAutomaticElections() => world.Clock.Schedule(AutomaticInterval, () =>
    {
        if (_mayDiffer)
        {
            ElectPreferredEverywhere();
        }

        StartAutomaticElections();
    });

    /// <summary>Whether the replica in this slot may lead or be in sync, as the controller sees it.</summary>
    public bool IsEligible(int slot) => world.Broker(_partitions.Broker(slot)).IsEligible && !world.LogDirOf(slot).IsOffline;

    /// <summary>Keeps the leader where it may stay, else takes the first in-sync replica in order; none: no leader.</summary>
    public void Elect(int partition)
    {
        var first = -1;
        for (var slot = _partitions.First(partition); slot < _partitions.End(partition); slot++)
        {
            if (_partitions.IsInSync(slot) && IsEligible(slot))
            {
                if (_partitions.Broker(slot) == _partitions.Leader(partition))
                {
                    RefreshWrites(partition);
                    return;
                }

                first = first < 0 ? slot : first;
            }
        }

        MoveLeader(partition, first < 0 ? -1 : _partitions.Broker(first));
    }

    /// <summary>Null, or Kafka's error name.</summary>
    public string? ElectPreferred(int partition)
    {
        var slot = _partitions.First(partition);
        if (_partitions.Broker(slot) == _partitions.Leader(partition))
        {
            return "ELECTION_NOT_NEEDED";
        }

        if (!_partitions.IsInSync(slot) || !IsEligible(slot))
        {
            return "PREFERRED_LEADER_NOT_AVAILABLE";
        }

        MoveLeader(partition, _partitions.Broker(slot));
        return null;
    }

    /// <summary>Takes a replica out of the ISR unless it is the last of it. It starts to lag from where it is.</summary>
    public void LeaveIsr(int partition, int slot)
    {
        if (!_partitions.IsInSync(slot) || _partitions.CountInSync(partition) == 1)
        {
            return;
        }

        _partitions.SetFlags(slot, _partitions.Flags(slot) & ~ReplicaFlags.InSync);
        world.Lagging.Track(partition, _partitions.Broker(slot), world.EndOf(partition), world.Now);
        world.MetadataRecords++;
        RefreshWrites(partition);
    }

    public void JoinIsr(int partition, int slot)
    {
        _partitions.SetFlags(slot, _partitions.Flags(slot) | ReplicaFlags.InSync);
        world.MetadataRecords++;
        RefreshWrites(partition);
    }

    /// <summary>Producers use acks=all: a partition takes writes while its leader answers and enough replicas are in sync.</summary>
    public void RefreshWrites(int partition)
    {
        var leader = _partitions.Leader(partition);
        var accepting = leader > 0
            && world.Broker(leader).Life is BrokerLife.Running or BrokerLife.ShuttingDown
            && _partitions.CountInSync(partition) >= _partitions.MinInSync(partition);
        world.Log.SetAccepting(partition, accepting, world.Now);
    }

    private void MoveLeader(int partition, int broker)
    {
        var old = _partitions.Leader(partition);
        if (old == broker)
        {
            RefreshWrites(partition);
            return;
        }

        _partitions.SetLeader(partition, broker);
        world.MetadataRecords++;
        _mayDiffer = true;
        if (broker > 0)
        {
            world.Lagging.Forget(partition, broker); // the log end is the leader's by definition
        }

        if (old > 0 && _partitions.FindSlot(partition, old) is var slot and >= 0 && world.LogDirOf(slot).SlowBytesPerSecond is not null)
        {
            world.Lagging.Track(partition, old, world.EndOf(partition), world.Now);
        }

        RefreshWrites(partition);
    }

    private void ElectPreferredEverywhere()
    {
        var (moved, left) = (0, false);
        for (var partition = 0; partition < _partitions.Count && moved < AutomaticElections; partition++)
        {
            if (_partitions.Broker(_partitions.First(partition)) != _partitions.Leader(partition))
            {
                var done = ElectPreferred(partition) is null;
                moved += done ? 1 : 0;
                left |= !done;
            }
        }

        _mayDiffer = left || moved == AutomaticElections;
    }
}
