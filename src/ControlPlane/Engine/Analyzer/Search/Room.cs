namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>What brokers can hold at most and what has to be held, whatever the placement: the two sides of a proof by sums.</summary>
internal sealed class Room
{
    private readonly OptimizerProblem _problem;
    private readonly Placement _placement;
    private readonly Bands _bands;
    private readonly Lazy<double[]> _most;
    private readonly Lazy<LoadSums> _sums;

    public Room(OptimizerProblem problem, Placement placement, Bands bands)
    {
        (_problem, _placement, _bands) = (problem, placement, bands);
        HasSource = Sources(problem);
        _most = new(Most);
        _sums = new(() => new LoadSums(problem, placement, HasSource));
    }

    /// <summary>By partition whether a copy lives: others are left alone, so they weigh on nobody.</summary>
    public bool[] HasSource { get; }

    private PlacementArrays Arrays => _problem.Arrays;

    /// <summary>Whether moves may end there.</summary>
    public bool Receives(int broker) =>
        Arrays.Alive[broker] && Arrays.CanReceive[broker] && (Arrays.IsDestination.Length == 0 || Arrays.IsDestination[broker]);

    /// <summary>The limit as its goal states it: plans are solved to a slightly lower one. Infinite where there is none.</summary>
    public double LimitOf(int row, int lane)
    {
        var at = (row * Lane.Count) + lane;
        var limit = _problem.Wish.Mode == OptimizerMode.MinimalRepair && _bands.W1[at] > 0 ? Math.Min(_bands.High[at], _bands.Hard[at]) : _bands.Hard[at];
        return double.IsPositiveInfinity(limit) || lane > Lane.Disk ? limit : limit + (CapacityOf(row, lane) * 2 * _problem.Wish.Bands.Shrink);
    }

    /// <summary>What the broker can hold at the end: up to its limit if it may receive, else no more than it has.</summary>
    public double MostOf(int broker, int lane) =>
        !Arrays.Alive[broker] ? 0
        : Receives(broker) ? LimitOf(broker, lane)
        : Math.Min(LimitOf(broker, lane), _most.Value[(broker * Lane.Count) + lane]);

    /// <summary>What these brokers can hold together; those of one host no more than the host.</summary>
    public double MostOf(IReadOnlyCollection<int> brokers, int lane)
    {
        var (sum, hosts) = (0.0, new Dictionary<int, double>());
        foreach (var broker in brokers)
        {
            if (_placement.Hosts.RowOf[broker] is >= 0 and var host)
            {
                hosts[host] = hosts.GetValueOrDefault(host) + MostOf(broker, lane);
            }
            else
            {
                sum += MostOf(broker, lane);
            }
        }

        foreach (var (host, most) in hosts)
        {
            sum += Math.Min(most, LimitOf(host, lane));
        }

        return sum;
    }

    /// <summary>The most that any broker may carry of a lane; infinite where one has no limit.</summary>
    public double LargestLimit(int lane) => Enumerable.Range(0, _problem.Nowhere).Where(broker => Arrays.Alive[broker])
        .Select(broker => _placement.Hosts.RowOf[broker] is >= 0 and var host ? Math.Min(LimitOf(broker, lane), LimitOf(host, lane)) : LimitOf(broker, lane))
        .DefaultIfEmpty(double.PositiveInfinity).Max();

    /// <summary>Median of what one receiver can hold.</summary>
    public double TypicalLimit(int lane)
    {
        var limits = Enumerable.Range(0, _problem.Nowhere).Where(Receives).Select(broker => LimitOf(broker, lane)).Where(double.IsFinite).Order().ToArray();
        return limits.Length == 0 ? double.NaN : limits[limits.Length / 2];
    }

    public LoadSums Sums => _sums.Value;

    /// <summary>Load of all replicas of one partition, with one leader.</summary>
    public double TotalOf(int partition, int lane)
    {
        var (lead, follow) = Of(partition, lane);
        var leading = _placement.Lead[partition] >= 0 ? lead - follow : Math.Min(0, lead - follow);
        return ((Arrays.Start[partition + 1] - Arrays.Start[partition]) * follow) + leading;
    }

    public (double Lead, double Follow) Of(int partition, int lane) =>
        (Arrays.Loads.On(lane, partition, leads: true), Arrays.Loads.On(lane, partition, leads: false));

    private double CapacityOf(int row, int lane) => row < _placement.Brokers
        ? Known(Arrays.CapacityOf(row, lane))
        : _placement.Hosts.LivingOf(row, Arrays.Alive).Sum(broker => Known(Arrays.CapacityOf(broker, lane)));

    private static double Known(double capacity) => double.IsNaN(capacity) ? 0 : capacity;

    private static bool[] Sources(OptimizerProblem problem)
    {
        var (model, sources) = (problem.Model, new bool[problem.Partitions]);
        for (var partition = 0; partition < sources.Length; partition++)
        {
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1] && !sources[partition]; slot++)
            {
                var isOffline = (model.Marks.Length > 0 && model.Marks[slot].Has(ReplicaMarks.Offline))
                    || (model.Dir.Length > 0 && model.Dir[slot] >= 0 && !model.DirAlive[model.Dir[slot]]);
                sources[partition] = !isOffline && model.Conditions[model.Broker[slot]] != BrokerCondition.Dead;
            }
        }

        return sources;
    }

    /// <summary>The most that each broker to which nothing comes carries if it leads whatever weighs more so.</summary>
    private double[] Most()
    {
        var (most, receives) = (new double[_placement.Brokers * Lane.Count], Enumerable.Range(0, _placement.Brokers).Select(Receives));
        for (var slot = 0; slot < Arrays.Current.Length; slot++)
        {
            for (var lane = 0; lane < Lane.Count && !receives[Arrays.Current[slot]] && !_problem.MustMove[slot]; lane++)
            {
                var (lead, follow) = Of(_placement.Part[slot], lane);
                most[(Arrays.Current[slot] * Lane.Count) + lane] += Math.Max(lead, follow);
            }
        }

        return most;
    }
}
