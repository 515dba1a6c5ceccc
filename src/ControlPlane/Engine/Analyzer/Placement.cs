using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Who holds what and what that weighs; every step is O(1). Owned by one planner run, never shared. Rows after the brokers are the hosts
/// that carry several of them: CPU and network are theirs.
/// </summary>
public sealed class Placement
{
    private readonly ReplicaLists _replicas;

    /// <summary>By slot its weight in the loads: the one thing that every look at a replica needs, in one place.</summary>
    private readonly int[] _weight;
    private readonly ReplicaLoads _loads;
    private readonly int[]? _hostRow;
    private TopicCounts? _counts;
    private LaneAmounts? _amounts;

    public Placement(PlacementArrays arrays)
    {
        (Arrays, _loads, Current, Lead) = (arrays, arrays.Loads, (int[])arrays.Current.Clone(), (int[])arrays.Lead.Clone());
        Brokers = arrays.Alive.Length;
        Hosts = new HostRows(arrays);
        Rows = Brokers + Hosts.Count;
        _hostRow = Hosts.Count == 0 ? null : Hosts.RowOf;
        Part = arrays.Part;
        Load = new double[Rows * Lane.Count];
        Penalty = new double[Rows];
        _replicas = new ReplicaLists(Current, Brokers);
        _weight = new int[Current.Length];
        for (var slot = 0; slot < Current.Length; slot++)
        {
            _weight[slot] = ReplicaLoads.WeightOf(Part[slot], Lead[Part[slot]] == slot);
            _replicas.Attach(slot, Current[slot]);
            Shift(Current[slot], _weight[slot], 1);
        }

        Bands = new Bands(Rows, arrays.Topics);
    }

    /// <summary>A copy to make steps on of a placement on which none was made.</summary>
    internal Placement(Placement first, PlacementArrays arrays)
    {
        (Arrays, _loads, Current, Lead) = (arrays, arrays.Loads, (int[])first.Current.Clone(), (int[])first.Lead.Clone());
        (Brokers, Hosts, Rows, _hostRow, Part) = (first.Brokers, first.Hosts, first.Rows, first._hostRow, first.Part);
        (Load, Penalty, _amounts) = ((double[])first.Load.Clone(), new double[Rows], first._amounts);
        (_replicas, _weight) = (first._replicas.Copy(), (int[])first._weight.Clone());
        Bands = new Bands(Rows, arrays.Topics);
    }

    /// <summary>
    /// As many replicas of each partition with other loads, leaders or brokers, to make copies of and no steps on: what did not change is
    /// shared. Rows that carried or carry a changed partition are listed and summed anew in the order of slots, so that every list and every
    /// sum is the same as if all had been.
    /// </summary>
    internal Placement(Placement first, PlacementArrays arrays, IReadOnlyList<int> changed, bool[] dirty)
    {
        (Arrays, _loads, Lead) = (arrays, arrays.Loads, arrays.Lead);
        (Brokers, Hosts, Rows, _hostRow, Part) = (first.Brokers, first.Hosts, first.Rows, first._hostRow, first.Part);
        (Penalty, Bands) = (first.Penalty, first.Bands);
        (Current, _replicas) = arrays.Current.AsSpan().SequenceEqual(first.Current) ? (first.Current, first._replicas) : (arrays.Current, first._replicas.For(arrays.Current, dirty));
        (Load, _weight) = ((double[])first.Load.Clone(), (int[])first._weight.Clone());
        foreach (var partition in changed)
        {
            for (var slot = arrays.Start[partition]; slot < arrays.Start[partition + 1]; slot++)
            {
                _weight[slot] = ReplicaLoads.WeightOf(partition, Lead[partition] == slot);
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

    /// <summary>Counted when first asked for: the order of a plan and its bound never do.</summary>
    public TopicCounts Counts => _counts ??= new TopicCounts(Arrays, Current);

    /// <summary>What all replicas weigh, whoever holds them.</summary>
    internal LaneAmounts Amounts => _amounts ??= new(Arrays, Lead, RackAwareGoal.LivingRacks(this), set: null);

    public Bands Bands { get; private set; }

    public ReadOnlySpan<int> ReplicasOf(int broker) => _replicas[broker];

    public int CountOf(int broker) => _replicas.CountOf(broker);

    public double LoadOf(int row, int lane) => Load[(row * Lane.Count) + lane];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double DiskOf(int partition) => _loads.SizeOf(partition);

    /// <summary>What a slot weighs, see <see cref="ReplicaLoads"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int WeightOfSlot(int slot) => _weight[slot];

    /// <summary>Asks for what a slot weighs before it is looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(int slot) => _loads.Prefetch(_weight[slot]);

    /// <summary>The same as <see cref="Part"/>, of what every look at the slot has read anyway.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PartOf(int slot) => _weight[slot] >> 1;

    public double LoadOfSlot(int slot, int lane) => _loads.On(lane, PartOf(slot), Leads(slot));

    /// <summary>Bytes of a slot's replica.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double SizeOf(int slot) => _loads.SizeOf(PartOf(slot));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Leads(int slot) => ReplicaLoads.Leads(_weight[slot]);

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
            Shift(Current[slot], WeightOfSlot(slot), 1);
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
    public double MoveDelta(int slot, int to) => MoveDelta(slot, to, CostWithout(slot));

    /// <summary>The same where <see cref="CostWithout"/> of the slot is known, because several destinations are looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double MoveDelta(int slot, int to, double without)
    {
        var (from, at) = (Current[slot], WeightOfSlot(slot));
        var delta = CostWith(to, at, 1) - Penalty[to] + without - Penalty[from];
        return _hostRow is null ? delta : delta + HostDelta(from, to, at);
    }

    /// <summary>What the slot's broker would cost without it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double CostWithout(int slot) => CostWith(Current[slot], _weight[slot], -1);

    /// <summary>Change of the cost of its broker alone if the slot left it; an upper bound of any gain by moving it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double LeaveDelta(int broker, int slot)
    {
        var weight = _weight[slot];
        var delta = CostWith(broker, weight, -1) - Penalty[broker];
        return _hostRow is null || _hostRow[broker] < 0 ? delta : delta + CostWith(_hostRow[broker], weight, -1) - Penalty[_hostRow[broker]];
    }

    /// <summary>Change of the cost if two slots changed places.</summary>
    public double SwapDelta(int one, int other)
    {
        var (x, y, a, b) = (Current[one], Current[other], WeightOfSlot(one), WeightOfSlot(other));
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
        var (give, loss) = (ReplicaLoads.WeightOf(given, true), ReplicaLoads.WeightOf(given, false));
        var (take, rest) = (ReplicaLoads.WeightOf(taken, true), ReplicaLoads.WeightOf(taken, false));
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
    public bool IsWithinLimits(int slot, int to) => IsWithinLimitsWith(to, WeightOfSlot(slot), Current[slot]);

    /// <summary>Whether leading the partition keeps the slot's broker within its hard limits.</summary>
    public bool MayLeadWithinLimits(int partition, int slot)
    {
        var (lead, follow) = (ReplicaLoads.WeightOf(partition, true), ReplicaLoads.WeightOf(partition, false));
        var added = _loads.Low(lead) - _loads.Low(follow);
        var to = Current[slot];
        return IsUnder(to, added, Vector256<double>.Zero)
            && (_hostRow is null || _hostRow[to] < 0 || IsUnder(_hostRow[to], added, Vector256<double>.Zero));
    }

    /// <summary>Whether both brokers stay within their hard limits if two slots changed places.</summary>
    public bool MaySwapWithinLimits(int one, int other)
    {
        var (a, b) = (WeightOfSlot(one), WeightOfSlot(other));
        var (low, high) = (_loads.Low(a) - _loads.Low(b), _loads.High(a) - _loads.High(b));
        var (x, y) = (Current[one], Current[other]);
        if (!IsUnder(y, low, high) || !IsUnder(x, -low, -high))
        {
            return false;
        }

        return _hostRow is null || _hostRow[x] == _hostRow[y]
            || ((_hostRow[y] < 0 || IsUnder(_hostRow[y], low, high)) && (_hostRow[x] < 0 || IsUnder(_hostRow[x], -low, -high)));
    }

    public bool Holds(int broker, int partition) =>
        Current.AsSpan(Arrays.Start[partition]..Arrays.Start[partition + 1]).Has(broker);

    public void Move(int slot, int to)
    {
        var from = Current[slot];
        var at = WeightOfSlot(slot);
        _replicas.Detach(slot, from);
        Current[slot] = to;
        _replicas.Attach(slot, to);
        Shift(from, at, -1);
        Shift(to, at, 1);
        _counts?.Move(Arrays.Topic[Part[slot]], from, to);
        Reprice(from);
        Reprice(to);
    }

    public void TransferLeadership(int partition, int slot)
    {
        var before = Lead[partition];
        Lead[partition] = slot;
        _amounts = (before < 0) == (slot < 0) ? _amounts : null;
        if (before >= 0)
        {
            _weight[before] = ReplicaLoads.WeightOf(partition, leads: false);
            Exchange(Current[before], ReplicaLoads.WeightOf(partition, false), ReplicaLoads.WeightOf(partition, true));
        }

        if (slot >= 0)
        {
            _weight[slot] = ReplicaLoads.WeightOf(partition, leads: true);
            Exchange(Current[slot], ReplicaLoads.WeightOf(partition, true), ReplicaLoads.WeightOf(partition, false));
        }
    }

    /// <summary>Back to what was there before a trial, by steps that the caller may count; loads are those of steps, so that a recount is due.</summary>
    internal void Restore(int[] current, int[] lead, Action<int, int> move)
    {
        for (var slot = 0; slot < current.Length; slot++)
        {
            if (Current[slot] != current[slot])
            {
                move(slot, current[slot]);
            }
        }

        for (var partition = 0; partition < lead.Length; partition++)
        {
            if (Lead[partition] != lead[partition])
            {
                TransferLeadership(partition, lead[partition]);
            }
        }
    }

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
                Add(broker, _weight[slot], 1);
            }

            if (_hostRow is not null && _hostRow[broker] is >= 0 and var host && dirty[host])
            {
                Add(host, _weight[slot], 1);
            }
        }
    }

    private void Shift(int broker, int weight, double sign)
    {
        Add(broker, weight, sign);
        if (_hostRow is not null && _hostRow[broker] >= 0)
        {
            Add(_hostRow[broker], weight, sign);
        }
    }

    private void Exchange(int broker, int add, int drop)
    {
        Shift(broker, add, 1);
        Shift(broker, drop, -1);
        Reprice(broker);
    }

    private void Add(int row, int weight, double sign)
    {
        var (at, by) = (row * Lane.Count, Vector256.Create(sign));
        Store(at, Bands.Load(Load, at) + (by * _loads.Low(weight)));
        Store(at + 4, Bands.Load(Load, at + 4) + (by * _loads.High(weight)));
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

    private double HostDelta(int from, int to, int weight)
    {
        var (x, y) = (_hostRow![from], _hostRow[to]);
        return x == y ? 0
            : (x < 0 ? 0 : CostWith(x, weight, -1) - Penalty[x]) + (y < 0 ? 0 : CostWith(y, weight, 1) - Penalty[y]);
    }

    private bool IsWithinLimitsWith(int to, int weight, int from)
    {
        var (low, high) = (_loads.Low(weight), _loads.High(weight));
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
    private double CostWith(int row, int weight, double sign)
    {
        var (at, by) = (row * Lane.Count, Vector256.Create(sign));
        return Bands.Cost(
            row,
            Bands.Load(Load, at) + (by * _loads.Low(weight)),
            Bands.Load(Load, at + 4) + (by * _loads.High(weight)));
    }

    private double ExchangedTwice(int row, int drop, int add, int dropToo, int addToo)
    {
        var at = row * Lane.Count;
        return Bands.Cost(
            row,
            Bands.Load(Load, at) + _loads.Low(add) - _loads.Low(drop) + _loads.Low(addToo) - _loads.Low(dropToo),
            Bands.Load(Load, at + 4) + _loads.High(add) - _loads.High(drop) + _loads.High(addToo) - _loads.High(dropToo))
            - Penalty[row];
    }

    private double CostSwapped(int row, int partition, bool becomesLeader) =>
        CostExchanged(row, ReplicaLoads.WeightOf(partition, !becomesLeader), ReplicaLoads.WeightOf(partition, becomesLeader));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double CostExchanged(int row, int drop, int add)
    {
        var at = row * Lane.Count;
        return Bands.Cost(
            row,
            Bands.Load(Load, at) + (_loads.Low(add) - _loads.Low(drop)),
            Bands.Load(Load, at + 4) + (_loads.High(add) - _loads.High(drop)));
    }
}
