using System.Runtime.InteropServices;

namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>What each single change has to keep. Plans have a hundred thousand of them, so nothing is allocated for one that is sound.</summary>
internal sealed class ChangeRules(OptimizerModel model, OptimizerWish wish, VerifiedRoles roles, OptimizerResult result)
{
    private readonly List<string> _problems = [];
    private readonly List<int> _brokers = [];

    /// <summary>By what is wrong a sentence, in the order of the plan.</summary>
    public List<string> Check()
    {
        var seen = new bool[model.Partitions];
        foreach (var change in result.Changes)
        {
            if (change.Partition < 0 || change.Partition >= model.Partitions)
            {
                _problems.Add($"A change names partition {change.Partition}, which the model does not have.");
                continue;
            }

            if (seen[change.Partition])
            {
                Say(change, "it is changed twice.");
            }

            seen[change.Partition] = true;
            Lists(change);
            Copies(change);
            Leader(change);
            Kept(change);
            Racks(change);
            Dirs(change);
        }

        return _problems;
    }

    private void Say(PartitionChange change, string problem) =>
        _problems.Add($"{model.Topics[model.Topic[change.Partition]]}-{model.Number[change.Partition]}: {problem}");

    private int IdOf(int broker) => IsKnown(broker) ? model.BrokerIds[broker] : -1;

    private bool IsKnown(int broker) => broker >= 0 && broker < model.Brokers;

    /// <summary>Slot of the model that the partition has there; -1: none.</summary>
    private int SlotOn(int partition, int broker)
    {
        var place = model.Broker.AsSpan(model.Start[partition]..model.Start[partition + 1]).IndexOf(broker);
        return place < 0 ? -1 : model.Start[partition] + place;
    }

    private void Lists(PartitionChange change)
    {
        var leader = model.Lead[change.Partition] < 0 ? -1 : model.Broker[model.Lead[change.Partition]];
        if (!change.Before.AsSpan().SequenceEqual(model.Broker.AsSpan(model.Start[change.Partition]..model.Start[change.Partition + 1])) || change.LeaderBefore != leader)
        {
            Say(change, "its replicas or its leader before are not those of the model.");
        }

        if (!AreKnown(change.After.AsSpan()))
        {
            Say(change, "it would lie on a broker that the model does not have.");
        }

        if (HasTwice(change.After.AsSpan()))
        {
            Say(change, "one broker would hold two of its replicas.");
        }

        var wanted = roles.HasNewFactor[model.Topic[change.Partition]] && !roles.IsReassigning(change.Partition) ? wish.ReplicationFactor : change.Before.Length;
        var isShort = result.Outcome != OutcomeKind.Ok && change.After.Length >= Math.Min(wanted, change.Before.Length) && change.After.Length <= wanted;
        if (change.After.Length != wanted && !isShort)
        {
            Say(change, $"it would have {change.After.Length} replicas instead of {wanted}.");
        }
    }

    private void Copies(PartitionChange change)
    {
        var added = 0;
        foreach (var broker in change.After)
        {
            if (!IsKnown(broker) || change.Before.AsSpan().Has(broker))
            {
                continue;
            }

            added++;
            if (!roles.CanReceive[broker] || !roles.IsDestination[broker])
            {
                Say(change, $"broker {IdOf(broker)} may not receive replicas ({(roles.Alive[broker] ? "it is excluded or no destination" : "it is dead or to be removed")}).");
            }

            if (roles.Sets.Length > 0 && roles.Sets[broker] != roles.TopicSets[model.Topic[change.Partition]])
            {
                Say(change, $"broker {IdOf(broker)} is not of the topic's broker set.");
            }
        }

        var bytes = added * model.Loads[(change.Partition * LoadOf.Count) + LoadOf.Size];
        if (Math.Abs(bytes - change.Bytes) > 1e-6 * Math.Max(1, bytes))
        {
            Say(change, $"it says {change.Bytes:0} bytes to copy, but {added} new copies are {bytes:0}.");
        }
    }

    private void Leader(PartitionChange change)
    {
        var leader = change.LeaderAfter;
        if (leader < 0)
        {
            if (change.LeaderBefore >= 0)
            {
                Say(change, "it would lose its leader.");
            }

            return;
        }

        // A repair leaves the preferred leader what it is, be it led by another at present.
        var keepsFirst = wish.Mode == OptimizerMode.FixOffline && leader == change.LeaderBefore && !change.After.IsEmpty && change.After[0] == change.Before[0];
        if (!keepsFirst && (change.After.IsEmpty || change.After[0] != leader))
        {
            Say(change, $"its leader, broker {IdOf(leader)}, would not be the first of its replicas.");
        }

        // Where nobody else can lead, the leader stays: that is no step of the plan.
        if (leader < model.Brokers && leader != change.LeaderBefore && !roles.CanLead[leader])
        {
            Say(change, $"broker {IdOf(leader)} may not lead.");
        }

        var slot = SlotOn(change.Partition, leader);
        if (leader != change.LeaderBefore && slot >= 0 && (roles.IsLost(slot) || (model.Marks.Length > 0 && (model.Marks[slot] & (ReplicaMarks.OutOfSync | ReplicaMarks.Adding)) != ReplicaMarks.None)))
        {
            Say(change, $"broker {IdOf(leader)} would lead with a replica that is lost or out of sync.");
        }
    }

    private void Kept(PartitionChange change)
    {
        if (!roles.IsHeld[change.Partition])
        {
            return;
        }

        var living = Living(change.Partition);
        var isFactored = roles.HasNewFactor[model.Topic[change.Partition]] && !roles.IsReassigning(change.Partition);
        var mayGo = isFactored ? Math.Max(0, change.Before.Length - wish.ReplicationFactor) : 0;
        if (CountWithout(living, change.After.AsSpan()) > mayGo)
        {
            Say(change, "it may not be moved (excluded, held or being reassigned), but a living replica would be.");
        }

        if (change.LeaderAfter != change.LeaderBefore && living.Contains(change.LeaderBefore) && change.After.AsSpan().Contains(change.LeaderBefore))
        {
            Say(change, "it may not be changed (excluded, held or being reassigned), but its leader would be.");
        }
    }

    /// <summary>Against what is left of it: a replica that is lost spreads nothing any more.</summary>
    private void Racks(PartitionChange change)
    {
        // A lost replica may crowd a rack rather than stay lost; such a plan never says that all is well.
        var isForced = wish.Mode == OptimizerMode.FixOffline && result.Outcome != OutcomeKind.Ok && change.Class is MoveClass.DataAtRisk or MoveClass.Offline;
        if (isForced || roles.HasNewFactor[model.Topic[change.Partition]] || !AreKnown(change.After.AsSpan()))
        {
            return;
        }

        var before = Uneven(Living(change.Partition), change.After.Length);
        var after = Uneven(Unlost(change), change.After.Length);
        if (after > before)
        {
            Say(change, $"its replicas would share racks more than before ({after} too many, {before} before).");
        }
    }

    /// <summary>Replicas that would have to change racks for the most even spread there is.</summary>
    private int Uneven(ReadOnlySpan<int> brokers, int replicas)
    {
        var racks = Math.Max(1, roles.LivingRacks);
        var (floor, spare, beyondFloor, beyondCeiling) = (replicas / racks, replicas % racks, 0, 0);
        for (var place = 0; place < brokers.Length; place++)
        {
            var (first, count) = (place, 0);
            for (var other = 0; other < brokers.Length; other++)
            {
                var isSame = roles.Rack[brokers[other]] == roles.Rack[brokers[place]];
                (first, count) = (isSame ? Math.Min(first, other) : first, count + (isSame ? 1 : 0));
            }

            // Each rack counts once, at its first replica.
            beyondFloor += first == place ? Math.Max(0, count - floor) : 0;
            beyondCeiling += first == place ? Math.Max(0, count - floor - (spare > 0 ? 1 : 0)) : 0;
        }

        return Math.Max(beyondCeiling, beyondFloor - spare);
    }

    /// <summary>Brokers of the replicas that are not lost; holds until it is asked for again.</summary>
    private ReadOnlySpan<int> Living(int partition)
    {
        _brokers.Clear();
        for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
        {
            if (!roles.IsLost(slot))
            {
                _brokers.Add(model.Broker[slot]);
            }
        }

        return CollectionsMarshal.AsSpan(_brokers);
    }

    /// <summary>Brokers of the new list without those where a replica was lost; holds until it is asked for again.</summary>
    private ReadOnlySpan<int> Unlost(PartitionChange change)
    {
        _brokers.Clear();
        foreach (var broker in change.After)
        {
            if (SlotOn(change.Partition, broker) is var slot && (slot < 0 || !roles.IsLost(slot)))
            {
                _brokers.Add(broker);
            }
        }

        return CollectionsMarshal.AsSpan(_brokers);
    }

    private bool AreKnown(ReadOnlySpan<int> brokers)
    {
        var known = 0;
        foreach (var broker in brokers)
        {
            known += IsKnown(broker) ? 1 : 0;
        }

        return known == brokers.Length;
    }

    private static bool HasTwice(ReadOnlySpan<int> brokers)
    {
        for (var place = 1; place < brokers.Length; place++)
        {
            if (brokers[..place].Contains(brokers[place]))
            {
                return true;
            }
        }

        return false;
    }

    private static int CountWithout(ReadOnlySpan<int> brokers, ReadOnlySpan<int> others)
    {
        var count = 0;
        foreach (var broker in brokers)
        {
            count += others.Contains(broker) ? 0 : 1;
        }

        return count;
    }

    private void Dirs(PartitionChange change)
    {
        if (change.DirsAfter.IsDefaultOrEmpty)
        {
            return;
        }

        if (change.DirsAfter.Length != change.After.Length)
        {
            Say(change, "it does not name a log dir for each of its replicas.");
            return;
        }

        for (var place = 0; place < change.After.Length; place++)
        {
            var (broker, dir) = (change.After[place], change.DirsAfter[place]);
            var slot = SlotOn(change.Partition, broker);
            var isThere = slot >= 0 && model.Dir.Length > 0 && model.Dir[slot] == dir;
            if (dir >= 0 && (dir < model.DirStart[broker] || dir >= model.DirStart[broker + 1]))
            {
                Say(change, $"its log dir on broker {IdOf(broker)} is one of another broker.");
            }
            else if (dir >= 0 && !isThere && (!model.DirAlive[dir] || (wish.Mode == OptimizerMode.RemoveDirs && wish.Dirs.Contains((IdOf(broker), model.DirPaths[dir])))))
            {
                Say(change, $"log dir {model.DirPaths[dir]} of broker {IdOf(broker)} may not receive replicas.");
            }
        }
    }
}
