namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>Replica lists and leaders of a cluster with loads summed from nothing: by broker, then by host of several brokers.</summary>
internal sealed class VerifiedState
{
    private readonly OptimizerModel _model;
    private readonly int[][] _changed;
    private readonly int[] _lead;
    private readonly bool[] _alive;

    private VerifiedState(OptimizerModel model, bool[] alive, int[] lead)
    {
        (_model, _alive, _changed, _lead) = (model, alive, [], lead);
        Hosts = HostsOf(model);
        HostOf = new int[model.Brokers];
        Array.Fill(HostOf, -1);
        for (var host = 0; host < Hosts.Count; host++)
        {
            foreach (var broker in Hosts[host])
            {
                HostOf[broker] = host;
            }
        }

        Load = new double[(model.Brokers + Hosts.Count) * Lane.Count];
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            AddAll(partition, 1);
        }
    }

    private VerifiedState(VerifiedState before, IEnumerable<PartitionChange> changes)
    {
        (_model, _alive, Hosts, HostOf) = (before._model, before._alive, before.Hosts, before.HostOf);
        (_changed, _lead, Load) = (new int[_model.Partitions][], (int[])before._lead.Clone(), (double[])before.Load.Clone());
        foreach (var change in changes)
        {
            AddAll(change.Partition, -1);
            (_changed[change.Partition], _lead[change.Partition]) = ([.. change.After], change.LeaderAfter);
            AddAll(change.Partition, 1);
        }
    }

    public IReadOnlyList<int[]> Hosts { get; }

    /// <summary>By broker the index of its host; -1: it has it for itself.</summary>
    public int[] HostOf { get; }

    /// <summary>Brokers, then hosts.</summary>
    public double[] Load { get; }

    public int Rows => Load.Length / Lane.Count;

    /// <summary>As the model has it; who is not alive, or is to leave, adds nothing to what its machine can carry.</summary>
    public static VerifiedState Before(OptimizerModel model, bool[] alive) =>
        new(model, alive, Array.ConvertAll(model.Lead, slot => slot < 0 ? -1 : model.Broker[slot]));

    /// <summary>The same cluster when these changes are done; this one stays as it is.</summary>
    public VerifiedState With(IEnumerable<PartitionChange> changes) => new(this, changes);

    public ReadOnlySpan<int> ReplicasOf(int partition) =>
        _changed.Length > 0 && _changed[partition] is { } changed ? changed : _model.Broker.AsSpan(_model.Start[partition].._model.Start[partition + 1]);

    /// <summary>Broker index; -1: none.</summary>
    public int LeaderOf(int partition) => _lead[partition];

    public double Total(int lane)
    {
        var total = 0.0;
        for (var broker = 0; broker < _model.Brokers; broker++)
        {
            total += Load[(broker * Lane.Count) + lane];
        }

        return total;
    }

    /// <summary>What one replica weighs on a lane.</summary>
    public static double LoadOf(OptimizerModel model, int partition, int lane, bool leads)
    {
        var at = partition * Analyzer.LoadOf.Count;
        return lane switch
        {
            Lane.Cpu => model.Loads[at + (leads ? Analyzer.LoadOf.Cpu : Analyzer.LoadOf.FollowerCpu)],
            Lane.BytesIn => model.Loads[at + Analyzer.LoadOf.BytesIn],
            Lane.BytesOut => leads ? model.Loads[at + Analyzer.LoadOf.BytesOut] : 0,
            Lane.Disk => model.Loads[at + Analyzer.LoadOf.Size],
            Lane.Replicas => 1,
            Lane.Leaders => leads ? 1 : 0,
            Lane.LeaderBytesIn => leads ? model.Loads[at + Analyzer.LoadOf.BytesIn] : 0,
            _ => model.Loads[at + Analyzer.LoadOf.BytesOut],
        };
    }

    /// <summary>Capacity of a broker or, summed, of a host; NaN where unknown.</summary>
    public double CapacityOf(int row, int lane) => row < _model.Brokers
        ? _model.Capacity[(row * 4) + lane]
        : Hosts[row - _model.Brokers].Where(broker => _alive[broker]).Sum(broker => _model.Capacity[(broker * 4) + lane]);

    /// <summary>The hard limit of a row; infinite where there is none.</summary>
    public double LimitOf(int row, int lane, BandSettings settings)
    {
        if (lane == Lane.Replicas)
        {
            return row < _model.Brokers ? settings.ReplicaLimit : double.PositiveInfinity;
        }

        // The network belongs to the machine, the disk to the broker, CPU is judged for both.
        var isHost = row >= _model.Brokers;
        if (lane > Lane.Disk || (isHost && lane == Lane.Disk) || (!isHost && HostOf[row] >= 0 && lane is Lane.BytesIn or Lane.BytesOut))
        {
            return double.PositiveInfinity;
        }

        var capacity = CapacityOf(row, lane);
        var limit = capacity * (lane switch { Lane.Cpu => settings.CpuLimit, Lane.Disk => settings.DiskLimit, _ => settings.NetworkLimit });
        return double.IsNaN(capacity) ? double.PositiveInfinity : lane == Lane.Disk ? Math.Max(0, limit - _model.DiskForeign[row]) : limit;
    }

    private void AddAll(int partition, int sign)
    {
        foreach (var broker in ReplicasOf(partition))
        {
            Add(broker, partition, broker == _lead[partition], sign);
        }
    }

    private void Add(int broker, int partition, bool leads, int sign)
    {
        for (var lane = 0; lane < Lane.Count; lane++)
        {
            var load = sign * LoadOf(_model, partition, lane, leads);
            Load[(broker * Lane.Count) + lane] += load;
            if (HostOf[broker] >= 0)
            {
                Load[((_model.Brokers + HostOf[broker]) * Lane.Count) + lane] += load;
            }
        }
    }

    private static List<int[]> HostsOf(OptimizerModel model)
    {
        var (numbers, brokers) = (new Dictionary<string, int>(StringComparer.Ordinal), Enumerable.Range(0, model.Brokers));
        return [.. brokers.GroupBy(broker => numbers.TryGetValue(model.Hosts[broker], out var known) ? known : numbers[model.Hosts[broker]] = numbers.Count).Where(host => host.Count > 1).Select(host => host.ToArray())];
    }
}
