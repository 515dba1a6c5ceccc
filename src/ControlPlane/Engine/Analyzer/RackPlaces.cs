using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Racks and room at the end of a plan, counted anew from the tables. What it holds against a plan it must be able to prove: a false alarm here
/// keeps data from being restored.
/// </summary>
internal sealed class RackPlaces
{
    /// <summary>Share of a disk by which figures of volumes and of partitions may disagree.</summary>
    private const double Doubt = 0.05;

    private readonly ClusterModel _model;
    private readonly BandSettings _bands;
    private readonly Dictionary<int, string> _rackOf = [];
    private readonly Dictionary<int, Volume> _volumes = [];
    private readonly Dictionary<int, int> _replicas = [];
    private readonly Dictionary<int, double> _arriving = [];
    private readonly SortedDictionary<string, List<int>> _receivers = new(StringComparer.Ordinal);
    private readonly Lazy<double[]> _grown;
    private readonly int _racks;

    private RackPlaces(ClusterModel model, OptimizerWish wish)
    {
        (_model, _bands, _grown) = (model, wish.Bands, new(() => Grow(model)));
        foreach (var broker in model.Brokers)
        {
            var rack = broker.Rack is { Length: > 0 } named ? $"rack {named}" : $"broker {broker.Id}";
            (_rackOf[broker.Id], _volumes[broker.Id]) = (rack, Volume.Of(broker));
            if (FixOfflineRules.MayReceive(broker, wish))
            {
                (_receivers.TryGetValue(rack, out var list) ? list : _receivers[rack] = []).Add(broker.Id);
            }
        }

        _racks = model.Brokers.Where(FixOfflineRules.IsAlive).Select(broker => _rackOf[broker.Id]).Distinct(StringComparer.Ordinal).Count();
    }

    public static RackPlaces Of(ClusterModel model, RebalancePlan plan, OptimizerWish wish)
    {
        var places = new RackPlaces(model, wish);
        places.CountReplicas();
        foreach (var move in plan.Moves)
        {
            var copies = move.After.Except(move.Before).ToArray();
            var size = copies.Length == 0 ? 0 : (move.Bytes ?? 0) / (double)copies.Length;
            foreach (var id in copies.Where(places._volumes.ContainsKey))
            {
                places._replicas[id] = places._replicas.GetValueOrDefault(id) + 1;
                places._arriving[id] = places._arriving.GetValueOrDefault(id) + size;
            }
        }

        return places;
    }

    /// <summary>
    /// A broker in a rack that this partition does not use yet and that surely has room at the end of the plan, where the new copy on
    /// <paramref name="added"/> crowds its rack; null where none, or nothing is crowded.
    /// </summary>
    public int? HasCleanerPlace(PlannedMove move, int added)
    {
        var most = _racks == 0 ? move.After.Length : (move.After.Length + _racks - 1) / _racks;
        var used = move.After.GroupBy(id => _rackOf.GetValueOrDefault(id, ""), StringComparer.Ordinal).ToDictionary(rack => rack.Key, rack => rack.Count(), StringComparer.Ordinal);
        if (used[_rackOf[added]] <= most)
        {
            return null;
        }

        foreach (var (rack, brokers) in _receivers)
        {
            foreach (var id in used.GetValueOrDefault(rack) < most ? brokers : [])
            {
                if (!move.Before.Contains(id) && !move.After.Contains(id) && HasRoom(id, move))
                {
                    return id;
                }
            }
        }

        return null;
    }

    public IEnumerable<string> Overfilled() =>
        from broker in _arriving
        where broker.Value > _volumes[broker.Key].Usable
        orderby broker.Key
        select $"Broker {broker.Key} would receive more than its disk has room for.";

    private bool HasRoom(int id, PlannedMove move)
    {
        if (_replicas.GetValueOrDefault(id) + 1 > _bands.ReplicaLimit)
        {
            return false;
        }

        var volume = _volumes[id];
        var filled = volume.Foreign + _grown.Value[_model.FindBroker(id)] + _arriving.GetValueOrDefault(id);
        return double.IsPositiveInfinity(volume.Total) || (move.Bytes is { } bytes && filled + bytes <= volume.Total * (_bands.DiskLimit - Doubt));
    }

    /// <summary>By broker index what its replicas weigh once each has all of its partition; infinite where one was never measured.</summary>
    private static double[] Grow(ClusterModel model)
    {
        var (table, load, sums) = (model.Partitions, model.Load, new double[model.Brokers.Length]);
        for (var partition = 0; partition < table.PartitionCount; partition++)
        {
            var largest = -1L;
            for (var slot = table.ReplicaStart[partition]; slot < table.ReplicaStart[partition + 1] && slot < load.ReplicaBytes.Length; slot++)
            {
                largest = Math.Max(largest, load.ReplicaBytes[slot]);
            }

            foreach (var index in table.ReplicasOf(partition))
            {
                sums[index] += largest < 0 ? double.PositiveInfinity : largest;
            }
        }

        return sums;
    }

    private void CountReplicas()
    {
        foreach (var index in _model.Partitions.ReplicaBroker)
        {
            var id = _model.Brokers[index].Id;
            _replicas[id] = _replicas.GetValueOrDefault(id) + 1;
        }
    }

    /// <summary>The healthy log dirs of a broker as one; infinite as soon as one of them does not tell.</summary>
    private readonly record struct Volume(double Total, double Usable, double Foreign)
    {
        public static Volume Of(Broker broker)
        {
            var dirs = broker.LogDirs?.Where(dir => dir.Error is null).ToArray();
            if (dirs is not { Length: > 0 } || !dirs.All(dir => dir.TotalBytes > 0 && dir.UsableBytes is not null))
            {
                return new(double.PositiveInfinity, double.PositiveInfinity, 0);
            }

            var (total, usable) = (dirs.Sum(dir => dir.TotalBytes!.Value), dirs.Sum(dir => dir.UsableBytes!.Value));
            return new(total, usable, Math.Max(0, total - usable - dirs.Sum(dir => dir.ReplicaBytes)));
        }
    }
}
