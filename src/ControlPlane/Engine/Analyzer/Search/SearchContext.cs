using System.Runtime.CompilerServices;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>The placement of one run with the rules that every step keeps, and what steps cost.</summary>
internal sealed class SearchContext
{
    /// <summary>A step that gains less is rounding.</summary>
    public const double Epsilon = 1e-9;

    private readonly PlacementArrays _arrays;
    private readonly OptimizerWish _wish;
    private readonly bool[] _isMovable;
    private readonly int _racks;
    private double _voluntaryBytes;
    private int _voluntaryMoves;

    public SearchContext(OptimizerProblem problem, Placement placement, CancellationToken cancellation)
    {
        (Problem, Placement, Cancellation) = (problem, placement, cancellation);
        (_arrays, _wish) = (problem.Arrays, problem.Wish);
        _isMovable = (bool[])problem.MustMove.Clone();
        for (var slot = 0; slot < _isMovable.Length; slot++)
        {
            _isMovable[slot] |= problem.IsMovable[placement.PartOf(slot)];
        }

        _racks = RackAwareGoal.LivingRacks(placement);
        var total = LaneBand.Total(placement, Lane.Disk);
        MovePrice = total > 0 ? total / Math.Max(1, placement.Current.Length) : 1;
    }

    public OptimizerProblem Problem { get; }

    public Placement Placement { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>Whether the search has to end now with what it has.</summary>
    public bool IsCut => Cancellation.IsCancellationRequested;

    /// <summary>Bytes that a move costs beside those it copies: the mean size of a replica. More trades bytes for moves (optimizer.md 5).</summary>
    public double MovePrice { get; }

    /// <summary>From now on steps count against the budgets.</summary>
    public bool IsBudgeted { get; set; }

    public static ulong Mix(ulong value)
    {
        // splitmix64 (Steele, Lea, Flood 2014): stateless, so that a draw depends on round and broker only, not on who draws first.
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>Bytes to copy more, or less where it is negative, if the slot ended there: what was moved already costs nothing again, going home refunds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double BytesDelta(int slot, int to)
    {
        var home = _arrays.Current[slot];
        var size = Placement.SizeOf(slot);
        return (to == home ? 0 : size) - (Placement.Current[slot] == home ? 0 : size);
    }

    /// <summary>What a step costs for its score.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Price(double bytes) => Math.Max(0, bytes) + MovePrice;

    public bool IsMovable(int slot) => _isMovable[slot];

    public bool IsHome(int slot) => Placement.Current[slot] == _arrays.Current[slot];

    /// <summary>Whether the broker may take the slot at all, whatever else lies there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayTake(int slot, int to)
    {
        if (Placement.Leads(slot) && !_arrays.CanLead[to])
        {
            return false;
        }

        // Home is no move: nobody has to be allowed to receive there.
        return to == _arrays.Current[slot]
            ? _arrays.Alive[to] && !Problem.MustMove[slot]
            : _arrays.CanReceive[to] && (_arrays.IsDestination.Length == 0 || _arrays.IsDestination[to]);
    }

    /// <summary>Whether the slot may go there by every rule; the gain is the caller's to judge, and cheaper.</summary>
    public bool IsFeasible(int slot, int to) =>
        MayTake(slot, to)
        && Placement.IsWithinLimits(slot, to)
        && !Holds(slot, to)
        && KeepsRacks(slot, to)
        && KeepsTopic(slot, to)
        && KeepsMinLeaders(slot, to)
        && IsInBudget(BytesDelta(slot, to), MovesDelta(slot, to));

    /// <summary>The same without what only evens: for replicas that have to go somewhere.</summary>
    public bool IsPossible(int slot, int to, bool withinLimits) =>
        MayTake(slot, to) && !Holds(slot, to) && KeepsRacks(slot, to) && (!withinLimits || Placement.IsWithinLimits(slot, to))
        && IsInBudget(BytesDelta(slot, to), MovesDelta(slot, to));

    /// <summary>Whether the broker may hold the slot, were there room and no other rule.</summary>
    public bool MayHold(int slot, int to) =>
        MayTake(slot, to) && !Holds(slot, to) && (_arrays.BrokerSet.Length == 0 || _arrays.BrokerSet[to] == _arrays.TopicSet[_arrays.Topic[Placement.PartOf(slot)]]);

    /// <summary>Whether the slot leaves a broker's volumes filled to at most this share; one that does not tell their size has room.</summary>
    public bool HasDisk(int slot, int to, double share)
    {
        var (size, capacity) = (Placement.SizeOf(slot), _arrays.DiskCapacity[to]);
        return !(size > 0 && Placement.LoadOf(to, Lane.Disk) + _arrays.DiskForeign[to] + size > capacity * share);
    }

    /// <summary>By how many replicas its rack would be above an even spread.</summary>
    public int CrowdAt(int slot, int to)
    {
        var partition = Placement.PartOf(slot);
        return Math.Max(0, InRack(slot, to) + 1 - RackAwareGoal.MostPerRack(_arrays.Start[partition + 1] - _arrays.Start[partition], _racks));
    }

    /// <summary>Whether two slots on different brokers may change places.</summary>
    public bool MaySwap(int one, int other)
    {
        var (x, y) = (Placement.Current[one], Placement.Current[other]);
        var (p, q) = (Placement.PartOf(one), Placement.PartOf(other));
        return p != q && x != y && MayTake(one, y) && MayTake(other, x)
            && Placement.MaySwapWithinLimits(one, other)
            && !Holds(one, y) && !Holds(other, x)
            && KeepsRacks(one, y) && KeepsRacks(other, x)
            && (_arrays.Topic[p] == _arrays.Topic[q] || (KeepsTopic(one, y) && KeepsTopic(other, x)))
            && KeepsMinLeaders(one, y) && KeepsMinLeaders(other, x)
            && IsInBudget(BytesDelta(one, y) + BytesDelta(other, x), MovesDelta(one, y) + MovesDelta(other, x));
    }

    /// <summary>Whether the slot may lead its partition.</summary>
    public bool MayLead(int slot)
    {
        var partition = Placement.PartOf(slot);
        var lead = Placement.Lead[partition];
        return _arrays.CanLead[Placement.Current[slot]] && !Problem.MayNotLead[slot] && Problem.IsMovable[partition]
            && Placement.MayLeadWithinLimits(partition, slot)
            && (_arrays.MinLeaders.Length == 0 || lead < 0 || MayLoseLeader(partition, Placement.Current[lead]));
    }

    /// <summary>Brokers of which that is true, the costliest first.</summary>
    public int[] WorstFirst(Func<int, bool> isWanted)
    {
        var (brokers, costs, count) = (new int[Problem.Nowhere], new double[Problem.Nowhere], 0);
        for (var broker = 0; broker < brokers.Length; broker++)
        {
            if (isWanted(broker))
            {
                (brokers[count], costs[count++]) = (broker, -Placement.PenaltyWithHost(broker));
            }
        }

        RankSort.AscendingThenItems(costs.AsSpan(0, count), brokers.AsSpan(0, count));
        return brokers[..count];
    }

    public void Move(int slot, int to)
    {
        Spend(BytesDelta(slot, to), MovesDelta(slot, to));
        Placement.Move(slot, to);
    }

    public void Swap(int one, int other)
    {
        var (x, y) = (Placement.Current[one], Placement.Current[other]);
        Move(one, y);
        Move(other, x);
    }

    /// <summary>Replicas of the slot's partition in the rack of a broker, the slot itself and lost ones left out.</summary>
    public int InRack(int slot, int to)
    {
        var (partition, rack, count) = (Placement.PartOf(slot), _arrays.Rack[to], 0);
        for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
        {
            var at = Placement.Current[other];
            count += other != slot && _arrays.Rack[at] == rack && _arrays.Alive[at] && !IsLost(other) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether the copy there is gone: it weighs on nothing that racks protect.</summary>
    public bool IsLost(int slot) => Problem.MustMove[slot] && IsHome(slot);

    public bool KeepsTopic(int slot, int to)
    {
        var topic = _arrays.Topic[Placement.PartOf(slot)];
        var upper = Placement.Bands.TopicUpper[topic];
        var (start, end) = Placement.Counts.SlotsOf(topic);
        var lower = Placement.Bands.TopicLower[topic];
        return (end - start <= upper || Placement.Counts[topic, to] < upper)
            && (lower == 0 || !_arrays.CanReceive[Placement.Current[slot]] || Placement.Counts[topic, Placement.Current[slot]] > lower);
    }

    /// <summary>
    /// Whether the racks stay as even as they can be (RackAwareDistribution), which is one per rack while there are racks enough. A move that
    /// does not crowd a rack further than it is is always allowed.
    /// </summary>
    public bool KeepsRacks(int slot, int to)
    {
        if (_arrays.BrokerSet.Length > 0 && _arrays.BrokerSet[to] != _arrays.TopicSet[_arrays.Topic[Placement.PartOf(slot)]])
        {
            return false;
        }

        var partition = Placement.PartOf(slot);
        var (start, end) = (_arrays.Start[partition], _arrays.Start[partition + 1]);
        var count = InRack(slot, to);
        if (count == 0 && end - start <= _racks)
        {
            return true;
        }

        var floor = (end - start) / Math.Max(1, _racks);
        if (count + 1 <= floor)
        {
            return true;
        }

        var spare = (end - start) % Math.Max(1, _racks);
        return count == floor && spare > 0 && end - start > _racks && CrowdedRacks(slot, floor) < spare;
    }

    public void StartBudget() => (_voluntaryBytes, _voluntaryMoves, IsBudgeted) = (0, 0, true);

    private bool Holds(int slot, int to)
    {
        var partition = Placement.PartOf(slot);
        if (Placement.Holds(to, partition))
        {
            return true;
        }

        // Kafka knows lists, not slots: a copy that came to where another of the partition lay would be taken for that one, be it lost or out
        // of sync, and so would one that came to where a smaller replication factor drops one.
        return (to != _arrays.Current[slot] && _arrays.Current.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).Has(to))
            || (Problem.Wish.Mode == OptimizerMode.ReplicationFactor && IsDroppedFrom(partition, to));
    }

    private bool IsDroppedFrom(int partition, int broker)
    {
        var model = Problem.Model;
        for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
        {
            if (model.Broker[slot] == broker)
            {
                return !Problem.ModelSlot.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).Has(slot);
            }
        }

        return false;
    }

    private int CrowdedRacks(int slot, int floor)
    {
        var (partition, crowded) = (Placement.PartOf(slot), 0);
        for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
        {
            crowded += other != slot && !IsLost(other) && IsFirstOfRack(slot, other) && InRack(slot, Placement.Current[other]) > floor ? 1 : 0;
        }

        return crowded;
    }

    private bool IsFirstOfRack(int slot, int other)
    {
        for (var before = _arrays.Start[Placement.PartOf(slot)]; before < other; before++)
        {
            if (before != slot && !IsLost(before) && _arrays.Rack[Placement.Current[before]] == _arrays.Rack[Placement.Current[other]])
            {
                return false;
            }
        }

        return true;
    }

    private bool KeepsMinLeaders(int slot, int to) =>
        _arrays.MinLeaders.Length == 0 || !Placement.Leads(slot) || Placement.Current[slot] == to || MayLoseLeader(Placement.PartOf(slot), Placement.Current[slot]);

    private bool MayLoseLeader(int partition, int broker)
    {
        var topic = _arrays.Topic[partition];
        return _arrays.MinLeaders[topic] == 0 || !_arrays.CanLead[broker]
            || MinTopicLeadersPerBrokerGoal.LeadersOf(Placement, topic)[broker] > _arrays.MinLeaders[topic];
    }

    private int MovesDelta(int slot, int to) => (to == _arrays.Current[slot] ? 0 : 1) - (IsHome(slot) ? 0 : 1);

    private bool IsInBudget(double bytes, int moves) =>
        !IsBudgeted
        || ((bytes <= 0 || _wish.ByteBudget is not { } most || _voluntaryBytes + bytes <= most)
            && (moves <= 0 || _wish.MoveBudget is not { } count || _voluntaryMoves + moves <= count));

    private void Spend(double bytes, int moves)
    {
        if (IsBudgeted)
        {
            (_voluntaryBytes, _voluntaryMoves) = (_voluntaryBytes + bytes, _voluntaryMoves + moves);
        }
    }
}
