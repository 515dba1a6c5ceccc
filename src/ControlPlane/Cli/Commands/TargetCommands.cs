using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Where alerts go.</summary>
internal static class TargetCommands
{
    public static Command Create(CommandSet commands) =>
        CommandSet.Group("targets", "Where alerts go", List(commands), Add(commands), Edit(commands), Test(commands), Remove(commands));

    /// <summary>By name or by id.</summary>
    public static async Task<AlertTargetDto> FindAsync(Invocation run, string name, CancellationToken cancellationToken)
    {
        var all = await FetchAsync(run, cancellationToken);
        return all.FirstOrDefault(target => target.Name == name || target.Id.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new CliException($"There is no alert target {name}", all.Count == 0 ? "one that was added: kcp targets add" : "one of: " + string.Join(", ", all.Select(target => target.Name)), "kcp targets list");
    }

    private static Argument<string> Name() => new("target") { Description = "Name or id of the target (kcp targets list)" };

    private static Command List(CommandSet commands) => commands.Define("list", "All targets, never their secrets", async (run, cancellationToken) =>
    {
        var targets = await FetchAsync(run, cancellationToken);
        if (run.Printer.IsJson)
        {
            run.Printer.Json(targets);
            return ExitCode.Ok;
        }

        run.Printer.Rows(targets, "There is no target: nobody is told of alerts. Add one with kcp targets add.",
            Column<AlertTargetDto>.Left("name", row => row.Name),
            Column<AlertTargetDto>.Left("status", row => row.Status),
            Column<AlertTargetDto>.Left("kind", row => row.Kind),
            Column<AlertTargetDto>.Left("enabled", row => row.IsEnabled),
            Column<AlertTargetDto>.Left("from", row => row.MinSeverity),
            Column<AlertTargetDto>.Left("clusters", row => row.Clusters is { } only ? string.Join(' ', only) : "all"),
            Column<AlertTargetDto>.Right("queued", row => row.Queued),
            Column<AlertTargetDto>.Left("last delivered", row => row.LastDeliveredAt is null ? "never" : Units.Time(row.LastDeliveredAt)),
            Column<AlertTargetDto>.Left("url", row => row.Url),
            Column<AlertTargetDto>.Left("problem", row => row.Problem ?? ""));
        return ExitCode.Ok;
    });

    private static Command Add(CommandSet commands)
    {
        var name = new Argument<string>("name") { Description = "How people call it" };
        var kind = Choice.Of("--kind", "What listens there: webhook or pagerduty", "KIND", "webhook", ("webhook", "webhook"), ("pagerduty", "pagerduty"));
        var options = new TargetOptions();
        return commands.Define("add", "Tell another receiver of alerts", async (run, cancellationToken) =>
        {
            var request = options.Read(run, run.Get(name), run.Get(kind), null);
            Print(run, await run.Api.SendAsync<AlertTargetDto>(HttpMethod.Post, "alert-targets", request, cancellationToken));
            return ExitCode.Ok;
        }, [name, kind, .. options.All]);
    }

    private static Command Edit(CommandSet commands)
    {
        var (name, options) = (Name(), new TargetOptions());
        var newName = new Option<string?>("--name") { Description = "A new name", HelpName = "TEXT" };
        return commands.Define("edit", "Change a target; what is not given stays, its secret too", async (run, cancellationToken) =>
        {
            if (!options.AnyGiven(run) && !run.Has(newName))
            {
                throw new CliException("Nothing to change", "at least one option", "kcp targets edit --help");
            }

            var path = Route.Of("alert-targets", (await FindAsync(run, run.Get(name), cancellationToken)).Id.ToString());
            var (now, tag) = await run.Api.GetTaggedAsync<AlertTargetDto>(path, cancellationToken);
            var request = options.Read(run, run.Get(newName) ?? now.Name, now.Kind, now);
            tag ??= new EntityTagHeaderValue($"\"{now.Version.ToString(CultureInfo.InvariantCulture)}\"");
            Print(run, await run.Api.ReplaceAsync<AlertTargetDto>(path, request, tag, cancellationToken));
            return ExitCode.Ok;
        }, [name, newName, .. options.All]);
    }

    private static Command Test(CommandSet commands)
    {
        var name = Name();
        return commands.Define("test", "Send a test alert to a target", async (run, cancellationToken) =>
        {
            var target = await FindAsync(run, run.Get(name), cancellationToken);
            var queued = await run.Api.SendAsync<DeliveryDto>(HttpMethod.Post, Route.Of("alert-targets", target.Id.ToString(), "test"), null, cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(queued);
                return ExitCode.Ok;
            }

            run.Printer.Remark($"Queued for {queued.Target}; how it went: kcp deliveries show {queued.Id}");
            return ExitCode.Ok;
        }, name);
    }

    private static Command Remove(CommandSet commands)
    {
        var (name, yes) = (Name(), Arguments.Yes());
        return commands.Define("remove", "Remove a target with its deliveries", async (run, cancellationToken) =>
        {
            run.Confirm(run.Get(yes), $"Remove alert target {run.Get(name)} and what it still waits for?");
            var target = await FindAsync(run, run.Get(name), cancellationToken);
            await run.Api.SendAsync(HttpMethod.Delete, Route.Of("alert-targets", target.Id.ToString()), null, cancellationToken);
            run.Printer.Remark($"Alert target {target.Name} is removed.");
            return ExitCode.Ok;
        }, name, yes);
    }

    private static Task<IReadOnlyList<AlertTargetDto>> FetchAsync(Invocation run, CancellationToken cancellationToken) =>
        run.Api.GetAsync<IReadOnlyList<AlertTargetDto>>("alert-targets", cancellationToken);

    private static void Print(Invocation run, AlertTargetDto target)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(target);
            return;
        }

        run.Printer.Facts(
            ("id", target.Id.ToString()),
            ("name", target.Name),
            ("kind", target.Kind),
            ("enabled", target.IsEnabled),
            ("url", target.Url),
            ("secret", target.HasSecret ? "set" : "none"),
            ("from severity", target.MinSeverity),
            ("clusters", target.Clusters is { } only ? string.Join(' ', only) : "all"));
        run.Printer.Remark($"Try it: kcp targets test {target.Name}");
    }
}
