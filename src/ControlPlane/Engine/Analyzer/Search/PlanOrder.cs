namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>A partition whose replicas or leader the search has changed, before it has a place in the order.</summary>
/// <param name="IsMandatory">A replica of it can't stay where it is, or has to be made.</param>
internal sealed record Pending(int Partition, int[] Slots, bool HasCopies, MoveClass Class, bool IsMandatory);

/// <summary>
/// Puts the changes of a plan in order (optimizer.md 10): leadership first, because it is free; then by class; within a class by what is
/// gained per byte in the state reached, so that whoever stops a plan has had the most for what was copied. A change starts only when its
/// copies fit on the disks, which are freed only when the change that empties them is done.
/// </summary>
internal sealed class PlanOrder(OptimizerProblem problem, Placement target, Bands bands)
{
    /// <summary>Above this share of its volumes no broker is filled, whatever is at stake: a full disk stops the whole broker.</summary>
    public const double FullDisk = 0.95;

    private Placement? _state;
    private readonly List<(Pending Change, int Lane)> _order = [];

    /// <summary>By broker the bytes of replicas that a smaller replication factor drops and that are still there.</summary>
    private readonly double[] _dropping = new double[problem.Arrays.Alive.Length];

    /// <summary>Changes in order, with the load that each relieves most; -1: none.</summary>
    public IReadOnlyList<(Pending Change, int Lane)> Changes => _order;

    /// <summary>Partitions whose list changes its order, beside those that change their replicas; see <see cref="KafkaAssigner"/>.</summary>
    public IReadOnlyDictionary<int, int[]> Orders { get; init; } = new Dictionary<int, int[]>();

    /// <summary>Changes for whose copies no disk ever had room; they are not part of the plan.</summary>
    public List<Pending> LeftOut { get; } = [];

    /// <summary>By broker the most bytes it holds on the way.</summary>
    public double[] PeakDisk { get; } = new double[problem.Arrays.Alive.Length];

    public void Run()
    {
        State.Judge(bands);
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            CountDropped(partition, 1);
        }

        for (var slot = 0; slot < problem.MustMove.Length; slot++)
        {
            // What lies on a failed log dir fills none of its broker's others.
            if (problem.MustMove[slot] && problem.Arrays.Alive[problem.Arrays.Current[slot]])
            {
                State.Move(slot, problem.Nowhere);
            }
        }

        for (var broker = 0; broker < PeakDisk.Length; broker++)
        {
            PeakDisk[broker] = DiskOf(broker);
        }

        var pending = Collect();
        foreach (var change in pending.Where(change => !change.HasCopies))
        {
            Do(change);
        }

        Drain(pending.Where(change => change.HasCopies));
    }

    /// <summary>Adds what only changes log dirs; it crosses no network and goes last.</summary>
    public void AddDirChanges(DirPlacement dirs)
    {
        if (dirs.Load.Length == 0)
        {
            return;
        }

        var known = _order.Select(one => one.Change.Partition).ToHashSet();
        for (var slot = 0; slot < dirs.Dir.Length; slot++)
        {
            var home = dirs.HomeOf(slot);
            if (home >= 0 && dirs.Dir[slot] != home && target.Current[slot] == problem.Arrays.Current[slot] && known.Add(target.Part[slot]))
            {
                _order.Add((new(target.Part[slot], [], HasCopies: false, dirs.IsRemoved[home] ? MoveClass.Capacity : MoveClass.Balance, dirs.IsRemoved[home]), -1));
            }
        }
    }

    /// <summary>What is reached on the way; laid out where the order is made, beside the bound.</summary>
    private Placement State => _state ??= problem.NewPlacement();

    private List<Pending> Collect()
    {
        var (changes, moved, classes) = (new List<Pending>(), new List<int>(), new MoveClasses(problem, target, State, bands));
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            var (start, end) = (problem.Arrays.Start[partition], problem.Arrays.Start[partition + 1]);
            moved.Clear();
            for (var slot = start; slot < end; slot++)
            {
                if (target.Current[slot] != problem.Arrays.Current[slot])
                {
                    moved.Add(slot);
                }
            }

            if (moved.Count > 0 || target.Lead[partition] != problem.Arrays.Lead[partition] || HasDropped(partition) || Orders.ContainsKey(partition))
            {
                changes.Add(new(partition, [.. moved], moved.Count > 0, classes.Of(partition, moved), moved.Exists(slot => problem.MustMove[slot])));
            }
        }

        return changes;
    }

    private double DiskOf(int broker) => State.LoadOf(broker, Lane.Disk) + _dropping[broker];

    private void CountDropped(int partition, int sign)
    {
        if (!HasDropped(partition))
        {
            return;
        }

        var own = problem.ModelSlot.AsSpan(problem.Arrays.Start[partition]..problem.Arrays.Start[partition + 1]);
        for (var slot = problem.Model.Start[partition]; slot < problem.Model.Start[partition + 1]; slot++)
        {
            _dropping[problem.Model.Broker[slot]] += own.Has(slot) ? 0 : sign * State.DiskOf(partition);
        }
    }

    private bool HasDropped(int partition) =>
        problem.Model.ReplicasOf(partition) > problem.Arrays.Start[partition + 1] - problem.Arrays.Start[partition];

    /// <summary>A lazy heap: what comes off the top is scored anew and goes back if it is no longer the best. What has no room yet waits, even for less urgent ones.</summary>
    private void Drain(IEnumerable<Pending> changes)
    {
        var heap = new PriorityQueue<Pending, QueueRank>(QueueRank.Order);
        foreach (var change in changes)
        {
            heap.Enqueue(change, RankOf(change));
        }

        var waiting = new List<Pending>();
        while (heap.Count > 0 || waiting.Count > 0)
        {
            if (!heap.TryDequeue(out var change, out var known))
            {
                BreakTie(waiting);
                waiting.ForEach(one => heap.Enqueue(one, RankOf(one)));
                waiting.Clear();
                continue;
            }

            var rank = RankOf(change);
            if (rank.CompareTo(known) > 0 && heap.TryPeek(out _, out var next) && rank.CompareTo(next) > 0)
            {
                heap.Enqueue(change, rank);
                continue;
            }

            if (!Fits(change, isPhysical: false))
            {
                waiting.Add(change);
                continue;
            }

            Do(change);
            Release(change, waiting, heap);
        }
    }

    private void Release(Pending done, List<Pending> waiting, PriorityQueue<Pending, QueueRank> heap)
    {
        if (waiting.Count == 0)
        {
            return;
        }

        var freed = done.Slots.Select(slot => problem.Arrays.Current[slot]).ToHashSet();
        foreach (var one in waiting.Where(one => one.Slots.Any(slot => freed.Contains(target.Current[slot]))).ToList())
        {
            waiting.Remove(one);
            heap.Enqueue(one, RankOf(one));
        }
    }

    /// <summary>All that is left waits for room. What must be done may fill a disk beyond its limit, but never beyond what it can hold; else it is left out and said.</summary>
    private void BreakTie(List<Pending> waiting)
    {
        var forced = waiting.Where(change => (change.IsMandatory || change.Class != MoveClass.Balance) && Fits(change, isPhysical: true)).MinBy(RankOf);
        if (forced is not null)
        {
            waiting.Remove(forced);
            Do(forced);
            return;
        }

        var last = waiting.MaxBy(RankOf)!;
        waiting.Remove(last);
        LeftOut.Add(last);
        TakeBack(last);
    }

    /// <summary>In the target, everything of the change is as it was at the start.</summary>
    public void TakeBack(Pending change)
    {
        foreach (var slot in change.Slots)
        {
            target.Move(slot, problem.Arrays.Current[slot]);
        }

        if (target.Lead[change.Partition] != problem.Arrays.Lead[change.Partition])
        {
            target.TransferLeadership(change.Partition, problem.Arrays.Lead[change.Partition]);
        }
    }

    /// <summary>What is lost: least safe first, then least to copy, so that who stops the plan has had the most for its bytes.</summary>
    private QueueRank RankOf(Pending change) => problem.Wish.Mode == OptimizerMode.FixOffline && change.Class is MoveClass.DataAtRisk or MoveClass.Offline
        ? new(change.Class, MoveClasses.LivingInSync(problem, change.Partition), State.DiskOf(change.Partition), change.Partition)
        : new(change.Class, 0, -Score(change), change.Partition);

    private double Score(Pending change)
    {
        var (gain, bytes) = (0.0, 1.0);
        foreach (var slot in change.Slots)
        {
            gain -= State.MoveDelta(slot, target.Current[slot]);
            bytes += State.DiskOf(change.Partition);
        }

        return gain / bytes;
    }

    private bool Fits(Pending change, bool isPhysical)
    {
        foreach (var slot in change.Slots)
        {
            var to = target.Current[slot];
            var size = State.DiskOf(change.Partition);
            var full = (problem.Arrays.DiskCapacity[to] * FullDisk) - problem.Arrays.DiskForeign[to];

            // Where limits can't hold, the best effort is searched by higher ones, which may be more than a disk has.
            var limit = isPhysical ? full : Math.Min(full, bands.Hard[(to * Lane.Count) + Lane.Disk]);
            if (size > 0 && DiskOf(to) + size > limit)
            {
                return false;
            }
        }

        return true;
    }

    private void Do(Pending change)
    {
        var lane = Relieves(change);
        foreach (var slot in change.Slots)
        {
            var to = target.Current[slot];
            PeakDisk[to] = Math.Max(PeakDisk[to], DiskOf(to) + State.DiskOf(change.Partition));
            State.Move(slot, to);
        }

        if (State.Lead[change.Partition] != target.Lead[change.Partition])
        {
            State.TransferLeadership(change.Partition, target.Lead[change.Partition]);
        }

        CountDropped(change.Partition, -1);
        _order.Add((change, lane));
    }

    /// <summary>The load that was worst on the brokers it touches: the reason a person is told.</summary>
    private int Relieves(Pending change)
    {
        var (worst, cost) = (-1, 0.0);
        foreach (var slot in change.Slots)
        {
            Look(State.Current[slot]);
            Look(target.Current[slot]);
        }

        Look(BrokerOf(State, State.Lead[change.Partition]));
        Look(BrokerOf(target, target.Lead[change.Partition]));
        return worst;

        void Look(int broker)
        {
            // Leadership relieves nothing of what every replica weighs.
            for (var lane = 0; lane < Lane.Count; lane++)
            {
                var isMoved = change.HasCopies || lane is Lane.Cpu or Lane.BytesOut or Lane.Leaders or Lane.LeaderBytesIn;
                var one = isMoved ? bands.LaneCost((broker * Lane.Count) + lane, State.LoadOf(broker, lane)) : 0;
                (worst, cost) = one > cost ? (lane, one) : (worst, cost);
            }
        }
    }

    private int BrokerOf(Placement placement, int slot) => slot < 0 ? problem.Nowhere : placement.Current[slot];
}

/// <summary>Place in the queue: the class, then who survives, then the gain per byte (negated), then the partition so that ties are the same in every run.</summary>
internal readonly record struct QueueRank(MoveClass Class, int Survivors, double Score, int Partition) : IComparable<QueueRank>
{
    /// <summary>The framework's own comparer of a type is compiled at run time.</summary>
    public static IComparer<QueueRank> Order { get; } = new Comparer();

    public int CompareTo(QueueRank other) =>
        Class != other.Class ? Class.CompareTo(other.Class) : Survivors != other.Survivors ? Survivors.CompareTo(other.Survivors) : Score != other.Score ? Score.CompareTo(other.Score) : Partition.CompareTo(other.Partition);

    private sealed class Comparer : IComparer<QueueRank>
    {
        public int Compare(QueueRank x, QueueRank y) => x.CompareTo(y);
    }
}
