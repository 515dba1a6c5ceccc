using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>One group with members and partitions; made per request.</summary>
internal static class GroupDetails
{
    /// <summary>One group whole; <paramref name="judged"/> are its partitions as they were judged, none where they were not.</summary>
    public static GroupDetailDto Of(ClusterModel model, Group group, GroupDto row, IReadOnlyList<PartitionJudgement> judged)
    {
        var partitions = Partitions(model, group);
        if (judged.Count > 0)
        {
            var byPartition = judged.ToDictionary(one => (one.Topic, one.Partition));
            partitions = partitions?.ConvertAll(one => byPartition.TryGetValue((one.Topic, one.Partition), out var found) ? With(one, found) : one);
            row = Exact(row, judged);
        }

        return new GroupDetailDto(row, row.Judgement is { } verdict ? $"{verdict.Sentence} {Sentence(group, row)}" : Sentence(group, row), Members(group, partitions), partitions, group.OffsetsAt)
        {
            HistoryTopics = model.Judgements.TryGetValue(group.Id, out var known) ? [.. known.Topics.Select(topic => topic.Topic)] : null,
        };
    }

    private static GroupPartitionDto With(GroupPartitionDto row, PartitionJudgement judged) => row with
    {
        Judgement = JudgementRows.Of(judged),
        LastStableOffset = judged.LastStableOffset,
        LagToLastStable = judged.LastStableOffset is { } stable && row.CommittedOffset is { } committed ? Math.Max(0, stable - committed) : null,
    };

    /// <summary>Where the records themselves were asked, the group waits as long as the worst of them says.</summary>
    private static GroupDto Exact(GroupDto row, IReadOnlyList<PartitionJudgement> judged)
    {
        var worst = judged.Where(one => one.Verdict.Reason != LagReason.Ghost).Select(one => one.TimeLag).Aggregate(TimeLag.Unknown, TimeLag.Worse);
        return row.Judgement is { } group && (group.IsTimeLagAtLeast || group.TimeLagSeconds is null) && worst.Kind == TimeLagKind.Known
            ? row with { Judgement = group with { TimeLagSeconds = worst.Milliseconds / 1000.0, IsTimeLagAtLeast = false } }
            : row;
    }

    private static List<GroupPartitionDto>? Partitions(ClusterModel model, Group group)
    {
        if (group.Offsets is null && group.Members is null)
        {
            return null;
        }

        var owners = new Dictionary<(string, int), GroupMember>();
        foreach (var member in group.Members ?? [])
        {
            foreach (var assigned in member.Assigned)
            {
                owners[(assigned.Topic, assigned.Partition)] = member;
            }
        }

        var topics = new TopicFinder(model.Partitions);
        var rows = new List<GroupPartitionDto>();
        foreach (var commit in group.Offsets ?? [])
        {
            owners.Remove((commit.Topic, commit.Partition), out var member);
            rows.Add(Row(model, topics.Find(commit.Topic), commit.Topic, commit.Partition, commit.Offset, member));
        }

        // Assigned, but never committed: a consumer that has only begun, or one that commits elsewhere.
        foreach (var ((topic, partition), member) in owners)
        {
            rows.Add(Row(model, topics.Find(topic), topic, partition, null, member));
        }

        return [.. rows.OrderBy(row => row.Topic, StringComparer.Ordinal).ThenBy(row => row.Partition)];
    }

    private static GroupPartitionDto Row(ClusterModel model, int topic, string name, int number, long? committed, GroupMember? member)
    {
        var partition = GroupRows.PartitionOf(model.Partitions, topic, number);
        var end = partition < 0 ? null : Known.Count(PartitionRows.At(model.Load.LogEndOffset, partition));
        var start = partition < 0 ? null : Known.Count(PartitionRows.At(model.Load.LogStartOffset, partition));
        return new GroupPartitionDto(
            name, number, committed, end, start, committed is { } offset ? GroupRows.LagOf(model, partition, offset) : null, member?.MemberId, member?.ClientId, member?.Host, topic >= 0);
    }

    private static List<GroupMemberDto>? Members(Group group, List<GroupPartitionDto>? partitions)
    {
        if (group.Members is not { } members)
        {
            return null;
        }

        var lags = (partitions ?? []).Where(row => row.MemberId is not null).ToLookup(row => row.MemberId, StringComparer.Ordinal);
        var rows = new List<GroupMemberDto>(members.Length);
        foreach (var member in members)
        {
            var known = lags[member.MemberId].Where(row => row.Lag is not null).ToList();
            rows.Add(new GroupMemberDto(
                member.MemberId,
                member.InstanceId,
                member.ClientId,
                member.Host,
                [.. member.Assigned.OrderBy(one => one.Topic, StringComparer.Ordinal).ThenBy(one => one.Partition).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Topic}-{one.Partition}"))],
                known.Count == 0 ? null : known.Sum(row => row.Lag),
                member.Tasks is { } tasks ? [.. tasks.Select(task => new MemberTasksDto(task.Kind, task.Subtopology, task.Partitions, task.SourceTopics))] : null));
        }

        return rows;
    }

    private static string Sentence(Group group, GroupDto row)
    {
        var members = row.Members is { } count ? Count(count, "member") : "An unknown number of members";
        var reads = group.Offsets is null
            ? "its committed offsets could not be read, so its lag is unknown"
            : row.Lag switch
            {
                null => "its lag is unknown now",
                0 when row.UnknownLagPartitions == 0 => "it has read everything",
                0 => "it has read everything where that can be told",
                var lag when row.MaxLagPartition is { } worst => string.Create(CultureInfo.InvariantCulture, $"{lag:N0} messages behind, most on {worst} ({row.MaxPartitionLag:N0})"),
                var lag => string.Create(CultureInfo.InvariantCulture, $"{lag:N0} messages behind"),
            };
        var unknown = row.UnknownLagPartitions > 0 ? $" The lag of {Count(row.UnknownLagPartitions, "partition")} can't be told now." : "";
        return $"{group.State ?? "State unknown"}. {members}; {reads}.{unknown}";
    }

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
