using System.CommandLine;
using System.CommandLine.Invocation;
using ControlPlane.Cli.Commands;
using ControlPlane.Cli.Lag;
using ControlPlane.Cli.Load;
using ControlPlane.Cli.Optimize;

namespace ControlPlane.Cli;

/// <summary>The whole command line.</summary>
internal static class KcpCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliConsole console, CancellationToken cancellationToken)
    {
        var said = Create(console, args.Count > 0 ? args[0] : null).Parse(args);
        if (said.Action is ParseErrorAction)
        {
            Explain(said).WriteTo(console.Error);
            return (int)ExitCode.UnknownOrFailure;
        }

        // A producer wants to flush and a consumer to leave its group before the process ends.
        var settings = new InvocationConfiguration { Output = console.Out, Error = console.Error, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
        return await said.InvokeAsync(settings, cancellationToken);
    }

    /// <summary>All commands; but where optimize is asked for, whose start is short of time, the others are left out.</summary>
    public static RootCommand Create(CliConsole console, string? only = null)
    {
        var globals = new Globals();
        var commands = new CommandSet(globals, console);
        var root = new RootCommand("The command line of Kafka Control Plane. Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown or failure.");
        globals.AddTo(root);
        Command[] all = only == OptimizeCommand.Name ? [OptimizeCommand.Create(commands)] :
        [
            StatusCommands.Status(commands), StatusCommands.Fleet(commands), WatchCommand.Create(commands),
            ClusterCommands.Create(commands), BrokerCommands.Create(commands), TopicCommands.Create(commands),
            PartitionCommands.Create(commands), BrokerCommands.LogDirs(commands), ConfigCommands.Create(commands),
            GroupCommands.Create(commands), AnomalyCommands.Create(commands), IncidentCommand.Create(commands), HealingCommands.Create(commands),
            PlanCommands.Create(commands), ExecutionCommands.Create(commands), TargetCommands.Create(commands), DeliveryCommands.Create(commands),
            AuditCommand.Create(commands), TokenCommands.Create(commands), UserCommands.Create(commands), StatusCommands.Processes(commands), DemoCommands.Create(commands),
            ModelCommands.Create(commands), CapacityCommands.Create(commands), HeatmapCommand.Create(commands), LagCommands.Create(commands),
            LoadCommand.Create(commands), CompletionCommand.Create(commands), OptimizeCommand.Create(commands),
        ];
        foreach (var command in all)
        {
            root.Subcommands.Add(command);
        }

        return root;
    }

    private static CliException Explain(ParseResult said)
    {
        var path = new List<string>();
        for (var result = said.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            path.Insert(0, result.Command is RootCommand ? "kcp" : result.Command.Name);
        }

        var name = string.Join(' ', path);
        var expected = said.CommandResult.Command.Subcommands.Count > 0
            ? "one of: " + string.Join(", ", said.CommandResult.Command.Subcommands.Select(command => command.Name))
            : null;
        var errors = said.Errors.Select(error => string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')).Distinct().ToList();
        var stray = said.UnmatchedTokens.Count > 0 && said.CommandResult.Command.Subcommands.Count > 0;
        var what = stray ? $"'{said.UnmatchedTokens[0]}' is no command of {name}" : string.Join("; ", errors);
        return new CliException(what, expected, $"{name} --help");
    }
}
