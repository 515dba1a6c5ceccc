namespace ControlPlane.Simulation;

/// <summary>The bytes that networks, disks and throttles let through in one step, shared among those who draw from them.</summary>
internal sealed class ReplicationBudget
{
    private readonly WorldState _world;
    private readonly SimulatedConfigs _configs;
    private readonly double[] _left;
    private readonly double[] _weights;
    private readonly bool[] _isSlow;
    private readonly int _dirsPerBroker;

    public ReplicationBudget(WorldState world, SimulatedConfigs configs)
    {
        (_world, _configs) = (world, configs);
        _dirsPerBroker = world.Brokers.Max(broker => broker.LogDirs.Length);
        _left = new double[world.Brokers.Length * (4 + _dirsPerBroker)];
        (_weights, _isSlow) = (new double[_left.Length], new bool[_left.Length]);
    }

    public void Begin(double seconds)
    {
        foreach (var broker in _world.Brokers)
        {
            var at = At(broker.Id);
            _left[at] = _left[at + 1] = broker.NetworkBytesPerSecond * Replication.HeadroomShare * seconds;
            _left[at + 2] = (_configs.LeaderThrottle(broker.Id) ?? 0) * seconds;
            _left[at + 3] = (_configs.FollowerThrottle(broker.Id) ?? 0) * seconds;
            for (var dir = 0; dir < broker.LogDirs.Length; dir++)
            {
                _left[at + 4 + dir] = broker.LogDirs[dir].WriteBytesPerSecond * Replication.HeadroomShare * seconds;
                _isSlow[at + 4 + dir] = broker.LogDirs[dir].SlowBytesPerSecond is not null;
            }
        }
    }

    /// <summary>A replica that is in sync is exempt from throttles, as in Kafka.</summary>
    public ReplicationLimits LimitsOf(int partition, int slot, int leader, bool throttled)
    {
        var follower = _world.Partitions.Broker(slot);
        return new ReplicationLimits(
            At(leader),
            At(follower) + 1,
            At(follower) + 4 + _world.Partitions.LogDir(slot),
            throttled && _configs.LeaderThrottle(leader) is not null && _configs.IsLeaderThrottled(partition, leader) ? At(leader) + 2 : -1,
            throttled && _configs.FollowerThrottle(follower) is not null && _configs.IsFollowerThrottled(partition, follower) ? At(follower) + 3 : -1);
    }

    /// <summary>One round: everyone who still wants bytes gets the smallest of its shares. What nobody took is left for the next round.</summary>
    public void Share(List<Copy> copies)
    {
        Array.Clear(_weights);
        foreach (var copy in copies)
        {
            for (var i = 0; i < ReplicationLimits.Count && copy.IsHungry; i++)
            {
                if (copy.Limits[i] is var index and >= 0)
                {
                    _weights[index] += Weight(copy, index);
                }
            }
        }

        foreach (var copy in copies)
        {
            if (copy.IsHungry)
            {
                Grant(copy);
            }
        }
    }

    private void Grant(Copy copy)
    {
        var share = copy.Wanted - copy.Granted;
        for (var i = 0; i < ReplicationLimits.Count; i++)
        {
            if (copy.Limits[i] is var index and >= 0)
            {
                var weight = Weight(copy, index);
                share = Math.Min(share, weight >= _weights[index] ? _left[index] : _left[index] * weight / _weights[index]);
                _weights[index] -= weight;
            }
        }

        copy.Grant(share);
        for (var i = 0; i < ReplicationLimits.Count; i++)
        {
            if (copy.Limits[i] is var index and >= 0)
            {
                _left[index] = Math.Max(0, _left[index] - share);
            }
        }
    }

    /// <summary>Networks and throttles serve all alike. A slow disk takes what comes, so that whoever writes more waits more and nobody busy keeps up.</summary>
    private double Weight(Copy copy, int index) => _isSlow[index] ? copy.Wanted - copy.Granted : 1;

    private int At(int broker) => (broker - 1) * (4 + _dirsPerBroker);
}
