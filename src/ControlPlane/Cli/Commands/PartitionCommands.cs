using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Partitions with their replicas.</summary>
internal static class PartitionCommands
{
    public static Command Create(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var paging = new Paging();
        var state = Choice.Of<string?>("--state", "Only these: offline, under-min-isr, under-replicated, not-preferred or reassigning", "STATE", null,
            ("offline", "offline"), ("under-min-isr", "under-min-isr"), ("under-replicated", "under-replicated"), ("not-preferred", "not-preferred"), ("reassigning", "reassigning"));
        var topic = new Option<string?>("--topic") { Description = "Only of this topic", HelpName = "NAME" };
        var broker = new Option<int?>("--broker") { Description = "Only with a replica on this broker", HelpName = "ID" };
        return commands.Define("partitions", "The partitions of a cluster", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "partitions").With(
                ("state", run.Get(state)), ("topic", run.Get(topic)), ("broker", run.Get(broker)), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            run.Printer.Page(await run.Api.GetAsync<Page<PartitionDto>>(path, cancellationToken), "No partition matches.",
                Column<PartitionDto>.Left("topic", row => row.Topic),
                Column<PartitionDto>.Right("partition", row => row.Partition.ToString(CultureInfo.InvariantCulture)),
                Column<PartitionDto>.Left("status", row => row.Status),
                Column<PartitionDto>.Right("leader", row => row.Leader is { } leader ? leader.ToString(CultureInfo.InvariantCulture) : new Cell("none", "red")),
                Column<PartitionDto>.Left("replicas", row => string.Join(' ', row.Replicas.Select(Replica))),
                Column<PartitionDto>.Right("in sync", row => $"{row.InSync}/{row.Replicas.Count}"),
                Column<PartitionDto>.Right("min ISR", row => row.MinInSync),
                Column<PartitionDto>.Right("log start", row => row.LogStartOffset),
                Column<PartitionDto>.Right("log end", row => row.LogEndOffset),
                Column<PartitionDto>.Right("in", row => Units.Rate(row.BytesIn)),
                Column<PartitionDto>.Right("size", row => Units.Size(row.Bytes)));
            return ExitCode.Ok;
        }, cluster, state, topic, broker, paging.Limit, paging.Offset);
    }

    /// <summary>The broker's id with ! for offline, - for out of sync, and what a reassignment does to it.</summary>
    private static string Replica(ReplicaDto replica) =>
        replica.BrokerId.ToString(CultureInfo.InvariantCulture)
        + (replica.IsOffline ? "!" : replica.InSync ? "" : "-")
        + (replica.Reassigning is null ? "" : $"({replica.Reassigning})");
}
