namespace ControlPlane.Simulation;

/// <summary>
/// Copies data to the replicas that lag, in steps on the grid of whole seconds: each step shares the bandwidth of disks, networks and
/// throttles among them. Runs only while some replica can make progress, so a healthy world costs nothing.
/// </summary>
internal sealed class Replication(WorldState world, Leadership leadership, SimulatedConfigs configs)
{
    public static readonly TimeSpan ReplicaLagTimeMax = TimeSpan.FromSeconds(30);

    /// <summary>Share of disk and network that catching up may take; the rest serves the traffic of the day.</summary>
    public const double HeadroomShare = 0.7;

    /// <summary>A gap in time is walked in at most this many steps.</summary>
    private const int MaxSteps = 3_600;

    private const int Rounds = 4;

    private readonly ReplicationBudget _budget = new(world, configs);
    private readonly long[] _copiedTo = new long[world.Brokers.Length];
    private readonly List<Copy> _copies = [];
    private DateTimeOffset _last;
    private bool _running;

    /// <summary>Raised after each step: replicas may have joined the ISR, disks may have filled.</summary>
    public event Action? Stepped;

    /// <summary>Bytes copied to a broker's lagging replicas since the world began.</summary>
    public long CopiedTo(int broker) => _copiedTo[broker - 1];

    /// <summary>To be called after every change that could let a replica progress.</summary>
    public void EnsureRunning()
    {
        if (!_running && world.Lagging.Count > 0 && world.Lagging.All().Any(CanCopy))
        {
            (_running, _last) = (true, world.Now);
            ScheduleStep();
        }
    }

    private void ScheduleStep()
    {
        var behind = world.Clock.Horizon - world.Now;
        var step = Math.Max(1, (long)Math.Ceiling(behind.TotalSeconds / MaxSteps));
        var seconds = (world.Now.UtcTicks / TimeSpan.TicksPerSecond) + step;
        world.Clock.ScheduleAt(new DateTimeOffset(seconds * TimeSpan.TicksPerSecond, TimeSpan.Zero), Step);
    }

    private void Step()
    {
        var elapsed = (world.Now - _last).TotalSeconds;
        _last = world.Now;
        _copies.Clear();
        foreach (var replica in world.Lagging.All())
        {
            if (CanCopy(replica))
            {
                _copies.Add(CopyOf(replica));
            }
        }

        if (_copies.Count == 0)
        {
            _running = false;
            return;
        }

        _budget.Begin(elapsed);
        for (var round = 0; round < Rounds; round++)
        {
            _budget.Share(_copies);
        }

        foreach (var copy in _copies)
        {
            Progress(copy);
        }

        Stepped?.Invoke();
        ScheduleStep();
    }

    private bool CanCopy(LaggingReplica replica)
    {
        var leader = world.Partitions.Leader(replica.Partition);
        return world.Broker(replica.Broker).IsReplicating
            && leader > 0 && leader != replica.Broker
            && world.Broker(leader).Life is BrokerLife.Running or BrokerLife.ShuttingDown
            && world.Partitions.FindSlot(replica.Partition, replica.Broker) is var slot and >= 0
            && !world.LogDirOf(slot).IsOffline;
    }

    private Copy CopyOf(LaggingReplica replica)
    {
        var partition = replica.Partition;
        var end = world.EndOf(partition);
        var start = world.Log.Start(partition, end);
        if (replica.Position < start)
        {
            (replica.Position, replica.CopiedFrom) = (start, start); // what retention took needs no copying
        }

        var slot = world.Partitions.FindSlot(partition, replica.Broker);
        var bytes = (end - replica.Position) * world.Log.TopicOf(partition).MessageBytes;
        var throttled = !world.Partitions.IsInSync(slot);
        return new Copy(replica, slot, bytes)
        {
            Limits = _budget.LimitsOf(partition, slot, world.Partitions.Leader(partition), throttled),
        };
    }

    private void Progress(Copy copy)
    {
        var (replica, partition) = (copy.Replica, copy.Replica.Partition);
        _copiedTo[replica.Broker - 1] += (long)copy.Granted;
        if (copy.IsHungry)
        {
            replica.Position += copy.Granted / world.Log.TopicOf(partition).MessageBytes;
            if (world.Partitions.IsInSync(copy.Slot) && world.Now - replica.CaughtUpAt > ReplicaLagTimeMax)
            {
                leadership.LeaveIsr(partition, copy.Slot);
            }

            return;
        }

        (replica.Position, replica.CaughtUpAt) = (world.EndOf(partition), world.Now);
        if (!world.Partitions.IsInSync(copy.Slot) && leadership.IsEligible(copy.Slot))
        {
            leadership.JoinIsr(partition, copy.Slot);
        }

        if (world.LogDirOf(copy.Slot).SlowBytesPerSecond is null && world.Partitions.IsInSync(copy.Slot))
        {
            world.Lagging.Forget(partition, replica.Broker);
        }
    }
}

/// <summary>What one lagging replica wants in a step and gets.</summary>
internal sealed class Copy(LaggingReplica replica, int slot, double wanted)
{
    public LaggingReplica Replica { get; } = replica;

    public int Slot { get; } = slot;

    /// <summary>Bytes.</summary>
    public double Wanted { get; } = wanted;

    public double Granted { get; private set; }

    public bool IsHungry => Granted < Wanted;

    /// <summary>Which budgets it draws from; -1 for those that don't apply.</summary>
    public required ReplicationLimits Limits { get; init; }

    /// <summary>Less than a byte missing is nothing missing: sums of shares don't meet their total exactly.</summary>
    public void Grant(double bytes) => Granted = Wanted - Granted - bytes < 1 ? Wanted : Granted + bytes;
}

/// <summary>Indexes of budgets: source network, destination network, destination disk, leader and follower throttle.</summary>
internal readonly record struct ReplicationLimits(int Out, int In, int Disk, int LeaderThrottle, int FollowerThrottle)
{
    public const int Count = 5;

    public int this[int index] => index switch
    {
        0 => Out,
        1 => In,
        2 => Disk,
        3 => LeaderThrottle,
        _ => FollowerThrottle,
    };
}
