using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Consumer groups and their lag.</summary>
internal static class GroupCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("groups", "The consumer groups of a cluster", List(commands), Show(commands),
        GroupChangeCommands.Reset(commands, "reset"), GroupChangeCommands.Forget(commands), GroupChangeCommands.Delete(commands));

    private static Command List(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var paging = new Paging();
        var state = new Option<string?>("--state") { Description = "Only groups in this state, such as Stable or Empty", HelpName = "STATE" };
        var lagging = new Option<bool>("--with-lag") { Description = "Only groups that lag" };
        return commands.Define("list", "Groups with their lag", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "groups").With(
                ("search", run.Get(paging.Search)), ("state", run.Get(state)), ("withLag", run.Get(lagging) ? true : null),
                ("sort", run.Get(paging.Sort)), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            run.Printer.Page(await run.Api.GetAsync<Page<GroupDto>>(path, cancellationToken), "No group matches.",
                Column<GroupDto>.Left("group", row => row.Id),
                Column<GroupDto>.Left("type", row => row.Type),
                Column<GroupDto>.Left("state", row => row.State),
                Column<GroupDto>.Right("members", row => row.Members),
                Column<GroupDto>.Right("topics", row => row.Topics),
                Column<GroupDto>.Right("partitions", row => row.Partitions),
                Column<GroupDto>.Right("lag", row => row.Lag),
                Column<GroupDto>.Right("highest on", row => row.MaxPartitionLag is > 0 ? $"{row.MaxLagPartition}: {Units.Count(row.MaxPartitionLag)}" : ""),
                Column<GroupDto>.Left("problem", row => row.Problem ?? (row.UnknownLagPartitions > 0 ? $"lag unknown on {row.UnknownLagPartitions} partitions" : "")));
            return ExitCode.Ok;
        }, cluster, paging.Search, state, lagging, paging.Sort, paging.Limit, paging.Offset);
    }

    private static Command Show(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var group = new Argument<string>("group") { Description = "Id of the group" };
        return commands.Define("show", "One group with its members and partitions", async (run, cancellationToken) =>
        {
            var found = await run.Api.GetAsync<GroupDetailDto>(Route.Of("clusters", run.Get(cluster), "groups", run.Get(group)), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
            }
            else
            {
                Print(run.Printer, found);
            }

            return ExitCode.Ok;
        }, cluster, group);
    }

    private static IEnumerable<Column<GroupMemberDto>> MemberColumns(bool withTasks)
    {
        yield return Column<GroupMemberDto>.Left("member", row => row.MemberId);
        yield return Column<GroupMemberDto>.Left("client", row => row.ClientId);
        yield return Column<GroupMemberDto>.Left("host", row => row.Host);
        yield return Column<GroupMemberDto>.Right("partitions", row => row.Assigned.Count);
        if (withTasks)
        {
            yield return Column<GroupMemberDto>.Left("tasks", row => string.Join(' ', (row.Tasks ?? []).Select(one => $"{one.Kind}:{string.Join(',', one.Partitions.Select(partition => $"{one.Subtopology}_{partition}"))}")));
        }

        yield return Column<GroupMemberDto>.Right("lag", row => row.Lag);
    }

    private static void Print(Printer printer, GroupDetailDto found)
    {
        printer.Line(found.Sentence);
        if (found.Members is { } members)
        {
            printer.Rows(members, "It has no member now.", [.. MemberColumns(members.Any(member => member.Tasks is not null))]);
        }
        else
        {
            printer.Line("Its members are unknown.");
        }

        if (found.Partitions is { } partitions)
        {
            printer.Rows(partitions, "It has no committed offset.",
                Column<GroupPartitionDto>.Left("topic", row => row.TopicExists ? row.Topic : new Cell($"{row.Topic} (gone)", "grey")),
                Column<GroupPartitionDto>.Right("partition", row => row.Partition.ToString(CultureInfo.InvariantCulture)),
                Column<GroupPartitionDto>.Right("committed", row => row.CommittedOffset),
                Column<GroupPartitionDto>.Right("log end", row => row.LogEndOffset),
                Column<GroupPartitionDto>.Right("lag", row => row.Lag),
                Column<GroupPartitionDto>.Left("client", row => row.ClientId ?? "nobody"),
                Column<GroupPartitionDto>.Left("host", row => row.Host ?? ""));
        }
        else
        {
            printer.Line("Its offsets are unknown.");
        }
    }
}
