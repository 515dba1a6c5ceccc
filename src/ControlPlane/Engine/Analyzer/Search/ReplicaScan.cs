namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// What each replica of a broker would change by itself, all replicas in one go: nothing branches, so no look waits for a load that is still
/// on its way from memory. Answers hold until the next question.
/// </summary>
internal sealed class ReplicaScan(Placement placement)
{
    /// <summary>How many replicas ahead their numbers are asked for: about as long as memory takes.</summary>
    private const int Ahead = 8;

    private readonly ReplicaLoads _loads = placement.Arrays.Loads;
    private double[] _deltas = new double[512];

    /// <summary>By place among the broker's replicas the change of its cost if that one left; no move of it can gain more.</summary>
    public ReadOnlySpan<double> Leaving(int broker)
    {
        var replicas = placement.ReplicasOf(broker);
        var deltas = Room(replicas.Length);
        for (var place = 0; place < replicas.Length; place++)
        {
            placement.Prefetch(replicas[Math.Min(place + Ahead, replicas.Length - 1)]);
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

    private void Lead(int row, ReadOnlySpan<int> replicas, Span<double> deltas)
    {
        var own = new LeadBands(placement, row);
        for (var place = 0; place < replicas.Length; place++)
        {
            placement.Prefetch(replicas[Math.Min(place + Ahead, replicas.Length - 1)]);
            var weight = placement.WeightOfSlot(replicas[place]);
            var extra = _loads.Leading(weight);
            deltas[place] += own.Delta(ReplicaLoads.Leads(weight) ? -extra : extra);
        }
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
