using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>What a cluster may do about its own troubles, and what it did.</summary>
internal static class HealingCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("healing", "What a cluster may heal by itself, and what it decided",
        Show(commands), Set(commands), Pause(commands), Resume(commands), Decisions(commands));

    private static Command Show(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        return commands.Define("show", "The healing policy of a cluster", async (run, cancellationToken) =>
        {
            Print(run, await run.Api.GetAsync<HealingPolicyDto>(Path(run.Get(cluster)), cancellationToken));
            return ExitCode.Ok;
        }, cluster);
    }

    private static Command Set(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var kind = new Option<string?>("--kind") { Description = "Kind of anomaly that --mode and --grace are about, such as broker-down", HelpName = "KIND" };
        var mode = Choice.Of<string?>("--mode", "observe (only tell), propose (make a plan and wait) or heal (carry it out)", "MODE", null, ("observe", "observe"), ("propose", "propose"), ("heal", "heal"));
        var grace = new Option<int?>("--grace") { Description = "Minutes from the anomaly until something is done", HelpName = "MINUTES" };
        var completeness = new Option<double?>("--min-completeness") { Description = "Share of the cluster that must be known, 0 to 1", HelpName = "SHARE" };
        var down = new Option<int?>("--max-brokers-down") { Description = "Brokers that may be down at a time, the healed one included", HelpName = "N" };
        var reason = Reason();
        return commands.Define("set", "Change the healing policy of a cluster; what is not given stays", async (run, cancellationToken) =>
        {
            var isRule = run.Has(mode) || run.Get(grace) is not null;
            if (isRule != run.Get(kind) is not null)
            {
                throw new CliException(isRule ? "--mode and --grace of which kind?" : "--kind says nothing by itself", "--kind KIND with --mode or --grace", $"kcp healing show {run.Get(cluster)} lists the kinds");
            }

            if (!isRule && run.Get(completeness) is null && run.Get(down) is null)
            {
                throw new CliException("Nothing to change", "--kind with --mode or --grace, --min-completeness, or --max-brokers-down", "kcp healing set --help");
            }

            IReadOnlyList<HealingRuleRequest>? rules = run.Get(kind) is { } name ? [new HealingRuleRequest(name, run.Get(mode), run.Get(grace) is { } minutes ? Seconds(minutes) : null)] : null;
            var path = Path(run.Get(cluster));
            var (_, tag) = await run.Api.GetTaggedAsync<HealingPolicyDto>(path, cancellationToken);
            Print(run, await run.Api.ReplaceAsync<HealingPolicyDto>(path, new HealingPolicyRequest(rules, run.Get(completeness), run.Get(down), run.Get(reason)), tag, cancellationToken));
            return ExitCode.Ok;
        }, cluster, kind, mode, grace, completeness, down, reason);
    }

    private static Command Pause(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var minutes = Paging.Positive("--minutes", 60, "For how long");
        var reason = Reason();
        return commands.Define("pause", "No healing for some time; plans that run go on", async (run, cancellationToken) =>
        {
            var request = new PauseHealingRequest(run.Console.Time.GetUtcNow().AddMinutes(run.Get(minutes)), run.Get(reason));
            Print(run, await run.Api.SendAsync<HealingPolicyDto>(HttpMethod.Post, Path(run.Get(cluster), "pause"), request, cancellationToken));
            return ExitCode.Ok;
        }, cluster, minutes, reason);
    }

    private static Command Resume(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        return commands.Define("resume", "End the pause of healing", async (run, cancellationToken) =>
        {
            Print(run, await run.Api.SendAsync<HealingPolicyDto>(HttpMethod.Post, Path(run.Get(cluster), "resume"), null, cancellationToken));
            return ExitCode.Ok;
        }, cluster);
    }

    private static Command Decisions(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var anomaly = new Option<string?>("--anomaly") { Description = "Only about this anomaly (kcp anomalies)", HelpName = "ID" };
        var paging = new Paging();
        return commands.Define("decisions", "What healing decided, and what held it back; newest first", async (run, cancellationToken) =>
        {
            var path = Path(run.Get(cluster), "decisions").With(("anomaly", run.Get(anomaly)), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            var page = await run.Api.GetAsync<Page<HealingDecisionDto>>(path, cancellationToken);
            run.Printer.Page(page, "Nothing was decided yet.",
                Column<HealingDecisionDto>.Left("when", row => Units.Time(row.At)),
                Column<HealingDecisionDto>.Left("status", row => row.Status),
                Column<HealingDecisionDto>.Left("about", row => row.Subject),
                Column<HealingDecisionDto>.Left("outcome", row => row.Outcome),
                Column<HealingDecisionDto>.Left("held back by", row => row.Guards.FirstOrDefault(guard => guard.Passed != true)?.Name ?? ""),
                Column<HealingDecisionDto>.Left("what", row => row.Sentence));
            return ExitCode.Ok;
        }, cluster, anomaly, paging.Limit, paging.Offset);
    }

    private static Option<string?> Reason() => new("--reason") { Description = "Why, for the audit trail", HelpName = "TEXT" };

    private static int Seconds(int minutes) => (int)Math.Clamp(minutes * 60L, int.MinValue, int.MaxValue);

    private static string Path(string cluster, params string[] more) => Route.Of(["clusters", cluster, "healing", .. more]);

    private static void Print(Invocation run, HealingPolicyDto policy)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(policy);
            return;
        }

        run.Printer.Facts(
            ("paused", policy.PausedUntil is { } until ? new Cell($"until {Units.Time(until)} by {policy.PausedBy}{(policy.PauseReason is null ? "" : $" ({policy.PauseReason})")}", "yellow") : "no"),
            ("needs completeness", Units.Percent(policy.MinCompleteness)),
            ("brokers down at most", policy.MaxBrokersDown.ToString(CultureInfo.InvariantCulture)));
        run.Printer.Rows(policy.Rules, "No kind of anomaly is known.",
            Column<HealingRuleDto>.Left("kind", row => row.Kind),
            Column<HealingRuleDto>.Left("mode", row => row.CanHeal ? row.Mode : $"{row.Mode} (has no repair)"),
            Column<HealingRuleDto>.Right("grace", row => Units.Age(row.GraceSeconds)));
    }
}
