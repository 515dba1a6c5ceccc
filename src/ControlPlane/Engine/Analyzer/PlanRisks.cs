using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Says what may go wrong while a plan runs, worst first.</summary>
internal sealed class PlanRisks
{
    private const int Named = 5;
    private const double LongRunSeconds = 6 * 3600;

    private readonly ClusterModel _picture;
    private readonly BuiltModel _built;
    private readonly OptimizerWish _wish;
    private readonly RebalancePlan _plan;
    private readonly List<PlanRisk> _found = [];

    private PlanRisks(ClusterModel picture, BuiltModel built, OptimizerWish wish, RebalancePlan plan) => (_picture, _built, _wish, _plan) = (picture, built, wish, plan);

    public static ImmutableArray<PlanRisk> Of(ClusterModel picture, BuiltModel built, OptimizerWish wish, RebalancePlan plan)
    {
        var risks = new PlanRisks(picture, built, wish, plan);
        risks.AddUnplaced();
        risks.AddMinInSync();
        risks.AddOutOfSync();
        risks.AddDisks();
        risks.AddRacks();
        risks.AddTime();
        return [.. risks._found.OrderBy(risk => risk.Status == Status.Crit ? 0 : 1)];
    }

    private PartitionTable Table => _picture.Partitions;

    private IEnumerable<PlannedMove> Copying => _plan.Moves.Where(move => move.Kind == MoveKind.Replicas && move.After.Except(move.Before).Any());

    private void Add(Status status, string kind, string sentence) => _found.Add(new PlanRisk(status, kind, sentence));

    private void AddUnplaced()
    {
        var dead = _plan.Unplaced.Select(replica => (replica.Topic, replica.Partition)).Distinct()
            .Where(pair => SurvivorsInSync(PartitionOf(pair.Topic, pair.Partition)) == 0).ToArray();
        if (dead.Length > 0)
        {
            Add(Status.Crit, "no-survivor", $"{PlanWords.Count(dead.Length, "partition")} ({Some(dead.Select(pair => $"{pair.Topic}-{pair.Partition}"))}) have no surviving replica in sync. The plan leaves them alone: only the return of a lost broker saves their newest records.");
        }
    }

    private void AddMinInSync()
    {
        var thin = Copying.Where(move =>
        {
            var partition = PartitionOf(move.Topic, move.Partition);
            var min = Table.TopicMinInSync[Table.Topic[partition]];
            return min >= 0 && SurvivorsInSync(partition) <= min;
        }).ToArray();
        if (thin.Length > 0)
        {
            Add(Status.Warn, "min-isr", $"{PlanWords.Count(thin.Length, "partition")} ({Some(thin.Select(Name))}) stay at or under min.insync.replicas until their copy is done: the loss of one more broker stops their producers with acks=all.");
        }
    }

    private void AddOutOfSync()
    {
        var slow = Copying.Where(move =>
        {
            var partition = PartitionOf(move.Topic, move.Partition);
            var replicas = Table.ReplicasOf(partition);
            var flags = Table.FlagsOf(partition);
            var isSlow = false;
            for (var place = 0; place < replicas.Length; place++)
            {
                var broker = _picture.Brokers[replicas[place]];
                isSlow |= !flags[place].Has(ReplicaFlags.InSync) && FixOfflineRules.IsAlive(broker) && move.After.Contains(broker.Id);
            }

            return isSlow;
        }).ToArray();
        if (slow.Length > 0)
        {
            Add(Status.Warn, "kept-out-of-sync", $"{PlanWords.Count(slow.Length, "partition")} ({Some(slow.Select(Name))}) keep a replica that is out of sync. Since Kafka 3.8 their move ends only when that one has caught up as well.");
        }
    }

    private void AddDisks()
    {
        var limit = _wish.Bands.DiskLimit;
        var full = _plan.Brokers.Where(broker => broker.BytesToReceive > 0 && broker.PeakDiskBytes > broker.DiskCapacity * limit).ToArray();
        if (full.Length > 0)
        {
            Add(Status.Crit, "disk", $"{PlanWords.Count(full.Length, "broker")} ({Some(full.Select(broker => $"broker {broker.BrokerId}"))}) will have more than {limit * 100:0} % of the disk filled.");
        }

        var blind = _plan.Brokers.Where(broker => broker.BytesToReceive > 0 && broker.DiskCapacity is null).ToArray();
        if (blind.Length > 0)
        {
            Add(Status.Warn, "disk-unknown", $"{PlanWords.Count(blind.Length, "receiving broker")} ({Some(blind.Select(broker => $"broker {broker.BrokerId}"))}) do not tell the size of their disks, so nothing keeps the plan from filling them. Look before you approve.");
        }

        var unknown = _plan.Moves.Where(move => move.Bytes is null).ToArray();
        if (unknown.Length > 0)
        {
            Add(Status.Warn, "sizes-unknown", $"The size of {PlanWords.Count(unknown.Length, "partition")} ({Some(unknown.Select(Name))}) is unknown; the mean of the topic, else of the cluster, was assumed for where they go. Bytes and duration do not count them.");
        }
    }

    /// <summary>Racks of repairs only: what moves by choice never crowds one.</summary>
    private void AddRacks()
    {
        if (_wish.Mode != OptimizerMode.FixOffline)
        {
            return;
        }

        var rackOf = _picture.Brokers.ToDictionary(broker => broker.Id, broker => broker.Rack is { Length: > 0 } rack ? rack : $"\0{broker.Id}");
        var racks = _picture.Brokers.Where(FixOfflineRules.IsAlive).Select(broker => rackOf[broker.Id]).Distinct(StringComparer.Ordinal).Count();
        var wide = Copying.Where(move => move.After.Length > racks).ToArray();
        if (wide.Length > 0)
        {
            Add(Status.Warn, "few-racks", $"Only {PlanWords.Count(racks, "rack")} live, and {PlanWords.Count(wide.Length, "partition")} ({Some(wide.Select(Name))}) have more replicas than that: some racks hold several of them.");
        }

        var crowded = Copying.Where(move =>
        {
            var most = racks == 0 ? move.After.Length : (move.After.Length + racks - 1) / racks;
            return move.After.Except(move.Before).Any(id => move.After.Count(other => rackOf[other] == rackOf[id]) > most);
        }).ToArray();
        if (crowded.Length > 0)
        {
            Add(Status.Warn, "rack", $"For {PlanWords.Count(crowded.Length, "partition")} ({Some(crowded.Select(Name))}) no broker of a free rack has room: two replicas share a rack.");
        }
    }

    private void AddTime()
    {
        if (PlanEstimate.Seconds(_plan) is { } seconds and > LongRunSeconds)
        {
            Add(Status.Warn, "duration", $"It takes about {PlanWords.Duration(seconds)} at this throttle; until then {(_wish.Mode == OptimizerMode.FixOffline ? "the last partitions lack a replica" : "brokers copy beside their usual work")}.");
        }

        if (_plan.Limits.ThrottleBytesPerSecond is not { } throttle || !_built.RatesAreKnown)
        {
            return;
        }

        // A copy that fills slower than the partition is written never ends; the busiest ones may run at the same time.
        var slow = Copying
            .SelectMany(move => move.After.Except(move.Before), (move, to) => (to, Rate: _built.Model.Loads[(PartitionOf(move.Topic, move.Partition) * LoadOf.Count) + LoadOf.BytesIn]))
            .GroupBy(copy => copy.to)
            .Where(broker => broker.Select(copy => copy.Rate).OrderDescending().Take(_plan.Limits.MovesPerBroker).Sum() >= throttle)
            .Select(broker => $"broker {broker.Key}").ToArray();
        if (slow.Length > 0)
        {
            Add(Status.Crit, "throttle", $"On {Some(slow)} the moving partitions are written faster than the throttle of {PlanWords.Rate(throttle)} lets them be copied: the moves would not end. Raise the throttle or move fewer at a time.");
        }
    }

    /// <summary>Replicas in sync on brokers that live.</summary>
    private int SurvivorsInSync(int partition)
    {
        var replicas = Table.ReplicasOf(partition);
        var flags = Table.FlagsOf(partition);
        var count = 0;
        for (var place = 0; place < replicas.Length; place++)
        {
            count += flags[place].Has(ReplicaFlags.InSync) && !FixOfflineRules.IsDown(_picture.Brokers[replicas[place]]) ? 1 : 0;
        }

        return count;
    }

    private int PartitionOf(string topic, int partition) => Table.TopicStart[Table.FindTopic(topic)] + partition;

    private static string Name(PlannedMove move) => $"{move.Topic}-{move.Partition}";

    private static string Some(IEnumerable<string> names)
    {
        var list = names.ToArray();
        return list.Length <= Named ? string.Join(", ", list) : $"{string.Join(", ", list.Take(Named))} and {list.Length - Named} more";
    }
}
