using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer;

/// <summary>A step that changed the placement, enough to take it back. <paramref name="Slot"/> moved, or led before.</summary>
public readonly record struct PlacementStep(int Partition, int Slot, int From, bool IsLeadership);

/// <summary>
/// Who holds what and what that weighs; every step is O(1). Owned by one planner run, never shared. Rows after the brokers are the hosts
/// that carry several of them: CPU and network are theirs.
/// </summary>
public sealed class Placement
{
    private readonly int[][] _replicas;
    private readonly int[] _count;
    private readonly int[] _position;

    /// <summary>By slot where its loads begin in the vectors: the one thing that every look at a replica needs, in one place.</summary>
    private readonly int[] _vector;
    private readonly int[]? _hostRow;

    public Placement(PlacementArrays arrays)
    {
        (Arrays, Current, Lead) = (arrays, (int[])arrays.Current.Clone(), (int[])arrays.Lead.Clone());
        Brokers = arrays.Alive.Length;
        Hosts = new HostRows(arrays);
        Rows = Brokers + Hosts.Count;
        _hostRow = Hosts.Count == 0 ? null : Hosts.RowOf;
        Part = PartitionOfSlot(arrays);
        Load = new double[Rows * Lane.Count];
        Penalty = new double[Rows];
        (_replicas, _count, _position) = (new int[Brokers][], new int[Brokers], new int[Current.Length]);
        foreach (var broker in Current)
        {
            _count[broker]++;
        }

        for (var broker = 0; broker < Brokers; broker++)
        {
            (_replicas[broker], _count[broker]) = (new int[_count[broker] + 16], 0);
        }

        _vector = new int[Current.Length];
        for (var slot = 0; slot < Current.Length; slot++)
        {
            _vector[slot] = VectorOf(Part[slot], Lead[Part[slot]] == slot);
            AttachLoad(slot, Current[slot]);
        }

        Counts = new TopicCounts(arrays, Current);
        Bands = new Bands(Rows, arrays.Topics);
    }

    /// <summary>A copy to make steps on of a placement on which none was made.</summary>
    internal Placement(Placement first, PlacementArrays arrays)
    {
        (Arrays, Current, Lead) = (arrays, (int[])first.Current.Clone(), (int[])first.Lead.Clone());
        (Brokers, Hosts, Rows, _hostRow, Part) = (first.Brokers, first.Hosts, first.Rows, first._hostRow, first.Part);
        (Load, Penalty) = ((double[])first.Load.Clone(), new double[Rows]);
        (_count, _position, _vector) = ((int[])first._count.Clone(), (int[])first._position.Clone(), (int[])first._vector.Clone());
        _replicas = [.. first._replicas.Select(list => (int[])list.Clone())];
        Counts = new TopicCounts(first.Counts, Current);
        Bands = new Bands(Rows, arrays.Topics);
    }

    /// <summary>
    /// The same replicas with other loads or leaders, to make copies of and no steps on: what did not change is shared. Rows that carry a
    /// changed partition are summed anew in the order of slots, so that every sum is the same as if all had been.
    /// </summary>
    internal Placement(Placement first, PlacementArrays arrays, IReadOnlyList<int> changed, bool[] dirty)
    {
        (Arrays, Current, Lead) = (arrays, first.Current, arrays.Lead);
        (Brokers, Hosts, Rows, _hostRow, Part) = (first.Brokers, first.Hosts, first.Rows, first._hostRow, first.Part);
        (_replicas, _count, _position, Counts, Penalty, Bands) = (first._replicas, first._count, first._position, first.Counts, first.Penalty, first.Bands);
        (Load, _vector) = ((double[])first.Load.Clone(), (int[])first._vector.Clone());
        foreach (var partition in changed)
        {
            for (var slot = arrays.Start[partition]; slot < arrays.Start[partition + 1]; slot++)
            {
                _vector[slot] = VectorOf(partition, Lead[partition] == slot);
            }
        }

        SumAnew(dirty);
    }

    public PlacementArrays Arrays { get; }

    public int Brokers { get; }

    public HostRows Hosts { get; }

    /// <summary>Brokers and the hosts that carry several of them.</summary>
    public int Rows { get; }

    /// <summary>Broker of each slot now; <see cref="PlacementArrays.Current"/> keeps where it was: the reference of what a plan costs.</summary>
    public int[] Current { get; }

    public int[] Lead { get; }

    public int[] Part { get; }

    /// <summary>Eight lanes per row.</summary>
    public double[] Load { get; }

    public double[] Penalty { get; }

    public TopicCounts Counts { get; }

    public Bands Bands { get; private set; }

    public ReadOnlySpan<int> ReplicasOf(int broker) => _replicas[broker].AsSpan(0, _count[broker]);

    public int CountOf(int broker) => _count[broker];

    public double LoadOf(int row, int lane) => Load[(row * Lane.Count) + lane];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double DiskOf(int partition) => Arrays.Vec[(partition * 16) + Lane.Disk];

    /// <summary>Where the loads of a slot begin in <see cref="PlacementArrays.Vec"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int VectorOfSlot(int slot) => _vector[slot];

    /// <summary>Bytes of a slot's replica.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double SizeOf(int slot) => Arrays.Vec[_vector[slot] + Lane.Disk];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Leads(int slot) => (_vector[slot] & Lane.Count) == 0;

    /// <summary>Change of the cost of one broker alone if it began or ceased to lead a partition that it holds.</summary>
    public double OwnLeadDelta(int broker, int partition, bool becomesLeader)
    {
        var delta = CostSwapped(broker, partition, becomesLeader) - Penalty[broker];
        return _hostRow is null || _hostRow[broker] < 0 ? delta : delta + CostSwapped(_hostRow[broker], partition, becomesLeader) - Penalty[_hostRow[broker]];
    }

    /// <summary>Takes new bands and counts every penalty anew.</summary>
    public void Judge(Bands bands)
    {
        Bands = bands;
        for (var row = 0; row < Rows; row++)
        {
            Penalty[row] = PenaltyOf(row);
        }
    }

    /// <summary>Sums every load anew: rounding of millions of steps must not decide what is inside a band.</summary>
    public void Recount()
    {
        Array.Clear(Load);
        for (var slot = 0; slot < Current.Length; slot++)
        {
            Shift(Current[slot], VectorOfSlot(slot), 1);
        }

        Judge(Bands);
    }

    /// <summary>The objective: 0 when every goal is met.</summary>
    public double Cost()
    {
        var sum = 0.0;
        foreach (var penalty in Penalty)
        {
            sum += penalty;
        }

        return sum;
    }

    /// <summary>Penalty of a broker together with that of its host.</summary>
    public double PenaltyWithHost(int broker) =>
        _hostRow is null || _hostRow[broker] < 0 ? Penalty[broker] : Penalty[broker] + Penalty[_hostRow[broker]];

    /// <summary>Change of the cost if the slot moved to that broker.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double MoveDelta(int slot, int to)
    {
        var (from, at) = (Current[slot], VectorOfSlot(slot));
        var delta = CostWith(to, at, 1) - Penalty[to] + CostWith(from, at, -1) - Penalty[from];
        return _hostRow is null ? delta : delta + HostDelta(from, to, at);
    }

    /// <summary>Change of the cost of its broker alone if the slot left it; an upper bound of any gain by moving it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double LeaveDelta(int slot)
    {
        var (from, at) = (Current[slot], VectorOfSlot(slot));
        var delta = CostWith(from, at, -1) - Penalty[from];
        return _hostRow is null || _hostRow[from] < 0 ? delta : delta + CostWith(_hostRow[from], at, -1) - Penalty[_hostRow[from]];
    }

    /// <summary>Change of the cost if two slots changed places.</summary>
    public double SwapDelta(int one, int other)
    {
        var (x, y, a, b) = (Current[one], Current[other], VectorOfSlot(one), VectorOfSlot(other));
        var delta = CostExchanged(x, a, b) - Penalty[x] + CostExchanged(y, b, a) - Penalty[y];
        if (_hostRow is not null && _hostRow[x] != _hostRow[y])
        {
            delta += _hostRow[x] < 0 ? 0 : CostExchanged(_hostRow[x], a, b) - Penalty[_hostRow[x]];
            delta += _hostRow[y] < 0 ? 0 : CostExchanged(_hostRow[y], b, a) - Penalty[_hostRow[y]];
        }

        return delta;
    }

    /// <summary>Change of the cost if another slot of the partition led it.</summary>
    public double LeadDelta(int partition, int slot)
    {
        var lead = Lead[partition];
        if (lead == slot)
        {
            return 0;
        }

        var (to, from) = (Current[slot], lead < 0 ? -1 : Current[lead]);
        var delta = CostSwapped(to, partition, becomesLeader: true) - Penalty[to];
        delta += from < 0 ? 0 : CostSwapped(from, partition, becomesLeader: false) - Penalty[from];
        if (_hostRow is not null && (from < 0 || _hostRow[from] != _hostRow[to]))
        {
            delta += _hostRow[to] < 0 ? 0 : CostSwapped(_hostRow[to], partition, becomesLeader: true) - Penalty[_hostRow[to]];
            delta += from < 0 || _hostRow[from] < 0 ? 0 : CostSwapped(_hostRow[from], partition, becomesLeader: false) - Penalty[_hostRow[from]];
        }

        return delta;
    }

    /// <summary>Change of the cost if one broker gave the lead of a partition to another and took that of another partition from it.</summary>
    public double LeadExchangeDelta(int given, int taken, int broker, int partner)
    {
        var (give, loss) = (VectorOf(given, true), VectorOf(given, false));
        var (take, rest) = (VectorOf(taken, true), VectorOf(taken, false));
        var delta = ExchangedTwice(broker, give, loss, rest, take) + ExchangedTwice(partner, loss, give, take, rest);
        if (_hostRow is not null && _hostRow[broker] != _hostRow[partner])
        {
            delta += _hostRow[broker] < 0 ? 0 : ExchangedTwice(_hostRow[broker], give, loss, rest, take);
            delta += _hostRow[partner] < 0 ? 0 : ExchangedTwice(_hostRow[partner], loss, give, take, rest);
        }

        return delta;
    }

    /// <summary>Whether the broker stays within its hard limits with the slot on it; a limit that the slot does not add to can't forbid it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsWithinLimits(int slot, int to) => IsWithinLimitsWith(to, VectorOfSlot(slot), Current[slot]);

    /// <summary>Whether leading the partition keeps the slot's broker within its hard limits.</summary>
    public bool MayLeadWithinLimits(int partition, int slot)
    {
        var (lead, follow) = (VectorOf(partition, true), VectorOf(partition, false));
        var added = Bands.Load(Arrays.Vec, lead) - Bands.Load(Arrays.Vec, follow);
        var to = Current[slot];
        return IsUnder(to, added, Vector256<double>.Zero)
            && (_hostRow is null || _hostRow[to] < 0 || IsUnder(_hostRow[to], added, Vector256<double>.Zero));
    }

    /// <summary>Whether both brokers stay within their hard limits if two slots changed places.</summary>
    public bool MaySwapWithinLimits(int one, int other)
    {
        var (a, b) = (VectorOfSlot(one), VectorOfSlot(other));
        var (low, high) = (Bands.Load(Arrays.Vec, a) - Bands.Load(Arrays.Vec, b), Bands.Load(Arrays.Vec, a + 4) - Bands.Load(Arrays.Vec, b + 4));
        var (x, y) = (Current[one], Current[other]);
        if (!IsUnder(y, low, high) || !IsUnder(x, -low, -high))
        {
            return false;
        }

        return _hostRow is null || _hostRow[x] == _hostRow[y]
            || ((_hostRow[y] < 0 || IsUnder(_hostRow[y], low, high)) && (_hostRow[x] < 0 || IsUnder(_hostRow[x], -low, -high)));
    }

    public bool Holds(int broker, int partition) =>
        Current.AsSpan(Arrays.Start[partition]..Arrays.Start[partition + 1]).Contains(broker);

    public PlacementStep Move(int slot, int to)
    {
        var from = Current[slot];
        var at = VectorOfSlot(slot);
        Detach(slot, from);
        Current[slot] = to;
        Attach(slot, to);
        Shift(from, at, -1);
        Shift(to, at, 1);
        Counts.Move(Arrays.Topic[Part[slot]], from, to);
        Reprice(from);
        Reprice(to);
        return new PlacementStep(Part[slot], slot, from, IsLeadership: false);
    }

    public PlacementStep TransferLeadership(int partition, int slot)
    {
        var before = Lead[partition];
        Lead[partition] = slot;
        if (before >= 0)
        {
            _vector[before] = VectorOf(partition, leads: false);
            Exchange(Current[before], VectorOf(partition, false), VectorOf(partition, true));
        }

        if (slot >= 0)
        {
            _vector[slot] = VectorOf(partition, leads: true);
            Exchange(Current[slot], VectorOf(partition, true), VectorOf(partition, false));
        }

        return new PlacementStep(partition, before, before, IsLeadership: true);
    }

    public void Undo(PlacementStep step)
    {
        if (step.IsLeadership)
        {
            TransferLeadership(step.Partition, step.Slot);
        }
        else
        {
            Move(step.Slot, step.From);
        }
    }

    private static int[] PartitionOfSlot(PlacementArrays arrays)
    {
        var partitions = new int[arrays.Current.Length];
        for (var partition = 0; partition < arrays.Topic.Length; partition++)
        {
            partitions.AsSpan(arrays.Start[partition]..arrays.Start[partition + 1]).Fill(partition);
        }

        return partitions;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int VectorOf(int partition, bool leads) => (partition * 16) + (leads ? 0 : Lane.Count);

    private void SumAnew(bool[] dirty)
    {
        for (var row = 0; row < Rows; row++)
        {
            if (dirty[row])
            {
                Load.AsSpan(row * Lane.Count, Lane.Count).Clear();
            }
        }

        for (var slot = 0; slot < Current.Length; slot++)
        {
            var broker = Current[slot];
            if (dirty[broker])
            {
                Add(broker, _vector[slot], 1);
            }

            if (_hostRow is not null && _hostRow[broker] is >= 0 and var host && dirty[host])
            {
                Add(host, _vector[slot], 1);
            }
        }
    }

    private void AttachLoad(int slot, int broker)
    {
        Attach(slot, broker);
        Shift(broker, VectorOfSlot(slot), 1);
    }

    private void Attach(int slot, int broker)
    {
        ref var list = ref _replicas[broker];
        var count = _count[broker]++;
        if (count == list.Length)
        {
            Array.Resize(ref list, count + (count / 2) + 16);
        }

        list[count] = slot;
        _position[slot] = count;
    }

    private void Detach(int slot, int broker)
    {
        var (list, at) = (_replicas[broker], _position[slot]);
        var last = list[--_count[broker]];
        (list[at], _position[last]) = (last, at);
    }

    private void Shift(int broker, int vector, double sign)
    {
        Add(broker, vector, sign);
        if (_hostRow is not null && _hostRow[broker] >= 0)
        {
            Add(_hostRow[broker], vector, sign);
        }
    }

    private void Exchange(int broker, int add, int drop)
    {
        Shift(broker, add, 1);
        Shift(broker, drop, -1);
        Reprice(broker);
    }

    private void Add(int row, int vector, double sign)
    {
        var (at, by) = (row * Lane.Count, Vector256.Create(sign));
        Store(at, Bands.Load(Load, at) + (by * Bands.Load(Arrays.Vec, vector)));
        Store(at + 4, Bands.Load(Load, at + 4) + (by * Bands.Load(Arrays.Vec, vector + 4)));
    }

    private void Store(int at, Vector256<double> value) => value.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(Load), (nuint)at);

    private void Reprice(int broker)
    {
        Penalty[broker] = PenaltyOf(broker);
        if (_hostRow is not null && _hostRow[broker] >= 0)
        {
            Penalty[_hostRow[broker]] = PenaltyOf(_hostRow[broker]);
        }
    }

    private double HostDelta(int from, int to, int vector)
    {
        var (x, y) = (_hostRow![from], _hostRow[to]);
        return x == y ? 0
            : (x < 0 ? 0 : CostWith(x, vector, -1) - Penalty[x]) + (y < 0 ? 0 : CostWith(y, vector, 1) - Penalty[y]);
    }

    private bool IsWithinLimitsWith(int to, int vector, int from)
    {
        var (low, high) = (Bands.Load(Arrays.Vec, vector), Bands.Load(Arrays.Vec, vector + 4));
        return IsUnder(to, low, high)
            && (_hostRow is null || _hostRow[to] < 0 || _hostRow[to] == _hostRow[from] || IsUnder(_hostRow[to], low, high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsUnder(int row, Vector256<double> low, Vector256<double> high)
    {
        var at = row * Lane.Count;
        var over = Vector256.GreaterThan(Bands.Load(Load, at) + low, Bands.Load(Bands.Hard, at)) & Vector256.GreaterThan(low, Vector256<double>.Zero);
        var overCount = Vector256.GreaterThan(Bands.Load(Load, at + 4) + high, Bands.Load(Bands.Hard, at + 4)) & Vector256.GreaterThan(high, Vector256<double>.Zero);
        return (over | overCount) == Vector256<double>.Zero;
    }

    private double PenaltyOf(int row) => Bands.Cost(row, Bands.Load(Load, row * Lane.Count), Bands.Load(Load, (row * Lane.Count) + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double CostWith(int row, int vector, double sign)
    {
        var (at, by) = (row * Lane.Count, Vector256.Create(sign));
        return Bands.Cost(
            row,
            Bands.Load(Load, at) + (by * Bands.Load(Arrays.Vec, vector)),
            Bands.Load(Load, at + 4) + (by * Bands.Load(Arrays.Vec, vector + 4)));
    }

    private double ExchangedTwice(int row, int drop, int add, int dropToo, int addToo)
    {
        var at = row * Lane.Count;
        return Bands.Cost(
            row,
            Bands.Load(Load, at) + Bands.Load(Arrays.Vec, add) - Bands.Load(Arrays.Vec, drop) + Bands.Load(Arrays.Vec, addToo) - Bands.Load(Arrays.Vec, dropToo),
            Bands.Load(Load, at + 4) + Bands.Load(Arrays.Vec, add + 4) - Bands.Load(Arrays.Vec, drop + 4) + Bands.Load(Arrays.Vec, addToo + 4) - Bands.Load(Arrays.Vec, dropToo + 4))
            - Penalty[row];
    }

    private double CostSwapped(int row, int partition, bool becomesLeader) =>
        CostExchanged(row, VectorOf(partition, !becomesLeader), VectorOf(partition, becomesLeader));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double CostExchanged(int row, int drop, int add)
    {
        var at = row * Lane.Count;
        return Bands.Cost(
            row,
            Bands.Load(Load, at) + (Bands.Load(Arrays.Vec, add) - Bands.Load(Arrays.Vec, drop)),
            Bands.Load(Load, at + 4) + (Bands.Load(Arrays.Vec, add + 4) - Bands.Load(Arrays.Vec, drop + 4)));
    }
}
