using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Plans: make one, look at it, say yes or no.</summary>
internal static class PlanCommands
{
    private const int FirstMoves = 10;
    private const int FirstNames = 3;

    private static Column<PlannedMoveDto>[] MoveColumns { get; } =
    [
        Column<PlannedMoveDto>.Left("partition", row => $"{row.Topic}-{row.Partition}"),
        Column<PlannedMoveDto>.Left("class", row => row.Class),
        Column<PlannedMoveDto>.Left("replicas", row => $"{string.Join(",", row.Before)} -> {string.Join(",", row.After)}"),
        Column<PlannedMoveDto>.Right("to copy", row => Units.Size(row.Bytes)),
        Column<PlannedMoveDto>.Left("why", row => row.Reason),
    ];

    public static Command Create(CommandSet commands) => CommandSet.Group("plan", "Plans that move replicas; nothing moves before one is approved",
        [FixOffline(commands), .. OptimizerCommands.All(commands), List(commands), Show(commands), Moves(commands), Export(commands), Approve(commands), Discard(commands)]);

    private static Command FixOffline(CommandSet commands)
    {
        var (cluster, options) = (Arguments.Cluster(), new OptimizerOptions());
        var brokers = new Option<int[]>("--broker") { Description = "Only the replicas of this broker, may be repeated; without it of all that are down", HelpName = "ID", DefaultValueFactory = _ => [] };
        var balance = new Option<bool>("--balance-after") { Description = "Even the load afterwards, too; what lives moves then as well" };
        return commands.Define("fix-offline", "Plan how the replicas of dead brokers and log dirs come back; nothing else moves; a dry run", async (run, cancellationToken) =>
        {
            var asked = options.Read(run, "fix-offline", run.Get(brokers) is { Length: > 0 } ids ? ids : null, read => run.Get(balance) ? read with { MandatoryOnly = false } : read);
            if (run.Get(balance))
            {
                return await OptimizerCommands.RunAsync(run, run.Get(cluster), asked, cancellationToken);
            }

            var request = asked with { Options = asked.Options == new PlanOptionsDto() ? null : asked.Options };
            var plan = await run.Api.SendAsync<PlanDetailDto>(HttpMethod.Post, Route.Of("clusters", run.Get(cluster), "plans"), request, cancellationToken);
            await PrintAsync(run, plan, cancellationToken);
            return ExitCode.Ok;
        }, [cluster, brokers, balance, .. options.All]);
    }

    private static Command List(CommandSet commands)
    {
        var (cluster, paging) = (Arguments.Cluster(), new Paging());
        return commands.Define("list", "Plans of a cluster, newest first", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "plans").With(("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            run.Printer.Page(await run.Api.GetAsync<Page<PlanDto>>(path, cancellationToken), "No plan was made.",
                Column<PlanDto>.Left("id", row => row.Id.ToString()),
                Column<PlanDto>.Left("mode", row => row.Mode),
                Column<PlanDto>.Left("state", row => row.State),
                Column<PlanDto>.Left("made", row => Units.Time(row.MadeAt)),
                Column<PlanDto>.Left("by", row => row.MadeBy),
                Column<PlanDto>.Right("moves", row => row.Moves),
                Column<PlanDto>.Right("to copy", row => Units.Size(row.Bytes)));
            return ExitCode.Ok;
        }, cluster, paging.Limit, paging.Offset);
    }

    private static Command Show(CommandSet commands)
    {
        var (cluster, id) = (Arguments.Cluster(), PlanId());
        return commands.Define("show", "One plan with what it changes", async (run, cancellationToken) =>
        {
            await PrintAsync(run, await run.Api.GetAsync<PlanDetailDto>(Path(run, cluster, id), cancellationToken), cancellationToken);
            return ExitCode.Ok;
        }, cluster, id);
    }

    private static Command Moves(CommandSet commands)
    {
        var (cluster, id, paging) = (Arguments.Cluster(), PlanId(), new Paging());
        return commands.Define("moves", "The moves of a plan, in the order of execution", async (run, cancellationToken) =>
        {
            var path = (Path(run, cluster, id) + "/moves").With(
                ("search", run.Get(paging.Search)), ("sort", run.Get(paging.Sort)), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            run.Printer.Page(await run.Api.GetAsync<Page<PlannedMoveDto>>(path, cancellationToken), "No move matches.", MoveColumns);
            return ExitCode.Ok;
        }, cluster, id, paging.Search, paging.Sort, paging.Limit, paging.Offset);
    }

    private static Command Export(CommandSet commands)
    {
        var (cluster, id) = (Arguments.Cluster(), PlanId());
        var format = Choice.Of("--format", "kafka: for kafka-reassign-partitions.sh; kafka-rollback: its way back; kcp: one move a line", "FORMAT", "kafka", ("kafka", "kafka"), ("kafka-rollback", "kafka-rollback"), ("kcp", "own"));
        return commands.Define("export", "Write a plan to standard output in a format of other tools", async (run, cancellationToken) =>
        {
            await run.Api.CopyAsync((Path(run, cluster, id) + "/export").With(("format", run.Get(format))), run.Console.Out, cancellationToken);
            return ExitCode.Ok;
        }, cluster, id, format);
    }

    private static Command Approve(CommandSet commands)
    {
        var (cluster, id, yes) = (Arguments.Cluster(), PlanId(), Arguments.Yes());
        var hash = new Option<string?>("--hash") { Description = "Hash of the plan you looked at; without it the plan is shown and its hash taken", HelpName = "HASH" };
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit trail", HelpName = "TEXT" };
        return commands.Define("approve", "Approve a plan: its moves begin", async (run, cancellationToken) =>
        {
            var seen = await run.Api.GetAsync<PlanDetailDto>(Path(run, cluster, id), cancellationToken);
            RefuseIfOver(seen.Plan);
            var named = run.Get(hash) ?? seen.Plan.Hash;
            run.Confirm(run.Get(yes), $"{seen.Plan.Sentence} Approve plan {seen.Plan.Id} with hash {Shorten(named)}?");
            var plan = await run.Api.SendAsync<PlanDto>(HttpMethod.Post, Path(run, cluster, id) + "/approval", new ApprovePlanRequest(named, run.Get(reason)), cancellationToken);
            PrintDecision(run, plan);
            return ExitCode.Ok;
        }, cluster, id, hash, reason, yes);
    }

    private static Command Discard(CommandSet commands)
    {
        var (cluster, id) = (Arguments.Cluster(), PlanId());
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit trail", HelpName = "TEXT" };
        return commands.Define("discard", "Discard a plan: it can't be approved any more", async (run, cancellationToken) =>
        {
            PrintDecision(run, await run.Api.SendAsync<PlanDto>(HttpMethod.Post, Path(run, cluster, id) + "/discard", new DiscardPlanRequest(run.Get(reason)), cancellationToken));
            return ExitCode.Ok;
        }, cluster, id, reason);
    }

    /// <summary>Nobody is asked for a yes that the product could only refuse.</summary>
    private static void RefuseIfOver(PlanDto plan)
    {
        var (why, next) = plan switch
        {
            { State: "stale" } => ($"it no longer fits the cluster{(plan.Problem is { } changes ? $": {changes}" : ".")}", $"make a new plan:  kcp plan {Command(plan.Mode)} {plan.Cluster}"),
            { State: not "proposed" } => ($"it is {plan.State}{Decided(plan)}.", $"see what became of it:  kcp plan show {plan.Cluster} {plan.Id}"),
            { IsSound: false } => ("it did not pass its independent check.", $"see why:  kcp plan show {plan.Cluster} {plan.Id}"),
            { Moves: 0 } => ("it moves nothing.", $"see why:  kcp plan show {plan.Cluster} {plan.Id}"),
            _ => (null, null),
        };
        if (why is not null)
        {
            throw new CliException($"Plan {plan.Id} of {plan.Cluster} can't be approved: {why}", "a plan that is proposed, sound and fits the cluster", next);
        }
    }

    /// <summary>The command that makes such a plan.</summary>
    private static string Command(string mode) => mode switch { "demote-brokers" => "demote", "minimal-repair" => "minimal", _ => mode };

    private static string Decided(PlanDto plan) => plan switch
    {
        { DecidedBy: { } by, DecidedAt: { } at } => $", decided by {by} at {Units.Time(at)}",
        _ => "",
    };

    private static Argument<string> PlanId() => new("plan") { Description = "Id of the plan" };

    private static string Path(Invocation run, Argument<string> cluster, Argument<string> id) => Route.Of("clusters", run.Get(cluster), "plans", run.Get(id));

    private static void PrintDecision(Invocation run, PlanDto plan)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(plan);
        }
        else
        {
            run.Printer.Status(plan.Status, $"Plan {plan.Id} is {plan.State}. {plan.Sentence}");
        }
    }

    public static async Task PrintAsync(Invocation run, PlanDetailDto detail, CancellationToken cancellationToken)
    {
        var plan = detail.Plan;
        if (run.Printer.IsJson)
        {
            run.Printer.Json(detail);
            return;
        }

        run.Printer.Status(plan.Status, plan.Sentence);
        run.Printer.Facts(
            ("plan", plan.Id.ToString()), ("state", plan.State + (plan.Problem is null ? "" : $": {plan.Problem}")), ("hash", plan.Hash),
            ("made", $"{Units.Time(plan.MadeAt)} by {plan.MadeBy}"), ("moves", plan.Moves), ("to copy", Units.Size(plan.Bytes)),
            ("about", Units.Age(plan.EstimatedSeconds)), ("throttle", plan.ThrottleBytesPerSecond is { } rate ? Units.Rate(rate) : "none"), ("moves per broker", plan.MovesPerBroker));
        run.Printer.Rows(detail.Brokers.Where(broker => broker.BytesToReceive > 0 || broker.BytesToSend > 0 || broker.Before != broker.After), "No broker changes.",
            Column<BrokerChangeDto>.Right("broker", row => row.BrokerId.ToString(CultureInfo.InvariantCulture)),
            Column<BrokerChangeDto>.Left("rack", row => row.Rack ?? "none"),
            Column<BrokerChangeDto>.Right("replicas", row => $"{row.Before.Replicas} -> {row.After.Replicas}"),
            Column<BrokerChangeDto>.Right("leaders", row => $"{row.Before.Leaders} -> {row.After.Leaders}"),
            Column<BrokerChangeDto>.Right("disk", row => $"{Units.Size(row.Before.DiskBytes)} -> {Units.Size(row.After.DiskBytes)}"),
            Column<BrokerChangeDto>.Right("peak", row => Units.Size(row.PeakDiskBytes)),
            Column<BrokerChangeDto>.Right("receives", row => Units.Size(row.BytesToReceive)),
            Column<BrokerChangeDto>.Right("sends", row => Units.Size(row.BytesToSend)));
        if (detail.Findings is { } findings)
        {
            PrintFindings(run, findings);
        }

        foreach (var risk in detail.Risks)
        {
            run.Printer.Status(risk.Status, risk.Sentence);
        }

        foreach (var problem in detail.Problems)
        {
            run.Printer.Status(StatusWord.Crit, problem);
        }

        await PrintMovesAsync(run, detail, cancellationToken);
        if (plan.State == "proposed" && plan is { IsSound: true, Moves: > 0 })
        {
            run.Printer.Line($"Approve it:  kcp plan approve {plan.Cluster} {plan.Id} --hash {plan.Hash}");
            run.Printer.Line($"or:          curl -X POST -H \"Authorization: Bearer $KCP_TOKEN\" -H 'Content-Type: application/json' -d '{{\"hash\":\"{plan.Hash}\"}}' $KCP_URL/api/v1/clusters/{plan.Cluster}/plans/{plan.Id}/approval");
        }
    }

    private static async Task PrintMovesAsync(Invocation run, PlanDetailDto detail, CancellationToken cancellationToken)
    {
        foreach (var reason in detail.Unplaced.GroupBy(replica => replica.Why, StringComparer.Ordinal))
        {
            var names = reason.Take(FirstNames).Select(replica => $"{replica.Topic}-{replica.Partition} on broker {replica.LostBroker}");
            var more = reason.Count() - FirstNames;
            run.Printer.Status(StatusWord.Warn, $"Lost for now: {string.Join(", ", names)}{(more > 0 ? $" and {more} more" : "")}: {reason.Key}.");
        }

        var path = Route.Of("clusters", detail.Plan.Cluster, "plans", detail.Plan.Id.ToString(), "moves").With(("limit", FirstMoves));
        var moves = await run.Api.GetAsync<Page<PlannedMoveDto>>(path, cancellationToken);
        run.Printer.Rows(moves.Items, "It moves nothing.", MoveColumns);
        if (moves.Total > moves.Items.Count)
        {
            run.Printer.Line($"The first {moves.Items.Count} of {Units.Count(moves.Total)} moves. All of them:  kcp plan moves {detail.Plan.Cluster} {detail.Plan.Id}");
        }
    }

    private static void PrintFindings(Invocation run, PlanFindingsDto findings)
    {
        PrintGoals(run, findings.Goals);
        PrintProofs(run, findings.Proofs);
        if (findings.Bound is { } bound)
        {
            run.Printer.Line($"No plan can do it with less than {Units.Size(bound.Bytes)} in {Units.Count(bound.Moves)} moves; this one takes {Units.Size(findings.Bytes)} in {Units.Count(findings.ReplicaMoves)}.");
        }

        foreach (var note in findings.Notes)
        {
            run.Printer.Remark(note);
        }
    }

    public static void PrintGoals(Invocation run, IReadOnlyList<GoalOutcomeDto> goals) => run.Printer.Rows(goals, "No goal was judged.",
        Column<GoalOutcomeDto>.Left("goal", row => row.Goal),
        Column<GoalOutcomeDto>.Left("kind", row => row.IsHard ? "hard" : "soft"),
        Column<GoalOutcomeDto>.Right("violated", row => $"{row.ViolatedBefore} -> {row.ViolatedAfter} {row.Unit}"),
        Column<GoalOutcomeDto>.Right("distance", row => string.Create(CultureInfo.InvariantCulture, $"{row.DistanceBefore:0.###} -> {row.DistanceAfter:0.###}")));

    public static void PrintProofs(Invocation run, IReadOnlyList<InfeasibilityProofDto> proofs)
    {
        foreach (var proof in proofs)
        {
            run.Printer.Status(StatusWord.Crit, proof.Remedy is { } remedy ? $"{proof.Sentence} {remedy.Sentence}" : proof.Sentence);
        }
    }

    /// <summary>Bytes per second out of 50MB/s, 50MB, 1GB/s, 500kB/s or a bare number.</summary>
    public static long ReadRate(string text, string option = "--throttle")
    {
        var word = text.Trim();
        word = word.EndsWith("/s", StringComparison.OrdinalIgnoreCase) ? word[..^2] : word;
        var digits = word.TrimEnd("bBkKmMgG ".ToCharArray());
        var unit = word[digits.Length..].Trim().ToUpperInvariant() switch
        {
            "" or "B" => 1.0,
            "KB" or "K" => 1e3,
            "MB" or "M" => 1e6,
            "GB" or "G" => 1e9,
            _ => double.NaN,
        };
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * unit is 0 or (>= 1 and < long.MaxValue)
            ? (long)(number * unit)
            : throw new CliException($"{option} '{text}' is no rate", "a number with B, kB, MB or GB per second, or 0 for none", $"for example {option} 50MB/s");
    }

    private static string Shorten(string hash) => hash.Length <= 12 ? hash : hash[..12];
}
