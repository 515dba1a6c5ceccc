using System.CommandLine;
using ControlPlane.Cli.Connection;

namespace ControlPlane.Cli.Commands;

/// <summary>The optimizer's model of a cluster as a file.</summary>
internal static class ModelCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("model", "The model that the optimizer works on", Export(commands));

    private static Command Export(CommandSet commands)
    {
        var cluster = new Option<string>("--cluster") { Description = "Id of the cluster (kcp clusters list)", HelpName = "NAME", Required = true };
        var anonymise = new Option<bool>("--anonymise") { Description = "Numbers instead of the names of topics, hosts, racks, log dirs and brokers" };
        return commands.Define("export", "Write the model of a cluster to standard output, for kcp optimize --model", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "model").With(("anonymise", run.Get(anonymise) ? "true" : null));
            await run.Api.CopyAsync(path, run.Console.Out, cancellationToken);
            return ExitCode.Ok;
        }, cluster, anonymise);
    }
}
