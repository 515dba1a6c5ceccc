using System.Collections.Immutable;

namespace ControlPlane.Engine.Lag;

/// <summary>Names the cause of a lag where the evidence carries it, and none where it does not.</summary>
public static class LagCauses
{
    private const int StormRebalances = 3;

    /// <summary>A share of all lag that is nearly all of it.</summary>
    private const double Most = 0.8;

    /// <summary>A share of all lag that is more than half of it.</summary>
    private const double Bulk = 0.6;
    private const double Surge = 1.5;
    private const double Hot = 3;
    private const double Slow = 0.5;
    private const double Even = 2;

    /// <summary>Less than this above what is read is swaying.</summary>
    private const double TooMuch = 1.1;

    private static readonly Func<GroupPicture, LagCause?>[] Rules = [NoMembers, BrokerTrouble, OpenTransaction, Storm, StuckMember, ProducerSurge, HotPartition, SlowMember, TooFewMembers];

    /// <summary>Null where nothing is behind or nothing fits.</summary>
    public static LagCause? Find(GroupPicture group) =>
        group.Lag == 0 || group.Partitions.All(partition => partition.Status == PartitionLagStatus.Ok) ? null : Rules.Select(rule => rule(group)).FirstOrDefault(cause => cause is not null);

    private static LagCause? NoMembers(GroupPicture group) =>
        group.Members == 0 ? new LagCause(LagCauseKind.NoMembers, "The group has no members: nobody reads.", Places(group, _ => true), []) : null;

    private static LagCause? BrokerTrouble(GroupPicture group)
    {
        var troubled = Places(group, partition => partition.IsInTrouble);
        return troubled.IsEmpty || troubled.Length == group.Partitions.Length || ShareOfLag(group, troubled) < Most ? null
            : new LagCause(LagCauseKind.BrokerTrouble, $"The lag is on {troubled.Length} partitions whose brokers are in trouble; the others are read.", troubled, []);
    }

    private static LagCause? OpenTransaction(GroupPicture group)
    {
        var held = Places(group, partition => partition.IsHeld);
        return held.IsEmpty || ShareOfLag(group, held) < Most ? null
            : new LagCause(LagCauseKind.OpenTransaction, $"{(held.Length == 1 ? "One partition is" : $"{held.Length} partitions are")} held by a transaction that does not end: look at its producer, not at the consumer.", held, []);
    }

    private static LagCause? Storm(GroupPicture group) =>
        group.Rebalances >= StormRebalances
            ? new LagCause(LagCauseKind.RebalancingStorm, $"The group rebalanced {group.Rebalances} times in ten minutes; it hardly comes to read.", [], [])
            : null;

    /// <summary>Everything stuck is in the hands of some members, nothing that these have moves, and what others have does.</summary>
    private static LagCause? StuckMember(GroupPicture group)
    {
        var members = Members(group).Where(member => member.All(at => group.Partitions[at].IsStuck)).ToArray();
        var stuck = Places(group, partition => partition.IsStuck);
        var held = members.SelectMany(member => member).ToHashSet();
        return members.Length == 0 || members.Length == Members(group).Count || !stuck.All(held.Contains) ? null
            : new LagCause(
                LagCauseKind.StuckMember,
                $"All {stuck.Length} stuck partitions belong to {(members.Length == 1 ? "one member" : $"{members.Length} members")}; the others go on.",
                stuck, [.. members.Select(member => member.Key)]);
    }

    /// <summary>Much more is written than usual, and it still reads as much as was usual.</summary>
    private static LagCause? ProducerSurge(GroupPicture group)
    {
        var (produce, usual, consume) = (group.Partitions.Sum(p => p.Produce), group.Partitions.Sum(p => p.Usual), group.Partitions.Sum(p => p.Consume));
        return usual > 0 && produce >= Surge * usual && consume >= Most * usual
            ? new LagCause(LagCauseKind.ProducerSurge, string.Create(null, $"{produce / usual:0.0} times as much is written as usual, while reading goes on as usual."), [], [])
            : null;
    }

    private static LagCause? HotPartition(GroupPicture group)
    {
        var rates = group.Partitions.Select(p => p.Produce).Where(rate => !double.IsNaN(rate)).Order().ToArray();
        if (rates.Length < 3 || rates[rates.Length / 2] is not (> 0 and var usual))
        {
            return null;
        }

        var hot = Places(group, partition => partition.Produce >= Hot * usual);
        return hot.IsEmpty || hot.Length * 4 > group.Partitions.Length || ShareOfLag(group, hot) < Bulk ? null
            : new LagCause(LagCauseKind.HotPartition, $"{(hot.Length == 1 ? "One partition gets" : $"{hot.Length} partitions get")} several times the records of the others, and most of the lag.", hot, []);
    }

    private static LagCause? SlowMember(GroupPicture group)
    {
        var members = Members(group);
        var speeds = members.Select(member => member.Average(at => group.Partitions[at].Consume)).Where(speed => !double.IsNaN(speed)).Order().ToArray();
        if (speeds.Length < 3 || speeds[speeds.Length / 2] is not (> 0 and var usual))
        {
            return null;
        }

        var slow = members.Where(member => !member.All(at => group.Partitions[at].StandsStill || group.Partitions[at].IsStuck) && member.Average(at => group.Partitions[at].Consume) <= Slow * usual && ShareOfLag(group, member) > Even / members.Count).ToArray();
        return slow.Length == 0 || slow.Length * 4 > members.Count || slow.Sum(member => ShareOfLag(group, member)) < Bulk ? null
            : new LagCause(
                LagCauseKind.SlowMember,
                $"{(slow.Length == 1 ? "One member reads" : $"{slow.Length} members read")} at less than half the speed of the others and {(slow.Length == 1 ? "has" : "have")} most of the lag.",
                [.. slow.SelectMany(member => member)], [.. slow.Select(member => member.Key)]);
    }

    /// <summary>Everybody is behind by much the same, and together they read less than is written.</summary>
    private static LagCause? TooFewMembers(GroupPicture group)
    {
        var members = Members(group);
        var (consume, produce) = (group.Partitions.Sum(p => p.Consume), group.Partitions.Sum(p => p.Produce));
        return members.Count > 0 && members.Count < group.Partitions.Length && produce >= TooMuch * consume && consume > 0
            && members.All(member => member.Any(at => group.Partitions[at].Status != PartitionLagStatus.Ok))
            && members.All(member => ShareOfLag(group, member) <= Even / members.Count)
            ? new LagCause(LagCauseKind.TooFewMembers, members.Count == 1 ? "Its only member reads less than is written." : $"All {members.Count} members are behind alike and together read less than is written.", [], [.. members.Select(member => member.Key)])
            : null;
    }

    private static List<IGrouping<int, int>> Members(GroupPicture group) =>
        [.. Enumerable.Range(0, group.Partitions.Length).Where(at => group.Partitions[at].Member >= 0).GroupBy(at => group.Partitions[at].Member)];

    private static ImmutableArray<int> Places(GroupPicture group, Func<PartitionPicture, bool> isMeant) =>
        [.. Enumerable.Range(0, group.Partitions.Length).Where(at => isMeant(group.Partitions[at]))];

    private static double ShareOfLag(GroupPicture group, IEnumerable<int> places) => places.Sum(at => Math.Max(0.0, group.Partitions[at].Lag)) / group.Lag;
}
