using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer.Goals;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Says what may go wrong while a plan runs, worst first.</summary>
internal static class PlanRisks
{
    private const int Named = 5;
    private const double LongRunSeconds = 6 * 3600;

    public static ImmutableArray<PlanRisk> Of(FixOfflineRun run, RebalancePlan plan)
    {
        var found = new List<PlanRisk>();
        AddUnplaced(run, found, plan);
        AddMinInSync(run, found, plan);
        AddOutOfSync(run, found, plan);
        AddDisks(run, found, plan);
        AddRacks(run, found, plan);
        AddTime(run, found, plan);
        return [.. found.OrderBy(risk => risk.Status == Status.Crit ? 0 : 1)];
    }

    private static void AddUnplaced(FixOfflineRun run, List<PlanRisk> found, RebalancePlan plan)
    {
        var dead = plan.Unplaced.Select(replica => (replica.Topic, replica.Partition)).Distinct()
            .Where(pair => run.SurvivorsInSync(PartitionOf(run, pair.Topic, pair.Partition)) == 0).ToArray();
        if (dead.Length > 0)
        {
            found.Add(new(Status.Crit, "no-survivor", $"{PlanWords.Count(dead.Length, "partition")} ({Some(dead.Select(pair => $"{pair.Topic}-{pair.Partition}"))}) have no surviving replica in sync. The plan leaves them alone: only the return of a lost broker saves their newest records."));
        }
    }

    private static void AddMinInSync(FixOfflineRun run, List<PlanRisk> found, RebalancePlan plan)
    {
        var thin = plan.Moves.Where(move =>
        {
            var partition = PartitionOf(run, move.Topic, move.Partition);
            var min = run.Table.TopicMinInSync[run.Table.Topic[partition]];
            return min >= 0 && run.SurvivorsInSync(partition) <= min;
        }).ToArray();
        if (thin.Length > 0)
        {
            found.Add(new(Status.Warn, "min-isr", $"{PlanWords.Count(thin.Length, "partition")} ({Some(thin.Select(Name))}) stay at or under min.insync.replicas until their copy is done: the loss of one more broker stops their producers with acks=all."));
        }
    }

    private static void AddOutOfSync(FixOfflineRun run, List<PlanRisk> found, RebalancePlan plan)
    {
        var slow = plan.Moves.Where(move =>
        {
            var partition = PartitionOf(run, move.Topic, move.Partition);
            return run.SurvivorsInSync(partition) < move.Before.Length - run.LostCount(partition);
        }).ToArray();
        if (slow.Length > 0)
        {
            found.Add(new(Status.Warn, "kept-out-of-sync", $"{PlanWords.Count(slow.Length, "partition")} ({Some(slow.Select(Name))}) keep a replica that is out of sync. Since Kafka 3.8 their move ends only when that one has caught up as well."));
        }
    }

    private static void AddDisks(FixOfflineRun run, List<PlanRisk> found, RebalancePlan plan)
    {
        var limit = run.Options.Bands.DiskLimit;
        var full = plan.Brokers.Where(broker => broker.BytesToReceive > 0 && broker.PeakDiskBytes > broker.DiskCapacity * limit).ToArray();
        if (full.Length > 0)
        {
            found.Add(new(Status.Crit, "disk", $"{PlanWords.Count(full.Length, "broker")} ({Some(full.Select(broker => $"broker {broker.BrokerId}"))}) will have more than {limit * 100:0} % of the disk filled."));
        }

        var blind = plan.Brokers.Where(broker => broker.BytesToReceive > 0 && broker.DiskCapacity is null).ToArray();
        if (blind.Length > 0)
        {
            found.Add(new(Status.Warn, "disk-unknown", $"{PlanWords.Count(blind.Length, "receiving broker")} ({Some(blind.Select(broker => $"broker {broker.BrokerId}"))}) do not tell the size of their disks, so nothing keeps the plan from filling them. Look before you approve."));
        }

        var unknown = plan.Moves.Where(move => move.Bytes is null).ToArray();
        if (unknown.Length > 0)
        {
            found.Add(new(Status.Warn, "sizes-unknown", $"The size of {PlanWords.Count(unknown.Length, "partition")} ({Some(unknown.Select(Name))}) is unknown; the mean of the topic, else of the cluster, was assumed for where they go. Bytes and duration do not count them."));
        }
    }

    private static void AddRacks(FixOfflineRun run, List<PlanRisk> found, RebalancePlan plan)
    {
        var racks = RackAwareGoal.LivingRacks(run.Placement);
        var wide = plan.Moves.Where(move => move.After.Length > racks).ToArray();
        if (wide.Length > 0)
        {
            found.Add(new(Status.Warn, "few-racks", $"Only {PlanWords.Count(racks, "rack")} live, and {PlanWords.Count(wide.Length, "partition")} ({Some(wide.Select(Name))}) have more replicas than that: some racks hold several of them."));
        }

        var crowded = Enumerable.Range(0, run.Lost.Length)
            .Where(slot => run.Placement.Current[slot] != run.Table.ReplicaBroker[slot] && run.Compromises[slot] is Compromise.Rack or Compromise.RackAndDiskLimit)
            .Where(slot => run.Placement.Current[slot] != run.Table.ReplicaBroker[slot])
            .Select(slot => run.Placement.Part[slot]).Distinct().ToArray();
        if (crowded.Length > 0)
        {
            found.Add(new(Status.Warn, "rack", $"For {PlanWords.Count(crowded.Length, "partition")} ({Some(crowded.Select(partition => $"{run.Topic(partition)}-{run.Table.NumberOf(partition)}"))}) no broker of a free rack has room: two replicas share a rack."));
        }
    }

    private static void AddTime(FixOfflineRun run, List<PlanRisk> found, RebalancePlan plan)
    {
        if (PlanEstimate.Seconds(plan) is { } seconds and > LongRunSeconds)
        {
            found.Add(new(Status.Warn, "duration", $"It takes about {PlanWords.Duration(seconds)} at this throttle; until then the last partitions lack a replica."));
        }

        if (plan.Limits.ThrottleBytesPerSecond is not { } throttle || !run.Built.RatesAreKnown)
        {
            return;
        }

        // A copy that fills slower than the partition is written never ends; the busiest ones may run at the same time.
        var slow = plan.Moves
            .SelectMany(move => move.After.Except(move.Before), (move, to) => (to, Rate: run.Placement.Arrays.Loads.On(Lane.BytesIn, PartitionOf(run, move.Topic, move.Partition), leads: false)))
            .GroupBy(copy => copy.to)
            .Where(broker => broker.Select(copy => copy.Rate).OrderDescending().Take(plan.Limits.MovesPerBroker).Sum() >= throttle)
            .Select(broker => $"broker {broker.Key}").ToArray();
        if (slow.Length > 0)
        {
            found.Add(new(Status.Crit, "throttle", $"On {Some(slow)} the moving partitions are written faster than the throttle of {PlanWords.Rate(throttle)} lets them be copied: the moves would not end. Raise the throttle or move fewer at a time."));
        }
    }

    private static int PartitionOf(FixOfflineRun run, string topic, int partition) => run.Table.TopicStart[run.Table.FindTopic(topic)] + partition;

    private static string Name(PlannedMove move) => $"{move.Topic}-{move.Partition}";

    private static string Some(IEnumerable<string> names)
    {
        var list = names.ToArray();
        return list.Length <= Named ? string.Join(", ", list) : $"{string.Join(", ", list.Take(Named))} and {list.Length - Named} more";
    }
}
