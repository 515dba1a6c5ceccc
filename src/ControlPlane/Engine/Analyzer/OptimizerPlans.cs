using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Makes a plan that can be stored, approved and carried out from what a run of the optimizer found.</summary>
public static class OptimizerPlans
{
    public static RebalancePlan From(ClusterModel picture, BuiltModel built, OptimizerResult result, OptimizerWish wish, ExecutionLimits limits, Guid id, DateTimeOffset at)
    {
        var model = built.Model;
        var words = new RepairWords(model, result, wish);
        ImmutableArray<PlannedMove> moves = [.. result.Changes.SelectMany(change => Moves(built, words, change, wish))];
        var areSizesKnown = built.SizeKnown.Contains(true);
        var plan = new RebalancePlan(id, picture.Id, PlanModes.Of(wish.Mode), at, picture.Generation)
        {
            KafkaClusterId = picture.KafkaClusterId,
            LostBrokers = wish.Mode == OptimizerMode.FixOffline ? FixOfflineRules.LostBrokers(picture, wish.Brokers) : [],
            Moves = moves,
            Brokers = [.. result.Brokers.Select(broker => Change(built, broker, areSizesKnown))],
            Lanes = LaneTable.Of(model, wish, result),
            Unplaced = [.. result.Unplaced.Select(one => new UnplacedReplica(model.Topics[model.Topic[one.Partition]], model.Number[one.Partition], model.BrokerIds[one.Broker], one.Why))],
            Goals = result.Goals,
            Notes = [.. built.Notes.Concat(result.Notes).Concat(Beyond(picture, wish)).Distinct()],
            Bound = result.Bound,
            Outcome = result.Outcome,
            Proofs = result.Proofs,
            IsCut = result.IsCut,
            Verdict = result.Verdict,
            Limits = limits,
        };
        return plan with { Risks = PlanRisks.Of(picture, built, wish, plan), Verdict = Judge(picture, plan, wish) };
    }

    /// <summary>A repair that moves nothing but what is lost is checked once more as it will be stored and shown, on the picture itself.</summary>
    private static PlanVerdict Judge(ClusterModel picture, RebalancePlan plan, OptimizerWish wish)
    {
        if (wish is not { Mode: OptimizerMode.FixOffline, MandatoryOnly: true })
        {
            return plan.Verdict;
        }

        var lists = PlanVerifier.Check(picture, plan, wish);
        return new PlanVerdict(plan.Verdict.IsSound && lists.IsSound, [.. plan.Verdict.Problems, .. lists.Problems]);
    }

    /// <summary>What no plan moves, though a person would take it for moved.</summary>
    private static string[] Beyond(ClusterModel picture, OptimizerWish wish) =>
        wish.Mode == OptimizerMode.RemoveDirs && picture.Controller.Mode != "zookeeper"
            ? ["A broker's own log of the cluster's metadata (__cluster_metadata) is in metadata.log.dir, which is the first of log.dirs where nothing else is set. No plan moves it: see that it is elsewhere before a log dir is taken away."]
            : [];

    /// <summary>A change of the list and moves between log dirs of brokers that keep their replica are steps of their own: Kafka takes them apart.</summary>
    private static IEnumerable<PlannedMove> Moves(BuiltModel built, RepairWords words, PartitionChange change, OptimizerWish wish)
    {
        var model = built.Model;
        var (before, after) = (Ids(model, change.Before), Ids(model, LeaderFirst(change)));
        var dirs = DirsOf(model, change);
        var moveClass = ClassOf(model, change, wish);
        var step = new PlannedMove(
            model.Topics[model.Topic[change.Partition]],
            model.TopicIds.Length == 0 ? Guid.Empty : model.TopicIds[model.Topic[change.Partition]],
            model.Number[change.Partition],
            before,
            after,
            built.SizeKnown.Count > change.Partition && !built.SizeKnown[change.Partition] && change.Copies > 0 ? null : (long)change.Bytes,
            moveClass,
            IsRepaired(change, moveClass, wish) ? words.Reason(change) : Reason(model, change))
        {
            LeaderBefore = change.LeaderBefore < 0 ? null : model.BrokerIds[change.LeaderBefore],
            LeaderAfter = change.LeaderAfter < 0 ? null : model.BrokerIds[change.LeaderAfter],
            Goal = change.Goal.Length == 0 ? null : change.Goal,
            Dirs = [.. dirs.Where(dir => !before.Contains(dir.Broker))],
        };
        ImmutableArray<PlannedDir> inside = [.. dirs.Where(dir => before.Contains(dir.Broker))];
        var share = inside.IsEmpty ? 0 : (long)(change.DirBytes / inside.Length);
        foreach (var dir in inside)
        {
            // Before the list changes, so that it is judged against the same list as that.
            yield return step with
            {
                After = before,
                Bytes = share,
                Dirs = [dir],
                LeaderBefore = null,
                LeaderAfter = null,
                Reason = $"Goes from {dir.From ?? "its log dir"} to {dir.To} on broker {dir.Broker}{For(change)}.",
            };
        }

        if (!before.SequenceEqual(after) || change.LeaderBefore != change.LeaderAfter)
        {
            yield return step;
        }
    }

    private static bool IsRepaired(PartitionChange change, MoveClass moveClass, OptimizerWish wish) =>
        wish.Mode == OptimizerMode.FixOffline && moveClass is MoveClass.DataAtRisk or MoveClass.Offline && change.Copies > 0;

    private static ImmutableArray<int> LeaderFirst(PartitionChange change) =>
        change.LeaderAfter == change.LeaderBefore || change.LeaderAfter < 0 || change.After[0] == change.LeaderAfter || !change.After.Contains(change.LeaderAfter)
            ? change.After
            : [change.LeaderAfter, .. change.After.Where(broker => broker != change.LeaderAfter)];

    private static ImmutableArray<int> Ids(OptimizerModel model, ImmutableArray<int> brokers) => [.. brokers.Select(broker => model.BrokerIds[broker])];

    private static PlannedDir[] DirsOf(OptimizerModel model, PartitionChange change)
    {
        var found = new List<PlannedDir>();
        for (var place = 0; place < change.DirsAfter.Length; place++)
        {
            var (to, broker) = (change.DirsAfter[place], change.After[place]);
            var at = change.Before.IndexOf(broker);
            var from = at < 0 || model.Dir.Length == 0 ? -1 : model.Dir[model.Start[change.Partition] + at];
            if (to >= 0 && to != from)
            {
                found.Add(new PlannedDir(model.BrokerIds[broker], from < 0 ? null : model.DirPaths[from], model.DirPaths[to]));
            }
        }

        return [.. found];
    }

    /// <summary>The executor drops repairs of what has healed; only what is a repair may be called one.</summary>
    private static MoveClass ClassOf(OptimizerModel model, PartitionChange change, OptimizerWish wish)
    {
        if (change.Class is not (MoveClass.DataAtRisk or MoveClass.Offline))
        {
            return change.Class;
        }

        var start = model.Start[change.Partition];
        var isBroken = Enumerable.Range(start, model.ReplicasOf(change.Partition)).Any(slot =>
            model.Conditions[model.Broker[slot]] == BrokerCondition.Dead
            || (model.Marks.Length > slot && (model.Marks[slot] & (ReplicaMarks.Offline | ReplicaMarks.OutOfSync)) != ReplicaMarks.None));
        return isBroken && wish.Mode != OptimizerMode.ReplicationFactor ? change.Class : MoveClass.Capacity;
    }

    private static string Reason(OptimizerModel model, PartitionChange change)
    {
        var gone = change.Before.Except(change.After).ToArray();
        var added = change.After.Except(change.Before).ToArray();
        var leader = change.LeaderAfter >= 0 && change.LeaderAfter != change.LeaderBefore ? model.BrokerIds[change.LeaderAfter] : (int?)null;
        var what = (gone.Length, added.Length) switch
        {
            (0, 0) => leader is { } only ? $"Broker {only} leads instead of {(change.LeaderBefore < 0 ? "nobody" : $"broker {model.BrokerIds[change.LeaderBefore]}")}" : "The order of its replicas changes",
            (0, _) => $"Gets a further copy on broker {Names(added)}",
            (_, 0) => $"Gives up its copy on broker {Names(gone)}",
            _ => $"Goes from broker {Names(gone)} to broker {Names(added)}",
        };
        var leads = leader is { } id && gone.Length + added.Length > 0 ? $"; broker {id} leads" : "";
        return $"{what}{leads}{For(change)}.";

        string Names(int[] brokers) => string.Join(", ", brokers.Select(broker => model.BrokerIds[broker]));
    }

    private static string For(PartitionChange change) => change.Goal.Length == 0 ? "" : $", for {change.Goal}";

    private static BrokerChange Change(BuiltModel built, BrokerOutcome outcome, bool areSizesKnown)
    {
        var (model, broker) = (built.Model, outcome.Broker);
        var capacity = model.Capacity[(broker * 4) + Lane.Disk];
        return new BrokerChange(
            model.BrokerIds[broker],
            model.Racks[broker],
            model.Conditions[broker] != BrokerCondition.Dead,
            Burden(built, outcome.Before, areSizesKnown),
            Burden(built, outcome.After, areSizesKnown),
            double.IsNaN(capacity) ? null : (long)capacity,
            areSizesKnown ? (long)(outcome.PeakDisk + model.DiskForeign[broker]) : null,
            (long)outcome.BytesIn,
            (long)outcome.BytesOut);
    }

    private static BrokerBurden Burden(BuiltModel built, ImmutableArray<double> lanes, bool areSizesKnown) => new(
        (int)Math.Round(lanes[Lane.Replicas]), (int)Math.Round(lanes[Lane.Leaders]), areSizesKnown ? (long)lanes[Lane.Disk] : null, built.RatesAreKnown ? lanes[Lane.BytesIn] : null);
}
