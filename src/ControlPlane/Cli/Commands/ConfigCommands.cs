using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Configs of a broker or a topic, with where each value comes from.</summary>
internal static class ConfigCommands
{
    public static Command Create(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var broker = new Option<int?>("--broker") { Description = "Configs of this broker", HelpName = "ID" };
        var topic = new Option<string?>("--topic") { Description = "Configs of this topic", HelpName = "NAME" };
        var search = new Option<string?>("--search") { Description = "Only names that contain this", HelpName = "TEXT" };
        var only = Choice.Of<string?>("--only", "overrides, or differences between brokers", "WHICH", null, ("overrides", "overrides"), ("differences", "differences"));
        return commands.Define("configs", "Configs of a broker or a topic, with their source", async (run, cancellationToken) =>
        {
            var (id, name) = (run.Get(broker), run.Get(topic));
            if (id is null == name is null)
            {
                throw new CliException(id is null ? "Configs of what?" : "Both --broker and --topic", "one of --broker ID and --topic NAME", "kcp configs --help");
            }

            if (name is not null && (run.Has(search) || run.Has(only)))
            {
                throw new CliException("--search and --only choose among the configs of a broker", "--broker ID", "leave them away for a topic");
            }

            var path = id is { } number
                ? Route.Of("clusters", run.Get(cluster), "brokers", number.ToString(CultureInfo.InvariantCulture), "configs").With(("search", run.Get(search)), ("only", run.Get(only)))
                : Route.Of("clusters", run.Get(cluster), "topics", name!, "configs");
            run.Printer.Page(await run.Api.GetAsync<Page<ConfigEntryDto>>(path, cancellationToken), "No config matches.",
                Column<ConfigEntryDto>.Left("config", row => row.Name),
                Column<ConfigEntryDto>.Left("value", row => row.IsSensitive ? new Cell("(hidden by Kafka)", "grey") : row.Value),
                Column<ConfigEntryDto>.Left("source", row => row.Source),
                Column<ConfigEntryDto>.Left("read-only", row => row.IsReadOnly),
                Column<ConfigEntryDto>.Left("elsewhere", row => row.DiffersFrom is { } others ? string.Join("; ", others.Select(other => $"broker {other.BrokerId}: {other.Value ?? Units.Unknown}")) : "not compared"));
            return ExitCode.Ok;
        }, cluster, broker, topic, search, only);
    }
}
