using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>
/// Tries every placement of a tiny cluster: written without any of the optimizer's parts, so that its answers are a measure. Hard limits of
/// disk, network in, CPU, network out and replicas, one broker per replica, one rack per replica.
/// </summary>
internal sealed class OptimizerBruteForce(OptimizerModel model, OptimizerWish wish)
{
    private const double Slack = 1 + 1e-9;

    private readonly double[] _load = new double[model.Brokers * 5];
    private readonly int[] _racks = Racks(model);
    private readonly List<int[]>[] _choices = new List<int[]>[model.Partitions];
    private double _best;
    private long _steps;

    /// <summary>Whether a placement holds every hard goal; null: too many to try.</summary>
    public bool? IsFeasible()
    {
        _best = double.PositiveInfinity;
        return Search(0, 0, stopAtFirst: true) ? !double.IsPositiveInfinity(_best) : null;
    }

    /// <summary>Fewest bytes copied by any placement that holds every hard goal, or the limit of a repair alone; infinite: none; null: too many to try.</summary>
    public double? LeastBytes()
    {
        _best = double.PositiveInfinity;
        return Search(0, 0, stopAtFirst: false) ? _best : null;
    }

    private static int[] Racks(OptimizerModel model)
    {
        var names = model.Racks.Select((rack, broker) => rack ?? $"host:{model.Hosts[broker]}").ToArray();
        return [.. names.Select(name => Array.IndexOf(names, name))];
    }

    /// <summary>False: given up.</summary>
    private bool Search(int partition, double bytes, bool stopAtFirst)
    {
        if (++_steps > 20_000_000)
        {
            return false;
        }

        if (bytes >= _best || (stopAtFirst && !double.IsPositiveInfinity(_best)))
        {
            return true;
        }

        if (partition == model.Partitions)
        {
            _best = bytes;
            return true;
        }

        foreach (var list in _choices[partition] ??= Choices(partition))
        {
            var copied = list.Except(model.Broker[model.Start[partition]..model.Start[partition + 1]]).Count();
            Add(partition, list, 1);
            var isDone = !IsWithinLimits() || Search(partition + 1, bytes + (copied * model.Loads[(partition * LoadOf.Count) + LoadOf.Size]), stopAtFirst);
            Add(partition, list, -1);
            if (!isDone)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Lists with the leader first; the order of the rest does not matter. Those that copy least come first.</summary>
    private List<int[]> Choices(int partition)
    {
        var before = model.Broker[model.Start[partition]..model.Start[partition + 1]];
        var sets = Subsets(before.Length).Where(set => wish.Mode == OptimizerMode.MinimalRepair
            ? SharedRacks(set) <= SharedRacks(before)
            : SharedRacks(set) == 0);
        if (!wish.BrokerSets.IsEmpty)
        {
            var own = SetOf(model.Topic[partition]);
            sets = sets.Where(set => set.All(broker => wish.BrokerSets[model.BrokerIds[broker]] == own));
        }

        return [.. sets.SelectMany(set => set.Select(leader => (int[])[leader, .. set.Where(broker => broker != leader)]))
            .OrderBy(list => list.Except(before).Count())];
    }

    /// <summary>Where most of the topic's replicas lie; the first name of those alike.</summary>
    private string SetOf(int topic) => Enumerable.Range(0, model.Partitions).Where(partition => model.Topic[partition] == topic)
        .SelectMany(partition => model.Broker[model.Start[partition]..model.Start[partition + 1]])
        .CountBy(broker => wish.BrokerSets[model.BrokerIds[broker]])
        .OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).First().Key;

    private IEnumerable<int[]> Subsets(int size) => Enumerable.Range(0, 1 << model.Brokers)
        .Where(bits => int.PopCount(bits) == size)
        .Select(bits => Enumerable.Range(0, model.Brokers).Where(broker => (bits & (1 << broker)) != 0).ToArray());

    private int SharedRacks(int[] list) => list.Length - list.Select(broker => _racks[broker]).Distinct().Count();

    private void Add(int partition, int[] list, int sign)
    {
        var at = partition * LoadOf.Count;
        for (var place = 0; place < list.Length; place++)
        {
            var row = list[place] * 5;
            _load[row + Lane.Cpu] += sign * model.Loads[at + (place == 0 ? LoadOf.Cpu : LoadOf.FollowerCpu)];
            _load[row + Lane.BytesIn] += sign * model.Loads[at + LoadOf.BytesIn];
            _load[row + Lane.BytesOut] += place == 0 ? sign * model.Loads[at + LoadOf.BytesOut] : 0;
            _load[row + Lane.Disk] += sign * model.Loads[at + LoadOf.Size];
            _load[row + Lane.Replicas] += sign;
        }
    }

    private bool IsWithinLimits()
    {
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            for (var lane = 0; lane <= Lane.Disk; lane++)
            {
                if (_load[(broker * 5) + lane] > (LimitOf(broker, lane) * Slack) + 1e-9)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private double LimitOf(int broker, int lane)
    {
        if (wish.Mode == OptimizerMode.MinimalRepair)
        {
            var own = wish.Limits.Where(limit => limit.Lane == lane && (limit.Brokers.IsEmpty || limit.Brokers.Contains(model.BrokerIds[broker]))).Select(limit => limit.Limit).DefaultIfEmpty(double.PositiveInfinity).Min();
            return (own * model.Capacity[(broker * 4) + lane]) - (lane == Lane.Disk ? model.DiskForeign[broker] : 0);
        }

        var share = lane switch { Lane.Cpu => wish.Bands.CpuLimit, Lane.Disk => wish.Bands.DiskLimit, _ => wish.Bands.NetworkLimit };
        return (share * model.Capacity[(broker * 4) + lane]) - (lane == Lane.Disk ? model.DiskForeign[broker] : 0);
    }
}
