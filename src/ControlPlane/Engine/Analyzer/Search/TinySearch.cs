using System.Numerics;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// On clusters of a few brokers and partitions all placements can be tried: before a run says not found, and for a repair of fewest bytes.
/// Chains of moves that only fit together are beyond a local search.
/// </summary>
internal sealed class TinySearch
{
    private const int MostBrokers = 6;
    private const int MostPartitions = 24;
    private const int MostSteps = 400_000;

    private readonly OptimizerProblem _problem;
    private readonly SearchContext _search;
    private readonly Placement _placement;
    private readonly PlacementArrays _arrays;
    private readonly double[] _load;
    private readonly double[] _most;
    private readonly int[] _order;
    private readonly List<Choice>[] _choices;
    private readonly Choice[] _chosen;
    private Choice[]? _best;
    private double _bytes = double.PositiveInfinity;
    private int _steps;

    private TinySearch(OptimizerProblem problem, SearchContext search)
    {
        (_problem, _search, _placement, _arrays) = (problem, search, search.Placement, problem.Arrays);
        _most = Limits();
        _load = new double[_most.Length];
        _order = [.. Enumerable.Range(0, problem.Partitions).Where(partition => problem.IsMovable[partition]).OrderByDescending(_placement.DiskOf).ThenBy(partition => partition)];
        _chosen = new Choice[problem.Partitions];
        _choices = new List<Choice>[problem.Partitions];
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            _choices[partition] = problem.IsMovable[partition] ? Choices(partition) : [];
            if (!problem.IsMovable[partition])
            {
                Add(partition, BrokersOf(partition, _arrays.Current), LeaderOf(partition), 1);
            }
        }
    }

    /// <summary>Puts the best placement there is in place of what the search came to; false: none was found, or the cluster is not tiny.</summary>
    /// <param name="problem">What is asked.</param>
    /// <param name="search">Where its search stands.</param>
    /// <param name="below">Only what copies fewer bytes; infinite: anything.</param>
    public static bool Try(OptimizerProblem problem, SearchContext search, double below)
    {
        if (problem.Nowhere > MostBrokers || problem.Partitions > MostPartitions || problem.MustMove.Contains(true) || problem.Stuck.Count > 0 || problem.Arrays.MinLeaders.Length > 0
            || problem.Wish.Mode is not (OptimizerMode.Rebalance or OptimizerMode.MinimalRepair) || search.IsCut)
        {
            return false;
        }

        var tiny = new TinySearch(problem, search) { _bytes = below };
        tiny.Descend(0, 0, 0);
        return tiny._best is { } best && tiny.Apply(best);
    }

    /// <summary>By row and lane the most that may be at the end: what is asked for is held, what was broken before does not get worse.</summary>
    private double[] Limits()
    {
        var (bands, start) = (_placement.Bands, _problem.NewPlacement().Load);
        var most = new double[_placement.Rows * Lane.Count];
        for (var at = 0; at < most.Length; at++)
        {
            var isAsked = bands.W1[at] > 0 && _problem.Wish.Mode == OptimizerMode.MinimalRepair;
            most[at] = isAsked ? Math.Min(bands.High[at], bands.Hard[at])
                : at % Lane.Count >= Lane.HardCount ? double.PositiveInfinity
                : IsHeld(at % Lane.Count) ? bands.Hard[at] : Math.Max(bands.Hard[at], start[at]);
        }

        return most;
    }

    /// <summary>Whether the limit of the lane is a goal that was asked for.</summary>
    private bool IsHeld(int lane) => _problem.Wish.Mode == OptimizerMode.Rebalance && _problem.Goals.Any(goal => lane switch
    {
        Lane.Cpu => goal is CpuCapacityGoal,
        Lane.BytesIn => goal is NetworkInboundCapacityGoal,
        Lane.BytesOut => goal is NetworkOutboundCapacityGoal,
        Lane.Disk => goal is DiskCapacityGoal,
        _ => goal is ReplicaCapacityGoal,
    });

    /// <summary>Every set of brokers and leader that the rules allow, those that copy least first.</summary>
    private List<Choice> Choices(int partition)
    {
        var before = BrokersOf(partition, _arrays.Current);
        var choices = new List<Choice>();
        for (var bits = 1u; bits < 1u << _problem.Nowhere; bits++)
        {
            if (BitOperations.PopCount(bits) == before.Length)
            {
                int[] set = [.. Enumerable.Range(0, _problem.Nowhere).Where(broker => (bits & (1u << broker)) != 0)];
                int[] added = [.. set.Except(before)];
                if (added.All(broker => MayReceive(partition, broker)) && KeepsPlaces(partition, before, set))
                {
                    choices.AddRange(Leaders(partition, before, set).Select(leader => new Choice(set, leader, added.Length)));
                }
            }
        }

        return [.. choices.OrderBy(choice => choice.Copies).ThenBy(choice => choice.Leader == LeaderOf(partition) ? 0 : 1)];
    }

    private bool MayReceive(int partition, int broker) =>
        _arrays.CanReceive[broker] && (_arrays.IsDestination.Length == 0 || _arrays.IsDestination[broker])
        && (_arrays.BrokerSet.Length == 0 || _arrays.BrokerSet[broker] == _arrays.TopicSet[_arrays.Topic[partition]]);

    private bool KeepsPlaces(int partition, int[] before, int[] set)
    {
        var racks = RackAwareGoal.LivingRacks(_placement);
        var isStrict = _problem.Wish.Mode == OptimizerMode.Rebalance && _problem.Goals.Any(goal => goal is RackAwareGoal);
        var isEven = _problem.Wish.Mode == OptimizerMode.Rebalance && _problem.Goals.Any(goal => goal is RackAwareDistributionGoal);
        var strays = set.Count(broker => _arrays.BrokerSet.Length > 0 && _arrays.BrokerSet[broker] != _arrays.TopicSet[_arrays.Topic[partition]]);
        return (!isStrict || RackSpread.Surplus(_arrays.Rack, set, 1) == 0)
            && RackSpread.Uneven(_arrays.Rack, set, racks) <= (isEven ? 0 : RackSpread.Uneven(_arrays.Rack, before, racks))
            && (strays == 0 || _problem.Wish.Mode == OptimizerMode.MinimalRepair);
    }

    /// <summary>Who leads stays, or one in sync follows; a new copy leads only in the place of a leader that goes.</summary>
    private IEnumerable<int> Leaders(int partition, int[] before, int[] set)
    {
        var leader = LeaderOf(partition);
        if (leader < 0)
        {
            return [-1];
        }

        return set.Where(broker => broker == leader || (before.Contains(broker)
            ? _arrays.CanLead[broker] && !_problem.MayNotLead[SlotAt(partition, _arrays.Current, broker)]
            : _arrays.CanLead[broker] && !set.Contains(leader)));
    }

    private void Descend(int depth, double bytes, double copies)
    {
        if (bytes >= _bytes || ++_steps > MostSteps || _search.IsCut || !IsInBudget(bytes, copies))
        {
            return;
        }

        if (depth == _order.Length)
        {
            (_bytes, _best) = (bytes, (Choice[])_chosen.Clone());
            return;
        }

        var partition = _order[depth];
        foreach (var choice in _choices[partition])
        {
            if (Add(partition, choice.Brokers, choice.Leader, 1))
            {
                _chosen[partition] = choice;
                Descend(depth + 1, bytes + (choice.Copies * _placement.DiskOf(partition)), copies + choice.Copies);
            }

            Add(partition, choice.Brokers, choice.Leader, -1);
        }
    }

    private bool IsInBudget(double bytes, double copies) =>
        (_problem.Wish.ByteBudget is not { } most || bytes <= most) && (_problem.Wish.MoveBudget is not { } moves || copies <= moves);

    /// <summary>Whether every row it lies on is within its limits with it.</summary>
    private bool Add(int partition, int[] brokers, int leader, int sign)
    {
        var fits = true;
        foreach (var broker in brokers)
        {
            fits &= AddTo(broker, partition, broker == leader, sign);
            fits &= _placement.Hosts.RowOf[broker] is not (>= 0 and var host) || AddTo(host, partition, broker == leader, sign);
        }

        return fits;
    }

    private bool AddTo(int row, int partition, bool leads, int sign)
    {
        var fits = row != _problem.Nowhere;
        for (var lane = 0; lane < Lane.Count; lane++)
        {
            var (at, load) = ((row * Lane.Count) + lane, _arrays.Loads.On(lane, partition, leads));
            _load[at] += sign * load;
            fits &= load == 0 || _load[at] <= _most[at];
        }

        return fits;
    }

    private bool Apply(Choice[] best)
    {
        foreach (var partition in _order)
        {
            var (choice, leads) = (best[partition], _placement.Lead[partition]);
            var start = _arrays.Start[partition];
            for (var slot = start; slot < _arrays.Start[partition + 1]; slot++)
            {
                _search.Move(slot, _arrays.Current[slot]); // what the search moved begins anew: a copy that stays is no copy
            }

            var free = Enumerable.Range(start, _arrays.Start[partition + 1] - start).Where(slot => !choice.Brokers.Contains(_placement.Current[slot])).OrderBy(slot => slot == leads ? 0 : 1).ToArray();
            var missing = choice.Brokers.Where(broker => !_placement.Holds(broker, partition)).OrderBy(broker => broker == choice.Leader ? 0 : 1).ToArray();
            foreach (var (slot, to) in free.Zip(missing))
            {
                _search.Move(slot, to);
            }

            if (choice.Leader >= 0 && SlotAt(partition, _placement.Current, choice.Leader) is var slotOf && slotOf != _placement.Lead[partition])
            {
                _placement.TransferLeadership(partition, slotOf);
            }
        }

        return true;
    }

    private int[] BrokersOf(int partition, int[] current) => current[_arrays.Start[partition].._arrays.Start[partition + 1]];

    private int LeaderOf(int partition) => _arrays.Lead[partition] < 0 ? -1 : _arrays.Current[_arrays.Lead[partition]];

    private int SlotAt(int partition, int[] current, int broker) =>
        _arrays.Start[partition] + current.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).IndexOf(broker);

    private sealed record Choice(int[] Brokers, int Leader, int Copies);
}
