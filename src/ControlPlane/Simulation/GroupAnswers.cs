using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>Groups as their coordinators tell them. A coordinator that doesn't answer doesn't list its groups either.</summary>
internal static class GroupAnswers
{
    public static Sampled<GroupsSample> All(SimulatedKafka kafka)
    {
        var round = new AnswerRound(kafka);
        var byCoordinator = kafka.Groups.Where(group => !group.IsDeleted).ToLookup(group => Coordinator(kafka, group));
        var groups = ImmutableArray.CreateBuilder<Group>(kafka.Groups.Count);
        var answered = false;
        foreach (var broker in kafka.Brokers.Where(broker => !broker.IsFenced))
        {
            var mine = byCoordinator[broker.Id];
            if (!round.Ask(broker.Id, "ListGroups", WireCost.ListGroups(mine.Count())))
            {
                continue;
            }

            answered = true;
            groups.AddRange(mine.Select(group => Describe(group, broker.Id, round)));
        }

        var homeless = byCoordinator[-1].Count();
        if (homeless > 0)
        {
            round.Fail(null, "FindCoordinator", FailureKind.Error, string.Create(CultureInfo.InvariantCulture, $"{homeless} groups have no coordinator, since their partition of {TopicPlan.ConsumerOffsets} has no leader"));
        }

        groups.Sort((left, right) => string.CompareOrdinal(left.Id, right.Id));
        return round.Result(answered ? new GroupsSample(groups.ToImmutable()) : null);
    }

    /// <summary>Node id of the broker that coordinates a group, or -1.</summary>
    public static int Coordinator(SimulatedKafka kafka, SimulatedGroup group)
    {
        var layout = kafka.World.Partitions.Layout;
        var topic = layout.FindTopic(TopicPlan.ConsumerOffsets);
        return kafka.World.Partitions.Leader(layout.TopicStart[topic] + group.Spec.OffsetsPartition(layout.PartitionsOf(topic)));
    }

    private static Group Describe(SimulatedGroup group, int coordinator, AnswerRound round)
    {
        var api = group.Spec.Type == "consumer" ? "ConsumerGroupDescribe" : "DescribeGroups";
        var partitions = group.Spec.Partitions.Length;
        round.Ask(coordinator, api, WireCost.DescribeGroup(group.Members.Length, partitions));
        round.Ask(coordinator, "OffsetFetch", WireCost.OffsetFetch(partitions));
        return new Group(group.Spec.Id, group.Spec.Type, "consumer", group.State, coordinator, group.Members)
        {
            Offsets = group.Committed(),
            OffsetsAt = round.Result<GroupsSample>(null).At,
        };
    }
}
