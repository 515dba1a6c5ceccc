using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Which clusters are managed, and how they are reached.</summary>
internal static class ClusterCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("clusters", "Which clusters are managed",
        StatusCommands.List(commands, "list", "All clusters, worst first"),
        Show(commands), Add(commands), Test(commands), Edit(commands), Remove(commands));

    private static Command Show(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        return commands.Define("show", "The settings of one cluster, without secrets", async (run, cancellationToken) =>
        {
            var found = await run.Api.GetAsync<ClusterDto>(Route.Of("clusters", run.Get(cluster)), cancellationToken);
            Print(run, found);
            return ExitCode.Ok;
        }, cluster);
    }

    private static Command Add(CommandSet commands)
    {
        var id = new Argument<string>("id") { Description = "Its name in URLs and metrics: a-z, 0-9 and '-'; never changes" };
        var name = new Option<string?>("--name") { Description = "How people call it", HelpName = "TEXT" };
        var labels = Labels();
        var connection = new ConnectionOptions();
        var simulated = new SimulationOptions();
        return commands.Define("add", "Manage another cluster", async (run, cancellationToken) =>
        {
            var isSimulated = simulated.IsChosen(run);
            if (isSimulated && connection.AnyGiven(run))
            {
                throw new CliException("A simulated cluster has no connection", "--simulated, or --bootstrap-server and what belongs to it", "kcp clusters add --help");
            }

            var request = new CreateClusterRequest
            {
                Id = run.Get(id),
                DisplayName = run.Get(name),
                Kind = isSimulated ? ClusterKind.Simulated : ClusterKind.Kafka,
                Labels = ReadLabels(run, labels),
                Connection = isSimulated ? null : connection.Read(run),
                Simulation = isSimulated ? simulated.Read(run) : null,
            };
            Print(run, await run.Api.SendAsync<ClusterDto>(HttpMethod.Post, "clusters", request, cancellationToken));
            return ExitCode.Ok;
        }, [id, name, labels, .. connection.All, .. simulated.All]);
    }

    private static Command Test(CommandSet commands)
    {
        var stored = new Option<string?>("--cluster") { Description = "Take what is not given from this cluster", HelpName = "ID" };
        var connection = new ConnectionOptions();
        return commands.Define("test", "Try a connection without saving it; exit code 2 when it fails", async (run, cancellationToken) =>
        {
            var cluster = run.Get(stored) is { } id ? await run.Api.GetAsync<ClusterDto>(Route.Of("clusters", id), cancellationToken) : null;
            var request = new ConnectionTestRequest { Connection = connection.Read(run, cluster?.Connection), ClusterId = cluster?.Id };
            var found = await run.Api.SendAsync<ConnectionTestDto>(HttpMethod.Post, "clusters/test", request, cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
            }
            else
            {
                PrintTrial(run.Printer, found);
            }

            return found switch
            {
                { Succeeded: false } => ExitCode.Critical,
                { Missing.Count: > 0 } or { Failures.Count: > 0 } => ExitCode.Warning,
                _ => ExitCode.Ok,
            };
        }, [stored, .. connection.All]);
    }

    private static Command Edit(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var name = new Option<string?>("--name") { Description = "How people call it", HelpName = "TEXT" };
        var labels = Labels();
        var connection = new ConnectionOptions();
        return commands.Define("edit", "Change the settings of a cluster; what is not given stays, secrets too", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster));
            var (now, tag) = await run.Api.GetTaggedAsync<ClusterDto>(path, cancellationToken);
            var request = new UpdateClusterRequest
            {
                DisplayName = run.Get(name) ?? now.DisplayName,
                Labels = run.Has(labels) ? ReadLabels(run, labels) : now.Labels,
                Connection = connection.AnyGiven(run) ? connection.Read(run, now.Connection) : null,
            };
            // Refused when somebody else changed it between the reading and the writing.
            tag ??= new EntityTagHeaderValue($"\"{now.Version.ToString(CultureInfo.InvariantCulture)}\"");
            Print(run, await run.Api.ReplaceAsync<ClusterDto>(path, request, tag, cancellationToken));
            return ExitCode.Ok;
        }, [cluster, name, labels, .. connection.All]);
    }

    private static Command Remove(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var yes = Arguments.Yes();
        return commands.Define("remove", "Stop managing a cluster; nothing in Kafka is changed", async (run, cancellationToken) =>
        {
            var id = run.Get(cluster);
            run.Confirm(run.Get(yes), $"Forget cluster {id} and its history here?");
            await run.Api.SendAsync(HttpMethod.Delete, Route.Of("clusters", id), null, cancellationToken);
            run.Printer.Remark($"Cluster {id} is no longer managed.");
            return ExitCode.Ok;
        }, cluster, yes);
    }

    private static Option<string[]> Labels() => new("--label") { Description = "A label, may be repeated", HelpName = "KEY=VALUE", DefaultValueFactory = _ => [] };

    private static Dictionary<string, string>? ReadLabels(Invocation run, Option<string[]> option)
    {
        var labels = new Dictionary<string, string>();
        foreach (var text in run.Get(option))
        {
            if (text.IndexOf('=') is not (> 0 and var at))
            {
                throw new CliException($"--label '{text}' is no label", "KEY=VALUE", "for example --label site=berlin");
            }

            labels[text[..at]] = text[(at + 1)..];
        }

        return labels.Count > 0 ? labels : null;
    }

    private static void Print(Invocation run, ClusterDto cluster)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(cluster);
            return;
        }

        List<(string, Cell)> facts =
        [
            ("id", cluster.Id),
            ("name", cluster.DisplayName),
            ("kind", cluster.Kind == ClusterKind.Simulated ? "simulated" : "kafka"),
            ("labels", cluster.Labels.Count > 0 ? string.Join(' ', cluster.Labels.Select(label => $"{label.Key}={label.Value}")) : "none"),
            ("Kafka's cluster id", cluster.KafkaClusterId),
            ("added", Units.Time(cluster.CreatedAt)),
            ("changed", Units.Time(cluster.UpdatedAt)),
        ];
        if (cluster.Connection is { } connection)
        {
            facts.Add(("bootstrap servers", connection.BootstrapServers));
            facts.Add(("security", connection.SecurityProtocol + (connection.SaslMechanism is null ? "" : " " + connection.SaslMechanism)));
            facts.Add(("user", connection.Username ?? connection.OAuthClientId ?? "none"));
            facts.Add(("secrets", Secrets(connection)));
            facts.Add(("checks host names", connection.VerifyHostname));
        }

        run.Printer.Facts([.. facts]);
    }

    private static string Secrets(ConnectionDto connection)
    {
        string?[] held = [connection.HasPassword ? "password" : null, connection.HasClientKey ? "client key" : null, connection.HasOAuthClientSecret ? "client secret" : null];
        var names = string.Join(", ", held.Where(name => name is not null));
        return names.Length > 0 ? names + " (stored encrypted)" : "none";
    }

    private static void PrintTrial(Printer printer, ConnectionTestDto trial)
    {
        printer.Status(trial.Succeeded ? StatusWord.Ok : StatusWord.Crit, trial.Sentence);
        foreach (var failure in trial.Failures)
        {
            printer.Line($"  {(failure.BrokerId is { } broker ? $"broker {broker}: " : "")}{failure.Api}: {failure.Message}");
        }

        foreach (var missing in trial.Missing)
        {
            printer.Line($"  missing: {missing}");
        }
    }
}
