namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>What each single change has to keep.</summary>
internal sealed class ChangeRules(OptimizerModel model, OptimizerWish wish, VerifiedRoles roles, OptimizerResult result)
{
    public IEnumerable<string> Check()
    {
        var seen = new HashSet<int>();
        foreach (var change in result.Changes)
        {
            if (change.Partition < 0 || change.Partition >= model.Partitions)
            {
                yield return $"A change names partition {change.Partition}, which the model does not have.";
                continue;
            }

            var name = NameOf(change.Partition);
            if (!seen.Add(change.Partition))
            {
                yield return $"{name} is changed twice.";
            }

            foreach (var problem in Lists(change).Concat(Copies(change)).Concat(Leader(change)).Concat(Kept(change)).Concat(Racks(change)).Concat(Dirs(change)))
            {
                yield return $"{name}: {problem}";
            }
        }
    }

    private string NameOf(int partition) => $"{model.Topics[model.Topic[partition]]}-{model.Number[partition]}";

    private int IdOf(int broker) => broker >= 0 && broker < model.Brokers ? model.BrokerIds[broker] : -1;

    private IEnumerable<int> SlotsOf(int partition) => Enumerable.Range(model.Start[partition], model.ReplicasOf(partition));

    private IEnumerable<string> Lists(PartitionChange change)
    {
        var leader = model.Lead[change.Partition] < 0 ? -1 : model.Broker[model.Lead[change.Partition]];
        if (!change.Before.AsSpan().SequenceEqual(model.Broker.AsSpan(model.Start[change.Partition]..model.Start[change.Partition + 1])) || change.LeaderBefore != leader)
        {
            yield return "its replicas or its leader before are not those of the model.";
        }

        if (change.After.Any(broker => broker < 0 || broker >= model.Brokers))
        {
            yield return "it would lie on a broker that the model does not have.";
        }

        if (change.After.Distinct().Count() != change.After.Length)
        {
            yield return "one broker would hold two of its replicas.";
        }

        var wanted = roles.HasNewFactor[model.Topic[change.Partition]] && !roles.IsReassigning(change.Partition) ? wish.ReplicationFactor : change.Before.Length;
        var isShort = result.Outcome != OutcomeKind.Ok && change.After.Length >= Math.Min(wanted, change.Before.Length) && change.After.Length <= wanted;
        if (change.After.Length != wanted && !isShort)
        {
            yield return $"it would have {change.After.Length} replicas instead of {wanted}.";
        }
    }

    private IEnumerable<string> Copies(PartitionChange change)
    {
        var added = change.After.Except(change.Before).Where(broker => broker >= 0 && broker < model.Brokers).ToArray();
        foreach (var broker in added)
        {
            if (!roles.CanReceive[broker] || !roles.IsDestination[broker])
            {
                yield return $"broker {IdOf(broker)} may not receive replicas ({(roles.Alive[broker] ? "it is excluded or no destination" : "it is dead or to be removed")}).";
            }

            if (roles.Sets.Length > 0 && roles.Sets[broker] != roles.TopicSets[model.Topic[change.Partition]])
            {
                yield return $"broker {IdOf(broker)} is not of the topic's broker set.";
            }
        }

        var bytes = added.Length * model.Loads[(change.Partition * LoadOf.Count) + LoadOf.Size];
        if (Math.Abs(bytes - change.Bytes) > 1e-6 * Math.Max(1, bytes))
        {
            yield return $"it says {change.Bytes:0} bytes to copy, but {added.Length} new copies are {bytes:0}.";
        }
    }

    private IEnumerable<string> Leader(PartitionChange change)
    {
        var leader = change.LeaderAfter;
        if (leader < 0)
        {
            if (change.LeaderBefore >= 0)
            {
                yield return "it would lose its leader.";
            }

            yield break;
        }

        if (change.After.IsEmpty || change.After[0] != leader)
        {
            yield return $"its leader, broker {IdOf(leader)}, would not be the first of its replicas.";
        }

        // Where nobody else can lead, the leader stays: that is no step of the plan.
        if (leader < model.Brokers && leader != change.LeaderBefore && !roles.CanLead[leader])
        {
            yield return $"broker {IdOf(leader)} may not lead.";
        }

        var slot = SlotsOf(change.Partition).FirstOrDefault(slot => model.Broker[slot] == leader, -1);
        if (leader != change.LeaderBefore && slot >= 0 && (roles.IsLost(slot) || (model.Marks.Length > 0 && (model.Marks[slot] & (ReplicaMarks.OutOfSync | ReplicaMarks.Adding)) != ReplicaMarks.None)))
        {
            yield return $"broker {IdOf(leader)} would lead with a replica that is lost or out of sync.";
        }
    }

    private IEnumerable<string> Kept(PartitionChange change)
    {
        if (!roles.IsHeld[change.Partition])
        {
            yield break;
        }

        var living = SlotsOf(change.Partition).Where(slot => !roles.IsLost(slot)).Select(slot => model.Broker[slot]).ToArray();
        var isFactored = roles.HasNewFactor[model.Topic[change.Partition]] && !roles.IsReassigning(change.Partition);
        var mayGo = isFactored ? Math.Max(0, change.Before.Length - wish.ReplicationFactor) : 0;
        if (living.Except(change.After).Count() > mayGo)
        {
            yield return "it may not be moved (excluded, held or being reassigned), but a living replica would be.";
        }

        if (change.LeaderAfter != change.LeaderBefore && living.Contains(change.LeaderBefore) && change.After.Contains(change.LeaderBefore))
        {
            yield return "it may not be changed (excluded, held or being reassigned), but its leader would be.";
        }
    }

    /// <summary>Against what is left of it: a replica that is lost spreads nothing any more.</summary>
    private IEnumerable<string> Racks(PartitionChange change)
    {
        if (roles.HasNewFactor[model.Topic[change.Partition]] || change.After.Any(broker => broker < 0 || broker >= model.Brokers))
        {
            yield break;
        }

        var living = SlotsOf(change.Partition).Where(slot => !roles.IsLost(slot)).Select(slot => model.Broker[slot]);
        var lost = SlotsOf(change.Partition).Where(roles.IsLost).Select(slot => model.Broker[slot]);
        var (before, after) = (Uneven(living, change.After.Length), Uneven(change.After.Except(lost), change.After.Length));
        if (after > before)
        {
            yield return $"its replicas would share racks more than before ({after} too many, {before} before).";
        }
    }

    /// <summary>Replicas that would have to change racks for the most even spread there is.</summary>
    private int Uneven(IEnumerable<int> brokers, int replicas)
    {
        var racks = Math.Max(1, roles.LivingRacks);
        var counts = brokers.GroupBy(broker => roles.Rack[broker]).Select(rack => rack.Count()).ToArray();
        var (floor, spare) = (replicas / racks, replicas % racks);
        var beyondCeiling = counts.Sum(count => Math.Max(0, count - floor - (spare > 0 ? 1 : 0)));
        return Math.Max(beyondCeiling, counts.Sum(count => Math.Max(0, count - floor)) - spare);
    }

    private IEnumerable<string> Dirs(PartitionChange change)
    {
        if (change.DirsAfter.IsDefaultOrEmpty)
        {
            yield break;
        }

        if (change.DirsAfter.Length != change.After.Length)
        {
            yield return "it does not name a log dir for each of its replicas.";
            yield break;
        }

        for (var place = 0; place < change.After.Length; place++)
        {
            var (broker, dir) = (change.After[place], change.DirsAfter[place]);
            var slot = SlotsOf(change.Partition).FirstOrDefault(slot => model.Broker[slot] == broker, -1);
            var isThere = slot >= 0 && model.Dir.Length > 0 && model.Dir[slot] == dir;
            if (dir >= 0 && (dir < model.DirStart[broker] || dir >= model.DirStart[broker + 1]))
            {
                yield return $"its log dir on broker {IdOf(broker)} is one of another broker.";
            }
            else if (dir >= 0 && !isThere && (!model.DirAlive[dir] || (wish.Mode == OptimizerMode.RemoveDirs && wish.Dirs.Contains((IdOf(broker), model.DirPaths[dir])))))
            {
                yield return $"log dir {model.DirPaths[dir]} of broker {IdOf(broker)} may not receive replicas.";
            }
        }
    }
}
