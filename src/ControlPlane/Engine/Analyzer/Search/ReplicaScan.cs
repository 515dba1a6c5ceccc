using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// What each replica of a broker would change by itself, all replicas in one go: nothing branches, so no look waits for a load that is still
/// on its way from memory. Answers hold until the next question.
/// </summary>
internal sealed class ReplicaScan(Placement placement)
{
    private readonly ReplicaLoads _loads = placement.Arrays.Loads;
    private double[] _deltas = new double[512];

    /// <summary>By place among the broker's replicas the change of its cost if that one left; no move of it can gain more.</summary>
    public ReadOnlySpan<double> Leaving(int broker)
    {
        var replicas = placement.ReplicasOf(broker);
        var deltas = Room(replicas.Length);
        for (var place = 0; place < replicas.Length; place++)
        {
            deltas[place] = placement.LeaveDelta(broker, replicas[place]);
        }

        return deltas;
    }

    /// <summary>By place among the broker's replicas the change of its cost if it began to lead that partition, or ceased to.</summary>
    public ReadOnlySpan<double> Leading(int broker)
    {
        var replicas = placement.ReplicasOf(broker);
        var deltas = Room(replicas.Length);
        Lead(broker, replicas, deltas);
        if (placement.Hosts.RowOf[broker] is >= 0 and var host)
        {
            Lead(host, replicas, deltas);
        }

        return deltas;
    }

    /// <summary>Four lanes are all that leadership changes, so they fill one register.</summary>
    private void Lead(int row, ReadOnlySpan<int> replicas, Span<double> deltas)
    {
        var bands = placement.Bands;
        var (load, low, high, hard) = (Lanes(placement.Load, row), Lanes(bands.Low, row), Lanes(bands.High, row), Lanes(bands.Hard, row));
        var (w1, w2) = (Lanes(bands.W1, row), Lanes(bands.W2, row));
        var now = Vector256.Sum(Bands.Cost(load, low, high, hard, w1, w2));
        for (var place = 0; place < replicas.Length; place++)
        {
            var weight = placement.WeightOfSlot(replicas[place]);
            var extra = _loads.Leading(weight);
            deltas[place] += Vector256.Sum(Bands.Cost(ReplicaLoads.Leads(weight) ? load - extra : load + extra, low, high, hard, w1, w2)) - now;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Lanes(double[] values, int row)
    {
        var at = row * Lane.Count;
        return Vector256.Create(values[at + Lane.Cpu], values[at + Lane.BytesOut], values[at + Lane.Leaders], values[at + Lane.LeaderBytesIn]);
    }

    private Span<double> Room(int replicas)
    {
        if (replicas > _deltas.Length)
        {
            _deltas = new double[replicas * 2];
        }

        var room = _deltas.AsSpan(0, replicas);
        room.Clear();
        return room;
    }
}
