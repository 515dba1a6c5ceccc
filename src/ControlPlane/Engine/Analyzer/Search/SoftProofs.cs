using System.Globalization;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Which soft goals no placement can meet as Cruise Control judges them, around one mean for all brokers: uneven racks that can't hold their
/// share or have to hold more, partitions larger than a band allows, fewer partitions than brokers that want some. A plan goes as far as it
/// can; that no better one exists has to be told, or it would look like a poor plan.
/// </summary>
internal sealed class SoftProofs(OptimizerProblem problem, Placement placement)
{
    /// <summary>No proof rests on the last digits of a sum.</summary>
    private const double Tolerance = 1e-6;

    private static readonly int[] Lanes = [Lane.Replicas, Lane.PotentialBytesOut, Lane.Disk, Lane.BytesIn, Lane.BytesOut, Lane.Cpu, Lane.Leaders, Lane.LeaderBytesIn];

    private readonly PlacementArrays _arrays = problem.Arrays;
    private readonly BandSettings _settings = problem.Wish.Bands.ForJudging();
    private readonly int _racks = RackAwareGoal.LivingRacks(placement);
    private readonly bool _isRackBound = problem.Goals.Any(goal => goal is RackAwareGoal or RackAwareDistributionGoal);

    /// <summary>Whether the plan is made for every goal, so that what it leaves unmet asks for a reason.</summary>
    public static bool AreAskedFor(OptimizerWish wish) => !wish.MandatoryOnly
        && wish.Mode is OptimizerMode.Rebalance or OptimizerMode.AddBrokers or OptimizerMode.RemoveBrokers or OptimizerMode.FixOffline or OptimizerMode.ReplicationFactor;

    /// <summary>Empty where brokers have sets, or a partition has no copy left to lead: what the means are then, is another question.</summary>
    public IEnumerable<InfeasibilityProof> All()
    {
        if (_arrays.BrokerSet.Length > 0 || _arrays.Lead.Any(lead => lead < 0))
        {
            yield break;
        }

        var proven = new HashSet<string>();
        foreach (var lane in Lanes.Where(IsJudged))
        {
            if (problem.Goals.FirstOrDefault(goal => GoalOf(lane) == goal.Name) is { } goal && Bands(lane) is { } bands && Proof(goal, lane, bands) is { } proof)
            {
                proven.Add(goal.Name);
                yield return proof;
            }
        }

        foreach (var one in Contradictions().Where(one => proven.Add(one.Proof.Constraint)))
        {
            yield return one.Proof;
        }
    }

    /// <summary>Goals that can't be met together. Where machines carry several brokers nothing follows for one of them by what is judged by the machine.</summary>
    public IEnumerable<Contradiction> Contradictions() => _arrays.BrokerSet.Length > 0 || _arrays.Lead.Any(lead => lead < 0) ? []
        : new Contradictions(problem, placement, lane => IsJudged(lane) && (lane >= Lane.Disk || placement.Hosts.Count == 0) ? Bands(lane) : null, GoalOf).All();

    private bool IsJudged(int lane) => _settings.CountNetwork || lane is Lane.Cpu or Lane.Disk or Lane.Replicas or Lane.Leaders;

    /// <summary>
    /// CPU and network are judged by the host, where a broker may be outside its own edge as long as its host is within: the bands of brokers
    /// add up to those of the host, so racks can be summed, but nothing follows for one broker.
    /// </summary>
    private InfeasibilityProof? Proof(IGoal goal, int lane, (double Low, double High)[] bands) => lane < Lane.Disk && placement.Hosts.Count > 0
        ? placement.Hosts.Members.All(IsOfOneRack) ? Racks(goal, lane, bands) : null
        : Racks(goal, lane, bands) ?? Largest(goal, lane, bands) ?? TooFew(goal, lane, bands);

    private bool IsOfOneRack(int[] host) => host.All(broker => _arrays.Rack[broker] == _arrays.Rack[host[0]]);

    private static string GoalOf(int lane) => lane switch
    {
        Lane.Cpu => "CpuUsageDistributionGoal",
        Lane.BytesIn => "NetworkInboundUsageDistributionGoal",
        Lane.BytesOut => "NetworkOutboundUsageDistributionGoal",
        Lane.Disk => "DiskUsageDistributionGoal",
        Lane.Replicas => "ReplicaDistributionGoal",
        Lane.Leaders => "LeaderReplicaDistributionGoal",
        Lane.LeaderBytesIn => "LeaderBytesInDistributionGoal",
        _ => "PotentialNwOutGoal",
    };

    /// <summary>What may be asked of a broker at least; of one of several on a machine only where all of them can be filled.</summary>
    private double LowOf(int broker, int lane, double low) => lane >= Lane.Disk || placement.Hosts.RowOf[broker] < 0 ? LaneBand.LowerEdge(placement, broker, lane, low)
        : placement.Hosts.LivingOf(placement.Hosts.RowOf[broker], _arrays.Alive).All(member => LaneBand.CanBeFilled(placement, member, lane)) ? low
        : 0;

    /// <summary>By broker the edges around the mean of all; null: not judged, or so idle that evenness does not matter.</summary>
    private (double Low, double High)[]? Bands(int lane)
    {
        var bands = new (double Low, double High)[problem.Nowhere];
        var isMeasured = lane <= Lane.Disk;
        if (isMeasured && Targets.Utilisation(placement, lane) <= _settings.LowUtilisation)
        {
            return null;
        }

        // Whom the mean of all is asked of: those that may lead share out what leading brings, but are judged by all that may hold replicas.
        var receivers = LaneBand.Receivers(placement).Length;
        foreach (var (broker, target, even) in Targets.Of(placement, lane == Lane.LeaderBytesIn ? Lane.Leaders : lane))
        {
            var own = _arrays.CapacityOf(broker, Lane.BytesOut);
            if (target <= 0 || (lane == Lane.PotentialBytesOut && !(own > 0)))
            {
                return null;
            }

            var (low, high) = lane switch
            {
                Lane.PotentialBytesOut => (0, own * _settings.NetworkLimit),
                Lane.LeaderBytesIn => (0, LaneBand.Total(placement, lane) / receivers * (1 + _settings.LeaderBytesInSpread)),
                Lane.Replicas or Lane.Leaders => LaneBand.CountEdges(even, even, _settings.Spread, _settings.Spread),
                _ => LaneBand.Edges(even, even, _settings.Spread, _settings.Spread),
            };
            bands[broker] = (LowOf(broker, lane, low), lane is Lane.Leaders or Lane.LeaderBytesIn && !_arrays.CanLead[broker] ? Math.Min(high, Held(broker, lane)) : high);
        }

        return bands;
    }

    private double Held(int broker, int lane) => placement.LoadOf(broker, lane);

    /// <summary>Racks hold one copy of everything at most: a large one can't be filled to its share, and small ones have to hold what it can't.</summary>
    private InfeasibilityProof? Racks(IGoal goal, int lane, (double Low, double High)[] bands)
    {
        var (total, most) = (LaneBand.Total(placement, lane), MostOfRack(lane));
        var racks = Enumerable.Range(0, problem.Nowhere).GroupBy(broker => _arrays.Rack[broker]).ToArray();
        foreach (var rack in racks)
        {
            var (name, least) = (problem.Model.Racks[rack.First()] ?? problem.Model.Hosts[rack.First()], rack.Sum(broker => bands[broker].Low));
            if (least > (most * (1 + Tolerance)) + Tolerance)
            {
                return new(goal.Name, least - most, string.Create(CultureInfo.InvariantCulture,
                    $"{goal.Name} asks for at least {LaneWords.Amount(lane, least)} of {LaneWords.Name(lane)} on the {rack.Count(broker => _arrays.Alive[broker])} brokers of rack {name}, but with replicas of a partition in different racks a rack holds at most {LaneWords.Amount(lane, most)}: it has more brokers than the other racks. Their number would have to be more even."), null);
            }
        }

        var fits = racks.Sum(rack => Math.Min(most, rack.Sum(broker => bands[broker].High)));
        return total > (fits * (1 + Tolerance)) + Tolerance
            ? new(goal.Name, total - fits, $"{goal.Name} allows {LaneWords.Amount(lane, fits)} of {LaneWords.Name(lane)} on all brokers together{(double.IsFinite(most) ? $" ({LaneWords.Amount(lane, most)} at most in a rack, one copy of everything)" : "")}, but there are {LaneWords.Amount(lane, total)}: some broker has to be above it.", null)
            : null;
    }

    /// <summary>Infinite where replicas of a partition may share a rack.</summary>
    private double MostOfRack(int lane)
    {
        if (!_isRackBound)
        {
            return double.PositiveInfinity;
        }

        var most = 0.0;
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            var replicas = _arrays.Start[partition + 1] - _arrays.Start[partition];
            var (lead, follow) = Of(partition, lane);
            most += ((problem.IsMovable[partition] ? RackAwareGoal.MostPerRack(replicas, _racks) : replicas) * follow) + Math.Max(0, lead - follow);
        }

        return most;
    }

    private InfeasibilityProof? Largest(IGoal goal, int lane, (double Low, double High)[] bands)
    {
        var (highest, largest, worst) = (0.0, 0.0, -1);
        foreach (var (_, high) in bands)
        {
            highest = Math.Max(highest, high);
        }

        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            var load = Of(partition, lane).Lead;
            (worst, largest) = load > largest ? (partition, load) : (worst, largest);
        }

        return largest > (highest * (1 + Tolerance)) + Tolerance
            ? new(goal.Name, largest - highest, $"{PlaceProofs.NameOf(problem, worst)} alone needs {LaneWords.Amount(lane, largest)} of {LaneWords.Name(lane)}, more than {goal.Name} allows on any broker ({LaneWords.Amount(lane, highest)}).",
                new Remedy("partitions", (int)Math.Min(int.MaxValue, Math.Ceiling(largest / Math.Max(highest, double.Epsilon))), highest, false, "More partitions for the topic."))
            : null;
    }

    /// <summary>A broker without any partition that weighs something is below its band.</summary>
    private InfeasibilityProof? TooFew(IGoal goal, int lane, (double Low, double High)[] bands)
    {
        var (wanting, items) = (bands.Count(band => band.Low > 0), 0);
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            var (lead, follow) = Of(partition, lane);
            items += follow > 0 ? _arrays.Start[partition + 1] - _arrays.Start[partition] : lead > 0 ? 1 : 0;
        }

        return items < wanting
            ? new(goal.Name, wanting - items, $"{goal.Name} asks for some {LaneWords.Name(lane)} on {PlanWords.Count(wanting, "broker")}, but only {PlanWords.Count(items, "replica")} cause any.",
                new Remedy("partitions", wanting - items, double.NaN, false, "More partitions."))
            : null;
    }

    private (double Lead, double Follow) Of(int partition, int lane) =>
        (_arrays.Loads.On(lane, partition, leads: true), _arrays.Loads.On(lane, partition, leads: false));
}
