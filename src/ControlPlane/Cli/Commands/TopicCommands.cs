using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Topics.</summary>
internal static class TopicCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("topics", "The topics of a cluster", List(commands), Show(commands));

    private static Command List(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var paging = new Paging();
        var isInternal = new Option<bool>("--internal") { Description = "Kafka's own topics too" };
        var status = Choice.Of<string?>("--status", "Only topics of this status: ok, warn, crit, unknown or maint", "STATUS", null,
            ("ok", "OK"), ("warn", "WARN"), ("crit", "CRIT"), ("unknown", "UNKNOWN"), ("maint", "MAINT"));
        return commands.Define("list", "Topics", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "topics").With(
                ("search", run.Get(paging.Search)), ("internal", run.Get(isInternal) ? true : null), ("status", run.Get(status)),
                ("sort", run.Get(paging.Sort)), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            run.Printer.Page(await run.Api.GetAsync<Page<TopicDto>>(path, cancellationToken), "No topic matches.",
                Column<TopicDto>.Left("topic", row => row.Name),
                Column<TopicDto>.Left("status", row => row.Status),
                Column<TopicDto>.Right("partitions", row => row.Partitions),
                Column<TopicDto>.Right("replicas", row => row.HasMixedReplication ? $"{row.ReplicationFactor} (mixed)" : Units.Count(row.ReplicationFactor)),
                Column<TopicDto>.Right("min ISR", row => row.MinInSync),
                Column<TopicDto>.Right("offline", row => Cell.Bad(row.OfflinePartitions)),
                Column<TopicDto>.Right("under min ISR", row => Cell.Bad(row.UnderMinInSync)),
                Column<TopicDto>.Right("under-replicated", row => Cell.Bad(row.UnderReplicated)),
                Column<TopicDto>.Right("in", row => Units.Rate(row.BytesIn)),
                Column<TopicDto>.Right("messages", row => Units.Messages(row.MessagesIn)),
                Column<TopicDto>.Right("size", row => Units.Size(row.Bytes)),
                Column<TopicDto>.Right("groups", row => row.Groups));
            return ExitCode.Ok;
        }, cluster, paging.Search, isInternal, status, paging.Sort, paging.Limit, paging.Offset);
    }

    private static Command Show(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var topic = new Argument<string>("topic") { Description = "Name of the topic" };
        return commands.Define("show", "One topic with what is wrong with it and who reads it", async (run, cancellationToken) =>
        {
            var found = await run.Api.GetAsync<TopicDetailDto>(Route.Of("clusters", run.Get(cluster), "topics", run.Get(topic)), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
            }
            else
            {
                Print(run.Printer, found);
            }

            return ExitCodes.Of(found.Topic.Status);
        }, cluster, topic);
    }

    private static void Print(Printer printer, TopicDetailDto found)
    {
        var topic = found.Topic;
        printer.Status(topic.Status, found.Sentence);
        printer.Facts(
            ("topic id", topic.TopicId),
            ("partitions", topic.Partitions),
            ("replicas", topic.HasMixedReplication ? $"{topic.ReplicationFactor} (mixed)" : Units.Count(topic.ReplicationFactor)),
            ("min ISR", topic.MinInSync),
            ("on brokers", string.Join(' ', found.BrokerIds)),
            ("size", Units.Size(topic.Bytes)),
            ("messages", Units.Count(topic.Messages)),
            ("produced", Units.Rate(topic.BytesIn)),
            ("configs set on it", topic.Overrides));
        if (found.Findings.Count > 0)
        {
            StatusCommands.PrintFindings(printer, found.Findings);
        }

        if (found.Groups is { } groups)
        {
            printer.Rows(groups, "No group reads it.",
                Column<TopicGroupDto>.Left("group", row => row.GroupId),
                Column<TopicGroupDto>.Left("state", row => row.State),
                Column<TopicGroupDto>.Right("partitions", row => row.Partitions),
                Column<TopicGroupDto>.Right("lag", row => row.Lag),
                Column<TopicGroupDto>.Left("verdict", row => row.Judgement?.Word),
                Column<TopicGroupDto>.Right("time lag", row => row.Judgement?.TimeLagSeconds is { } seconds ? Units.Age(seconds) : null));
        }
        else
        {
            printer.Line("Which groups read it is unknown.");
        }
    }
}
