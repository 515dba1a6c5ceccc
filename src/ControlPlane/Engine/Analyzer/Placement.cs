using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What of a cluster decides a placement, in flat arrays by topic, partition, replica slot and broker index.</summary>
public sealed record PlacementArrays
{
    public required int[] Topic { get; init; }

    /// <summary>Length P + 1: first replica slot of each partition.</summary>
    public required int[] Start { get; init; }

    /// <summary>Slot of each partition's leader; -1: none.</summary>
    public required int[] Lead { get; init; }

    /// <summary>Sixteen per partition: its load as leader (8 lanes), then as follower.</summary>
    public required double[] Vec { get; init; }

    /// <summary>Broker of each slot.</summary>
    public required int[] Current { get; init; }

    public required bool[] Alive { get; init; }

    public required bool[] CanReceive { get; init; }

    public required bool[] CanLead { get; init; }

    public required int[] Rack { get; init; }

    public required int[] Host { get; init; }

    /// <summary>Bytes of the volumes of each broker's log dirs; NaN where it does not tell.</summary>
    public required double[] DiskCapacity { get; init; }

    /// <summary>Bytes on those volumes that are not replicas of this cluster.</summary>
    public required double[] DiskForeign { get; init; }

    public required int Topics { get; init; }
}

/// <summary>A step that changed the placement, enough to take it back. <paramref name="Slot"/> moved, or led before.</summary>
public readonly record struct PlacementStep(int Partition, int Slot, int From, bool IsLeadership);

/// <summary>
/// Who holds what and what that weighs; every step is O(1). Owned by one planner run, never shared.
/// </summary>
public sealed class Placement
{
    private readonly List<int>[] _replicas;
    private readonly int[] _position;

    public Placement(PlacementArrays arrays)
    {
        (Arrays, Current, Lead) = (arrays, (int[])arrays.Current.Clone(), (int[])arrays.Lead.Clone());
        Brokers = arrays.Alive.Length;
        Part = PartitionOfSlot(arrays);
        Load = new double[Brokers * Lane.Count];
        Penalty = new double[Brokers];
        Counts = new TopicCounts(arrays.Topics, Brokers);
        _replicas = [.. Enumerable.Range(0, Brokers).Select(_ => new List<int>())];
        _position = new int[Current.Length];
        for (var slot = 0; slot < Current.Length; slot++)
        {
            Attach(slot, Current[slot]);
        }

        Bands = new Bands(Brokers, arrays.Topics);
    }

    public PlacementArrays Arrays { get; }

    public int Brokers { get; }

    /// <summary>Broker of each slot now; <see cref="PlacementArrays.Current"/> keeps where it was: the reference of what a plan costs.</summary>
    public int[] Current { get; }

    public int[] Lead { get; }

    public int[] Part { get; }

    /// <summary>Eight lanes per broker.</summary>
    public double[] Load { get; }

    public double[] Penalty { get; }

    public TopicCounts Counts { get; }

    public Bands Bands { get; private set; }

    public IReadOnlyList<int> ReplicasOf(int broker) => _replicas[broker];

    public double LoadOf(int broker, int lane) => Load[(broker * Lane.Count) + lane];

    public double DiskOf(int partition) => Arrays.Vec[(partition * 16) + Lane.Disk];

    /// <summary>Takes new bands and counts every penalty anew.</summary>
    public void Judge(Bands bands)
    {
        Bands = bands;
        for (var broker = 0; broker < Brokers; broker++)
        {
            Penalty[broker] = PenaltyOf(broker);
        }
    }

    /// <summary>Change of the cost if the slot moved to that broker.</summary>
    public double MoveDelta(int slot, int to)
    {
        var (partition, from) = (Part[slot], Current[slot]);
        var at = VectorOf(partition, Lead[partition] == slot);
        return CostWith(to, at, 1) - Penalty[to] + CostWith(from, at, -1) - Penalty[from];
    }

    /// <summary>Change of the cost if another slot of the partition led it.</summary>
    public double LeadDelta(int partition, int slot)
    {
        var lead = Lead[partition];
        if (lead == slot)
        {
            return 0;
        }

        var gain = CostSwapped(Current[slot], partition, becomesLeader: true) - Penalty[Current[slot]];
        return lead < 0 ? gain : gain + CostSwapped(Current[lead], partition, becomesLeader: false) - Penalty[Current[lead]];
    }

    /// <summary>Whether the broker stays within its hard limits with the slot on it.</summary>
    public bool IsWithinLimits(int slot, int to)
    {
        var (vector, at) = (VectorOf(Part[slot], Lead[Part[slot]] == slot), to * Lane.Count);
        for (var lane = 0; lane < Lane.HardCount; lane++)
        {
            if (Load[at + lane] + Arrays.Vec[vector + lane] > Bands.Hard[at + lane])
            {
                return false;
            }
        }

        return true;
    }

    public bool Holds(int broker, int partition) =>
        Current.AsSpan(Arrays.Start[partition]..Arrays.Start[partition + 1]).Contains(broker);

    public PlacementStep Move(int slot, int to)
    {
        var from = Current[slot];
        Detach(slot, from);
        Current[slot] = to;
        Attach(slot, to);
        (Penalty[from], Penalty[to]) = (PenaltyOf(from), PenaltyOf(to));
        return new PlacementStep(Part[slot], slot, from, IsLeadership: false);
    }

    public PlacementStep TransferLeadership(int partition, int slot)
    {
        var before = Lead[partition];
        if (before >= 0)
        {
            Shift(Current[before], VectorOf(partition, true), -1);
            Shift(Current[before], VectorOf(partition, false), 1);
            Penalty[Current[before]] = PenaltyOf(Current[before]);
        }

        Lead[partition] = slot;
        if (slot >= 0)
        {
            Shift(Current[slot], VectorOf(partition, false), -1);
            Shift(Current[slot], VectorOf(partition, true), 1);
            Penalty[Current[slot]] = PenaltyOf(Current[slot]);
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

    private static int VectorOf(int partition, bool leads) => (partition * 16) + (leads ? 0 : Lane.Count);

    private void Attach(int slot, int broker)
    {
        _position[slot] = _replicas[broker].Count;
        _replicas[broker].Add(slot);
        Counts.Add(Arrays.Topic[Part[slot]], broker, 1);
        Shift(broker, VectorOf(Part[slot], Lead[Part[slot]] == slot), 1);
    }

    private void Detach(int slot, int broker)
    {
        var (list, at) = (_replicas[broker], _position[slot]);
        var last = list[^1];
        (list[at], _position[last]) = (last, at);
        list.RemoveAt(list.Count - 1);
        Counts.Add(Arrays.Topic[Part[slot]], broker, -1);
        Shift(broker, VectorOf(Part[slot], Lead[Part[slot]] == slot), -1);
    }

    private void Shift(int broker, int vector, int sign)
    {
        var at = broker * Lane.Count;
        for (var lane = 0; lane < Lane.Count; lane++)
        {
            Load[at + lane] += sign * Arrays.Vec[vector + lane];
        }
    }

    private double PenaltyOf(int broker) =>
        Bands.Cost(broker, Bands.Load(Load, broker * Lane.Count), Bands.Load(Load, (broker * Lane.Count) + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double CostWith(int broker, int vector, double sign)
    {
        var (at, by) = (broker * Lane.Count, Vector256.Create(sign));
        return Bands.Cost(
            broker,
            Bands.Load(Load, at) + (by * Bands.Load(Arrays.Vec, vector)),
            Bands.Load(Load, at + 4) + (by * Bands.Load(Arrays.Vec, vector + 4)));
    }

    private double CostSwapped(int broker, int partition, bool becomesLeader)
    {
        var (at, add, drop) = (broker * Lane.Count, VectorOf(partition, becomesLeader), VectorOf(partition, !becomesLeader));
        return Bands.Cost(
            broker,
            Bands.Load(Load, at) + Bands.Load(Arrays.Vec, add) - Bands.Load(Arrays.Vec, drop),
            Bands.Load(Load, at + 4) + Bands.Load(Arrays.Vec, add + 4) - Bands.Load(Arrays.Vec, drop + 4));
    }
}
