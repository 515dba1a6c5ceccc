using System.Globalization;

namespace ControlPlane.Benchmarks.OptimizerJudge;

/// <summary>What Cruise Control's default goals would say of a placement (cruise-control.md 2.3 and 2.4), counted from scratch.</summary>
internal sealed record Judgement(IReadOnlyDictionary<string, int> Violations, double[] StandardDeviations, double MaxOverMean)
{
    public int All => Violations.Values.Sum();

    /// <summary>Only what is violated.</summary>
    public string Words => All == 0 ? "0" : string.Join(", ", Violations.Where(goal => goal.Value > 0).Select(goal => string.Create(CultureInfo.InvariantCulture, $"{goal.Key} {goal.Value:N0}")));
}

/// <summary>The cost of getting from one placement to another, and whether it is one at all.</summary>
internal sealed record JudgedMoves(int ReplicaMoves, double Bytes, IReadOnlyList<string> Faults);

/// <summary>Judges placements by Cruise Control's rules with its default thresholds.</summary>
internal sealed class Judge
{
    private const double Spread = 0.09;
    private const double TopicSpread = 1.8;
    private const int TopicMinGap = 2;
    private const int TopicMaxGap = 40;
    private const int MostReplicas = 10_000;
    private const double LeaderBytesIn = 1.10;

    private static readonly string[] Resources = ["cpu", "in", "out", "disk"];
    private static readonly double[] CapacityShares = [0.7, 0.8, 0.8, 0.8];

    private readonly JudgedCluster _cluster;
    private readonly int[] _eligible;
    private readonly Dictionary<int, int> _index;
    private readonly double[][] _use;
    private readonly double[] _potentialOut;
    private readonly double[] _leaderIn;
    private readonly int[] _replicas;
    private readonly int[] _leaders;
    private readonly SortedDictionary<string, int> _violations = new(StringComparer.Ordinal);

    private Judge(JudgedCluster cluster, IReadOnlyCollection<int> without)
    {
        (_cluster, _index) = (cluster, cluster.Brokers.Select((broker, index) => (broker.Id, index)).ToDictionary(pair => pair.Id, pair => pair.index));
        _eligible = [.. Enumerable.Range(0, cluster.Brokers.Count).Where(index => cluster.Brokers[index].State is "alive" or "new" or "demoted" && !without.Contains(cluster.Brokers[index].Id))];
        _use = [.. Resources.Select(_ => new double[cluster.Brokers.Count])];
        (_potentialOut, _leaderIn) = (new double[cluster.Brokers.Count], new double[cluster.Brokers.Count]);
        (_replicas, _leaders) = (new int[cluster.Brokers.Count], new int[cluster.Brokers.Count]);
    }

    /// <param name="without">Brokers that shall end empty: no average counts them.</param>
    /// <param name="withoutLeaders">Brokers that shall lead nothing: what they lack of it is not held against them.</param>
    public static Judgement Of(JudgedCluster cluster, IReadOnlyCollection<int> without, IReadOnlyCollection<int> withoutLeaders)
    {
        var judge = new Judge(cluster, without);
        judge.Sum();
        judge.Capacities();
        judge.Distributions([.. withoutLeaders]);
        judge.Racks();
        judge.Topics();
        judge.Duties(without, withoutLeaders);
        var relative = judge.Relative();
        return new(judge._violations, [.. relative.Select(Deviation)], relative.Max(values => values.Max()));
    }

    public static JudgedMoves Moves(JudgedCluster before, JudgedCluster after, Func<JudgedPartition, int> replicasWanted)
    {
        var (faults, moves, bytes) = (new List<string>(), 0, 0.0);
        var was = before.Partitions.ToDictionary(partition => (partition.Topic, partition.Number));
        foreach (var partition in after.Partitions)
        {
            var name = $"{partition.Topic}-{partition.Number}";
            if (!was.Remove((partition.Topic, partition.Number), out var old))
            {
                faults.Add($"{name} is new or there twice");
                continue;
            }

            var fresh = partition.Replicas.Except(old.Replicas).Count();
            (moves, bytes) = (moves + fresh, bytes + (fresh * old.Size));
            if (partition.Replicas.Distinct().Count() != partition.Replicas.Length || partition.Replicas.Length != replicasWanted(old) || !partition.Replicas.Contains(partition.Leader))
            {
                faults.Add($"{name} is on {string.Join(",", partition.Replicas)} led by {partition.Leader}");
            }
        }

        return new(moves, bytes, [.. faults, .. was.Keys.Select(key => $"{key.Topic}-{key.Number} is gone")]);
    }

    private void Sum()
    {
        foreach (var partition in _cluster.Partitions)
        {
            foreach (var id in partition.Replicas)
            {
                var (broker, leads) = (_index[id], id == partition.Leader);
                _use[0][broker] += leads ? partition.Cpu : partition.FollowerCpu;
                _use[1][broker] += partition.BytesIn;
                _use[2][broker] += leads ? partition.BytesOut : 0;
                _use[3][broker] += partition.Size;
                _potentialOut[broker] += partition.BytesOut;
                _leaderIn[broker] += leads ? partition.BytesIn : 0;
                (_replicas[broker], _leaders[broker]) = (_replicas[broker] + 1, _leaders[broker] + (leads ? 1 : 0));
            }
        }
    }

    private void Capacities()
    {
        for (var resource = 0; resource < Resources.Length; resource++)
        {
            Count($"{Resources[resource]} capacity", broker => _use[resource][broker] > Capacity(broker, resource) * CapacityShares[resource]);
        }

        Count("replica capacity", broker => _replicas[broker] > MostReplicas);
        Count("potential out", broker => _potentialOut[broker] > Capacity(broker, 2) * CapacityShares[2]);
    }

    private void Distributions(HashSet<int> withoutLeaders)
    {
        for (var resource = 0; resource < Resources.Length; resource++)
        {
            var mean = Mean(resource);
            var hosts = resource == 3 ? null : HostUse(resource);
            Count(Resources[resource], broker => IsOut(broker) && (hosts is null || IsOutside(hosts[_cluster.Brokers[broker].Host], mean)));

            bool IsOut(int broker) => _use[resource][broker] / Capacity(broker, resource) is var share
                && (share > mean * (1 + Spread) || (share < mean * (1 - Spread) && !(resource is 0 or 2 && withoutLeaders.Contains(_cluster.Brokers[broker].Id))));
        }

        CountBand("replicas", _replicas, []);
        CountBand("leaders", _leaders, withoutLeaders);
        var most = _eligible.Sum(broker => _leaderIn[broker]) / _eligible.Count(broker => !withoutLeaders.Contains(_cluster.Brokers[broker].Id)) * LeaderBytesIn;
        Count("leader in", broker => _leaderIn[broker] > most);
    }

    private static bool IsOutside(double share, double mean) => share > mean * (1 + Spread) || share < mean * (1 - Spread);

    private Dictionary<string, double> HostUse(int resource) => _cluster.Brokers.Select((broker, index) => (broker.Host, index)).GroupBy(pair => pair.Host, StringComparer.Ordinal)
        .ToDictionary(host => host.Key, host => host.Sum(pair => _use[resource][pair.index]) / host.Sum(pair => Capacity(pair.index, resource)), StringComparer.Ordinal);

    private void CountBand(string name, int[] counts, HashSet<int> exempt)
    {
        var mean = counts.Sum() / (double)_eligible.Count(broker => !exempt.Contains(_cluster.Brokers[broker].Id));
        var (low, high) = (Math.Floor(mean * (1 - Spread)), Math.Ceiling(mean * (1 + Spread)));
        Count(name, broker => counts[broker] > high || (counts[broker] < low && !exempt.Contains(_cluster.Brokers[broker].Id)));
    }

    private void Racks()
    {
        var racks = _eligible.Select(broker => _cluster.Brokers[broker].Rack).Distinct(StringComparer.Ordinal).Count();
        _violations["racks"] = _cluster.Partitions.Count(partition =>
        {
            var most = (partition.Replicas.Length + racks - 1) / racks;
            return partition.Replicas.GroupBy(id => _cluster.Brokers[_index[id]].Rack, StringComparer.Ordinal).Any(rack => rack.Count() > most);
        });
    }

    private void Topics()
    {
        var outside = 0;
        foreach (var topic in _cluster.Partitions.GroupBy(partition => partition.Topic, StringComparer.Ordinal))
        {
            var held = topic.SelectMany(partition => partition.Replicas).GroupBy(id => id).ToDictionary(broker => broker.Key, broker => broker.Count());
            var mean = held.Values.Sum() / (double)_eligible.Length;
            var high = Math.Clamp(Math.Ceiling(mean * (1 + TopicSpread)), Math.Ceiling(mean) + TopicMinGap, Math.Ceiling(mean) + TopicMaxGap);
            var low = Math.Clamp(Math.Floor(mean * Math.Max(0, 1 - TopicSpread)), Math.Max(0, Math.Floor(mean) - TopicMaxGap), Math.Max(0, Math.Floor(mean) - TopicMinGap));
            outside += held.Values.Count(count => count > high) + (low > 0 ? _eligible.Count(broker => held.GetValueOrDefault(_cluster.Brokers[broker].Id) < low) : 0);
        }

        _violations["topic replicas"] = outside;
    }

    private void Duties(IReadOnlyCollection<int> without, IReadOnlyCollection<int> withoutLeaders)
    {
        _violations["replicas that are offline"] = _cluster.Brokers.Select((broker, index) => broker.IsAlive ? 0 : _replicas[index]).Sum();
        _violations["replicas to remove"] = without.Sum(id => _replicas[_index[id]]);
        _violations["leaders to remove"] = withoutLeaders.Sum(id => _leaders[_index[id]]);
    }

    private double[][] Relative() =>
        [.. Enumerable.Range(0, Resources.Length).Select(resource => _eligible.Select(broker => _use[resource][broker] / Capacity(broker, resource) / Mean(resource)).ToArray())];

    private static double Deviation(double[] values) => Math.Sqrt(values.Sum(value => (value - 1) * (value - 1)) / values.Length);

    private double Mean(int resource) => _use[resource].Sum() / _eligible.Sum(broker => Capacity(broker, resource));

    private double Capacity(int broker, int resource) => _cluster.Brokers[broker].Capacity[resource];

    private void Count(string name, Func<int, bool> isViolated) => _violations[name] = _eligible.Count(isViolated);
}
