using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// What replicas weigh on the eight lanes. Only five numbers of a partition differ (<see cref="LoadOf"/>), so only they are kept, side by side:
/// most looks at a replica touch one cache line. Lanes 0 to 3 and 4 to 7 are made of them in registers. A weight is a partition and whether
/// the replica leads it, in one number.
/// </summary>
public readonly struct ReplicaLoads(double[] loads)
{
    private const long All = -1;

    /// <summary>Lanes of the lower half that a leader has (first four), then those that a follower has.</summary>
    private static ReadOnlySpan<long> LowLanes => [All, All, All, All, All, All, 0, All];

    /// <summary>The same of the upper half: bytes in and out.</summary>
    private static ReadOnlySpan<long> HighLanes => [0, 0, All, All, 0, 0, 0, All];

    /// <summary>What counts replicas and leaders.</summary>
    private static ReadOnlySpan<double> Counts => [1, 1, 0, 0, 1, 0, 0, 0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WeightOf(int partition, bool leads) => (partition << 1) | (leads ? 0 : 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Leads(int weight) => (weight & 1) == 0;

    /// <summary>Lanes 0 to 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Low(int weight)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(loads);
        var (at, role) = ((weight >> 1) * LoadOf.Count, weight & 1);
        var cpu = Vector256.Create(Unsafe.Add(ref first, at + LoadOf.Cpu + role));
        var others = Vector256.LoadUnsafe(ref first, (nuint)(at + LoadOf.FollowerCpu));
        return Vector256.ConditionalSelect(Vector256.Create(All, 0, 0, 0).AsDouble(), cpu, others) & Of(LowLanes, role).AsDouble();
    }

    /// <summary>Lanes 4 to 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> High(int weight)
    {
        var (at, role) = ((weight >> 1) * LoadOf.Count, weight & 1);
        var others = Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(loads), (nuint)(at + LoadOf.FollowerCpu));
        return (Vector256.Shuffle(others, Vector256.Create(0L, 0, 1, 2)) & Of(HighLanes, role).AsDouble()) + Of(Counts, role);
    }

    /// <summary>What leading adds: CPU, bytes out, leaders, leader bytes in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Leading(int weight)
    {
        ref var own = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(loads), (weight >> 1) * LoadOf.Count);
        return Vector256.Create(own - Unsafe.Add(ref own, LoadOf.FollowerCpu), Unsafe.Add(ref own, LoadOf.BytesOut), 1, Unsafe.Add(ref own, LoadOf.BytesIn));
    }

    /// <summary>Asks for the numbers of a partition before they are looked at: they lie anywhere, and the wait is longer than the arithmetic.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(int weight)
    {
        if (Sse.IsSupported)
        {
            ref var own = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(loads), (weight >> 1) * LoadOf.Count);
            Sse.Prefetch0(Unsafe.AsPointer(ref own));
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref own, LoadOf.Count - 1)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double SizeOf(int partition) => loads[(partition * LoadOf.Count) + LoadOf.Size];

    /// <summary>The five numbers of a partition, see <see cref="LoadOf"/>.</summary>
    public ReadOnlySpan<double> Of(int partition) => loads.AsSpan(partition * LoadOf.Count, LoadOf.Count);

    /// <summary>What a replica weighs on one lane.</summary>
    public double On(int lane, int partition, bool leads)
    {
        var at = partition * LoadOf.Count;
        return lane switch
        {
            Lane.Cpu => loads[at + (leads ? LoadOf.Cpu : LoadOf.FollowerCpu)],
            Lane.BytesIn => loads[at + LoadOf.BytesIn],
            Lane.BytesOut => leads ? loads[at + LoadOf.BytesOut] : 0,
            Lane.Disk => loads[at + LoadOf.Size],
            Lane.Replicas => 1,
            Lane.Leaders => leads ? 1 : 0,
            Lane.LeaderBytesIn => leads ? loads[at + LoadOf.BytesIn] : 0,
            _ => loads[at + LoadOf.BytesOut],
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Of<T>(ReadOnlySpan<T> halves, int role) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(halves), (nuint)(role * 4));
}
