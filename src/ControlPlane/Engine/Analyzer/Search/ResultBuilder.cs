using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Says what a finished search has come to: changes in order, goals, loads, risks, and the check of all that.</summary>
internal sealed class ResultBuilder(OptimizerProblem problem, Placement placement, SearchContext search, DirPlacement dirs)
{
    public required ImmutableArray<GoalReport> Before { get; init; }

    public required ImmutableArray<GoalReport> After { get; init; }

    /// <summary>Eight lanes per row.</summary>
    public required double[] LoadBefore { get; init; }

    public required LowerBound? Bound { get; init; }

    public required MandatoryPhase Mandatory { get; init; }

    public required PlanOrder Order { get; init; }

    /// <summary>Replicas for which no log dir has room.</summary>
    public required int Homeless { get; init; }

    public required ImmutableArray<InfeasibilityProof> Proofs { get; init; }

    public required ImmutableArray<InfeasibilityProof> SoftProofs { get; init; }

    public OptimizerResult Build()
    {
        ImmutableArray<PartitionChange> changes = [];
        ImmutableArray<BrokerOutcome> brokers = [];
        var hash = "";
        Workers.Do(problem.Wish.Threads, () => changes = Changes(), () => (brokers, hash) = (Brokers(), Hash()));
        var goals = Before.Zip(After, (was, now) => new GoalOutcome(was.Goal, was.IsHard, was.Unit, was.Violations, now.Violations, was.Distance, now.Distance)).ToImmutableArray();
        var copies = changes.Sum(change => change.Copies);
        var outcome = !Proofs.IsEmpty ? OutcomeKind.Infeasible : IsReached(goals) ? OutcomeKind.Ok : OutcomeKind.NotFound;
        return new OptimizerResult
        {
            Outcome = outcome,
            Proofs = Proofs,
            SoftProofs = SoftProofs,
            Goals = goals,
            Changes = changes,
            Brokers = brokers,
            Unplaced = Unplaced(),
            Notes = Notes(),
            Bound = outcome == OutcomeKind.Ok ? Bound : null,
            Verdict = new PlanVerdict(false, ["Not checked."]),
            ReplicaMoves = copies,
            LeaderMoves = changes.Count(change => change.LeaderAfter != change.LeaderBefore),
            Bytes = changes.Sum(change => change.Bytes),
            IsCut = search.IsCut,
            PlacementHash = hash,
        };
    }

    /// <summary>Whether the wish is granted. Who asks for leadership only is not told no because a disk is full: that was so before.</summary>
    private bool IsReached(ImmutableArray<GoalOutcome> goals)
    {
        var hard = goals.Where(goal => goal.IsHard && goal.ViolatedAfter > 0);
        return Mandatory.Unplaced.Count == 0 && Mandatory.Crowded == 0 && Homeless == 0 && problem.Wish.Mode switch
        {
            OptimizerMode.MinimalRepair => placement.Cost() <= SearchContext.Epsilon,
            OptimizerMode.DemoteBrokers => Mandatory.Unled.Count == 0 && hard.All(goal => goal.ViolatedAfter <= goal.ViolatedBefore),
            OptimizerMode.KafkaAssigner => !hard.Any(goal => goal.Goal.StartsWith("KafkaAssigner", StringComparison.Ordinal) || goal.Goal.StartsWith("RackAware", StringComparison.Ordinal)),
            OptimizerMode.RackRepair => !hard.Any(goal => goal.Goal.StartsWith("RackAware", StringComparison.Ordinal)),
            OptimizerMode.PreferredLeaders or OptimizerMode.DiskBalance or OptimizerMode.RemoveDirs => hard.All(goal => goal.ViolatedAfter <= goal.ViolatedBefore),
            _ => problem.Wish.MandatoryOnly ? hard.All(goal => goal.ViolatedAfter <= goal.ViolatedBefore) : hard.Length == 0,
        };
    }

    private ImmutableArray<PartitionChange> Changes()
    {
        var (order, slots) = (Order.Changes, new List<int>());
        var changes = new PartitionChange[order.Count];
        for (var place = 0; place < changes.Length; place++)
        {
            changes[place] = Describe(order[place].Change, order[place].Lane, slots);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(changes);
    }

    private PartitionChange Describe(Pending change, int lane, List<int> slots)
    {
        var (model, partition, lead) = (problem.Model, change.Partition, placement.Lead[change.Partition]);
        var before = model.Broker[model.Start[partition]..model.Start[partition + 1]];
        var leaderBefore = model.Lead[partition] < 0 ? -1 : model.Broker[model.Lead[partition]];
        ListSlots(partition, leaderBefore, slots);
        if (Order.Orders.TryGetValue(partition, out var order))
        {
            SortBy(order, slots);
        }

        var (after, copies, dirBytes) = (new int[slots.Count], 0, 0.0);
        for (var place = 0; place < after.Length; place++)
        {
            after[place] = placement.Current[slots[place]];
            copies += before.AsSpan().Has(after[place]) ? 0 : 1;
            dirBytes += IsChangingDir(slots[place]) ? dirs.SizeOf(slots[place]) : 0;
        }

        return new PartitionChange(
            partition, ImmutableCollectionsMarshal.AsImmutableArray(before), ImmutableCollectionsMarshal.AsImmutableArray(after), DirsOf(slots),
            leaderBefore, lead < 0 ? -1 : placement.Current[lead], copies * placement.DiskOf(partition), dirBytes, change.Class, GoalOf(change, lane));
    }

    /// <summary>
    /// The leader first, because the first is the preferred one; then who stays in the old order; then new copies. A repair leaves a preferred
    /// leader that lives what it is, be it led by another at present.
    /// </summary>
    private void ListSlots(int partition, int leaderBefore, List<int> slots)
    {
        var (lead, first) = (placement.Lead[partition], problem.Arrays.Start[partition]);
        var keepsFirst = problem.Wish.Mode == OptimizerMode.FixOffline && lead >= 0 && search.IsHome(lead) && placement.Current[lead] == leaderBefore
            && search.IsHome(first) && !problem.MustMove[first];
        slots.Clear();
        if (lead >= 0 && !keepsFirst)
        {
            slots.Add(lead);
        }

        Add(isHome: true);
        Add(isHome: false);

        void Add(bool isHome)
        {
            for (var slot = first; slot < problem.Arrays.Start[partition + 1]; slot++)
            {
                if ((slot != lead || keepsFirst) && placement.Current[slot] != problem.Nowhere && search.IsHome(slot) == isHome)
                {
                    slots.Add(slot);
                }
            }
        }
    }

    private void SortBy(int[] order, List<int> slots) =>
        slots.Sort((x, y) => Array.IndexOf(order, placement.Current[x]).CompareTo(Array.IndexOf(order, placement.Current[y])));

    /// <summary>Only where a choice is: a copy that comes to a broker of several log dirs, or one that changes its dir.</summary>
    private ImmutableArray<int> DirsOf(List<int> slots)
    {
        foreach (var slot in slots)
        {
            if (IsChangingDir(slot) || (!search.IsHome(slot) && dirs.Dir[slot] >= 0))
            {
                return [.. slots.Select(one => dirs.Dir[one])];
            }
        }

        return [];
    }

    private bool IsChangingDir(int slot) => search.IsHome(slot) && dirs.HomeOf(slot) >= 0 && dirs.Dir[slot] != dirs.HomeOf(slot);

    private string GoalOf(Pending change, int lane) => change.Class switch
    {
        MoveClass.DataAtRisk or MoveClass.Offline => "offline",
        MoveClass.Rack => "RackAwareGoal",
        _ when change.Slots.Length == 0 && problem.Wish.Mode is OptimizerMode.DiskBalance or OptimizerMode.RemoveDirs => "IntraBrokerDiskUsageDistributionGoal",
        _ => lane switch
        {
            Lane.Cpu => "CpuUsageDistributionGoal",
            Lane.BytesIn => "NetworkInboundUsageDistributionGoal",
            Lane.BytesOut => "NetworkOutboundUsageDistributionGoal",
            Lane.Disk => "DiskUsageDistributionGoal",
            Lane.Replicas => "ReplicaDistributionGoal",
            Lane.Leaders => "LeaderReplicaDistributionGoal",
            Lane.LeaderBytesIn => "LeaderBytesInDistributionGoal",
            Lane.PotentialBytesOut => "PotentialNwOutGoal",
            _ => change.HasCopies || problem.Wish.Mode != OptimizerMode.Rebalance ? problem.Wish.Mode.ToString() : "evener leadership",
        },
    };

    private ImmutableArray<BrokerOutcome> Brokers()
    {
        var (receive, send) = Traffic();
        return [.. Enumerable.Range(0, problem.Nowhere).Select(broker => new BrokerOutcome(
            broker, Lanes(LoadBefore, broker), Lanes(placement.Load, broker), Order.PeakDisk[broker], receive[broker], send[broker]))];
    }

    private static ImmutableArray<double> Lanes(double[] load, int broker) =>
        [.. load.AsSpan(broker * Lane.Count, Lane.Count)];

    /// <summary>The leader of before sends each new copy; where it is dead, the one after.</summary>
    private (double[] Receive, double[] Send) Traffic()
    {
        var (receive, send) = (new double[problem.Nowhere + 1], new double[problem.Nowhere + 1]);
        for (var slot = 0; slot < placement.Current.Length; slot++)
        {
            if (search.IsHome(slot))
            {
                continue;
            }

            var (partition, size) = (placement.Part[slot], placement.DiskOf(placement.Part[slot]));
            var lead = problem.Arrays.Lead[partition];
            var source = lead >= 0 && problem.Arrays.Alive[problem.Arrays.Current[lead]] ? problem.Arrays.Current[lead]
                : placement.Lead[partition] >= 0 ? placement.Current[placement.Lead[partition]]
                : problem.Nowhere;
            receive[placement.Current[slot]] += size;
            send[source] += size;
        }

        return (receive, send);
    }

    private ImmutableArray<UnplacedSlot> Unplaced() => problem.Wish.Mode != OptimizerMode.FixOffline || Mandatory.Unplaced.Count + Order.LeftOut.Count == 0 ? [] :
    [
        .. Mandatory.Unplaced.Select(one => (one.Slot, one.Why))
            .Concat(Order.LeftOut.SelectMany(change => change.Slots.Where(slot => problem.MustMove[slot]).Select(slot => (Slot: slot, Why: "no active broker without a replica of the partition has room for it"))))
            .OrderBy(one => one.Slot)
            .Select(one => new UnplacedSlot(placement.Part[one.Slot], problem.Arrays.Current[one.Slot], one.Why)),
    ];

    private ImmutableArray<string> Notes()
    {
        var model = problem.Model;
        string Name(int partition) => $"{model.Topics[model.Topic[partition]]}-{model.Number[partition]}";
        return
        [
            .. problem.Notes,
            .. placement.Bands.Notes,
            .. SoftProofs.Select(proof => proof.Sentence),
            .. Mandatory.Unplaced.Count == 0 || problem.Wish.Mode == OptimizerMode.FixOffline ? Array.Empty<string>() : Mandatory.Unplaced.GroupBy(one => one.Why).Select(group =>
                $"{PlanWords.Count(group.Count(), "replica")} found no place ({string.Join(", ", group.Take(5).Select(one => Name(placement.Part[one.Slot])))}): {group.Key}."),
            .. Mandatory.Unled.Count == 0 ? Array.Empty<string>() : Mandatory.Unled.GroupBy(one => one.Why).Select(group =>
                $"{PlanWords.Count(group.Count(), "partition")} {(group.Count() == 1 ? "keeps its" : "keep their")} leader ({string.Join(", ", group.Take(5).Select(one => Name(one.Partition)))}): {group.Key}."),
            .. Homeless == 0 ? Array.Empty<string>() : [$"{PlanWords.Count(Homeless, "replica")} find no log dir of their broker with room; Kafka would choose."],
            .. Order.LeftOut.Count == 0 ? Array.Empty<string>() : [LeftOut()],
        ];
    }

    private string LeftOut()
    {
        var left = Order.LeftOut.Count == 1 ? "1 partition stays where it is: disks" : $"{PlanWords.Count(Order.LeftOut.Count, "partition")} stay where they are: their disks";
        return $"{left} would have to be freed by each other first.{(problem.Wish.Mode == OptimizerMode.FixOffline ? "" : Stranded())}"; // in a repair they are named one by one
    }

    /// <summary>What is left out though it has to be done.</summary>
    private string Stranded()
    {
        int[] from = [.. Order.LeftOut.SelectMany(change => change.Slots.Where(slot => problem.MustMove[slot])).Select(slot => problem.Arrays.Current[slot])];
        int[] brokers = [.. from.Where(broker => broker < problem.Model.Brokers)];
        return (brokers.Length == 0 ? "" : $" Among them {PlanWords.Count(brokers.Length, "replica")} that should not stay, on broker {string.Join(", ", brokers.Select(broker => problem.Model.BrokerIds[broker]).Distinct().Order())}.")
            + (from.Length == brokers.Length ? "" : $" {from.Length - brokers.Length} of the new copies found no place.");
    }

    /// <summary>Tells placements apart, not forgers: a cryptographic one would load a library for it.</summary>
    private string Hash()
    {
        var (one, other) = (0UL, 1UL);
        foreach (var numbers in (ReadOnlySpan<int[]>)[placement.Current, placement.Lead])
        {
            foreach (var number in numbers)
            {
                one = SearchContext.Mix(one ^ (uint)number);
                other = SearchContext.Mix(other + (uint)number);
            }
        }

        return $"{one:x16}{other:x16}";
    }
}
