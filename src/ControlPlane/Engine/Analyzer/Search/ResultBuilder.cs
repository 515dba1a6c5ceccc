using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Says what a finished search has come to: changes in order, goals, loads, risks, and the check of all that.</summary>
internal sealed class ResultBuilder(OptimizerProblem problem, Placement placement, SearchContext search, MandatoryPhase mandatory, PlanOrder order)
{
    public OptimizerResult Build(IReadOnlyList<(Pending Change, int Lane)> ordered, ImmutableArray<GoalReport> before, ImmutableArray<GoalReport> after)
    {
        var changes = ordered.Select(one => Describe(one.Change, one.Lane)).ToImmutableArray();
        var goals = before.Zip(after, (was, now) => new GoalOutcome(was.Goal, was.IsHard, was.Unit, was.Violations, now.Violations, was.Distance, now.Distance)).ToImmutableArray();
        var isMet = !goals.Any(goal => goal.IsHard && goal.ViolatedAfter > 0) && mandatory.Unplaced.Count == 0;
        var copies = changes.Sum(change => change.Copies);
        return new OptimizerResult
        {
            Outcome = isMet ? OutcomeKind.Ok : OutcomeKind.NotFound,
            Goals = goals,
            Changes = changes,
            Brokers = Brokers(),
            Notes = Notes(),
            Verdict = new PlanVerdict(true, []),
            ReplicaMoves = copies,
            LeaderMoves = changes.Count(change => change.LeaderAfter != change.LeaderBefore),
            Bytes = changes.Sum(change => change.Bytes),
            IsCut = search.IsCut,
            PlacementHash = Hash(),
        };
    }

    private PartitionChange Describe(Pending change, int lane)
    {
        var (model, arrays, partition) = (problem.Model, problem.Arrays, change.Partition);
        int[] before = model.Broker[model.Start[partition]..model.Start[partition + 1]];
        var lead = placement.Lead[partition];
        var kept = new List<int>();
        var added = new List<int>();
        for (var slot = arrays.Start[partition]; slot < arrays.Start[partition + 1]; slot++)
        {
            if (slot != lead && placement.Current[slot] != problem.Nowhere)
            {
                (search.IsHome(slot) ? kept : added).Add(placement.Current[slot]);
            }
        }

        ImmutableArray<int> after = [.. lead >= 0 ? [placement.Current[lead]] : Array.Empty<int>(), .. kept, .. added];
        var leaderBefore = model.Lead[partition] < 0 ? -1 : model.Broker[model.Lead[partition]];
        var copies = after.Count(broker => !before.Contains(broker));
        return new PartitionChange(
            partition, [.. before], after, [], leaderBefore, lead < 0 ? -1 : placement.Current[lead],
            copies * placement.DiskOf(partition), 0, change.Class, GoalOf(change, lane));
    }

    private string GoalOf(Pending change, int lane) => change.Class switch
    {
        MoveClass.DataAtRisk or MoveClass.Offline => "offline",
        MoveClass.Rack => "RackAwareGoal",
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
            _ => problem.Wish.Mode.ToString(),
        },
    };

    private ImmutableArray<BrokerOutcome> Brokers()
    {
        var was = new Placement(problem.Arrays);
        var (receive, send) = Traffic();
        return [.. Enumerable.Range(0, problem.Nowhere).Select(broker => new BrokerOutcome(
            broker, Lanes(was, broker), Lanes(placement, broker), order.PeakDisk[broker], receive[broker], send[broker]))];
    }

    private static ImmutableArray<double> Lanes(Placement state, int broker) =>
        [.. state.Load.AsSpan(broker * Lane.Count, Lane.Count)];

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

    private ImmutableArray<string> Notes()
    {
        var model = problem.Model;
        string Name(int partition) => $"{model.Topics[model.Topic[partition]]}-{model.Number[partition]}";
        return
        [
            .. problem.Notes,
            .. placement.Bands.Notes,
            .. mandatory.Unplaced.GroupBy(one => one.Why).Select(group =>
                $"{PlanWords.Count(group.Count(), "replica")} found no place ({string.Join(", ", group.Take(5).Select(one => Name(placement.Part[one.Slot])))}): {group.Key}."),
            .. mandatory.Unled.GroupBy(one => one.Why).Select(group =>
                $"{PlanWords.Count(group.Count(), "partition")} keep their leader ({string.Join(", ", group.Take(5).Select(one => Name(one.Partition)))}): {group.Key}."),
            .. order.LeftOut.Count == 0 ? Array.Empty<string>() : [$"{PlanWords.Count(order.LeftOut.Count, "partition")} stay where they are: their disks would have to be freed by each other first."],
        ];
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(placement.Current.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(placement.Lead.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
