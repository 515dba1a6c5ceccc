using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Trouble on demand for simulated clusters.</summary>
internal static class DemoCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("demo", "Trouble on demand for a simulated cluster",
        OnBroker(commands, "kill-broker", "Crash a broker"),
        OnBroker(commands, "slow-disk", "Make a broker's disk slow"),
        OnBroker(commands, "fill-disk", "Fill a broker's disk"),
        StopConsumer(commands),
        Restore(commands));

    private static Command OnBroker(CommandSet commands, string action, string description)
    {
        var cluster = Arguments.Cluster();
        var broker = new Option<int?>("--broker") { Description = "Which broker; without it the simulation chooses", HelpName = "ID" };
        return commands.Define(action, description, (run, cancellationToken) =>
            ActAsync(run, run.Get(cluster), new DemoActionRequest(action, run.Get(broker), null), cancellationToken), cluster, broker);
    }

    private static Command StopConsumer(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var group = new Option<string?>("--group") { Description = "Which group; without it the simulation chooses", HelpName = "ID" };
        return commands.Define("stop-consumer", "Stop the consumers of a group", (run, cancellationToken) =>
            ActAsync(run, run.Get(cluster), new DemoActionRequest("stop-consumer", null, run.Get(group)), cancellationToken), cluster, group);
    }

    private static Command Restore(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        return commands.Define("restore", "End all trouble", (run, cancellationToken) =>
            ActAsync(run, run.Get(cluster), new DemoActionRequest("restore", null, null), cancellationToken), cluster);
    }

    private static async Task<ExitCode> ActAsync(Invocation run, string cluster, DemoActionRequest request, CancellationToken cancellationToken)
    {
        var done = await run.Api.SendAsync<DemoActionDto>(HttpMethod.Post, Route.Of("clusters", cluster, "demo"), request, cancellationToken);
        if (run.Printer.IsJson)
        {
            run.Printer.Json(done);
        }
        else
        {
            run.Printer.Line(done.Sentence);
        }

        return ExitCode.Ok;
    }
}
