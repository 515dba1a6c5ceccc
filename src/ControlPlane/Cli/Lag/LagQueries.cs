using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Commands;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Lag;

/// <summary>Judged lag of a running product: which groups, one group, why, and what changes.</summary>
internal static class LagQueries
{
    private const int MostWatched = 500;

    public static Command List(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var paging = new Paging();
        var status = new Option<string?>("--status") { Description = "Only groups judged so: ok, warn or err", HelpName = "STATUS" };
        var topic = new Option<string?>("--topic") { Description = "Only groups that committed on this topic", HelpName = "TOPIC" };
        return commands.Define("ls", "Groups with verdict, lag, time lag and catching up; the exit code is that of the worst shown", async (run, cancellationToken) =>
        {
            var page = await run.Api.GetAsync<Page<GroupDto>>(Route.Of("clusters", run.Get(cluster), "groups").With(
                ("search", run.Get(paging.Search)), ("status", run.Get(status)), ("topic", run.Get(topic)), ("sort", run.Get(paging.Sort) ?? "-status"), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit))), cancellationToken);
            run.Printer.Page(page, "No group matches.",
                Column<GroupDto>.Left("group", row => row.Id),
                Column<GroupDto>.Left("verdict", row => Verdict(row)),
                Column<GroupDto>.Right("lag", row => row.Lag),
                Column<GroupDto>.Right("time lag", row => TimeLag(row.Judgement?.TimeLagSeconds, row.Judgement?.IsTimeLagAtLeast == true)),
                Column<GroupDto>.Right("catches up", row => CatchUp(row.Judgement)),
                Column<GroupDto>.Right("bad partitions", row => row.Judgement?.BadPartitions),
                Column<GroupDto>.Left("cause", row => row.Judgement?.Cause ?? ""));
            return ExitCodes.Of(ExitCodes.Worst(page.Items.Select(row => row.Judgement?.Status ?? StatusWord.Unknown).DefaultIfEmpty(StatusWord.Ok)));
        }, cluster, paging.Search, status, topic, paging.Sort, paging.Limit, paging.Offset);
    }

    public static Command Show(CommandSet commands)
    {
        var (cluster, group) = (Arguments.Cluster(), Group());
        return commands.Define("show", "One group: verdict, cause, advice, and its partitions, worst first", async (run, cancellationToken) =>
        {
            var found = await FetchAsync(run, run.Get(cluster), run.Get(group), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
            }
            else
            {
                Say(run.Printer, found);
                run.Printer.Rows([.. (found.Partitions ?? []).OrderByDescending(row => Severity(row.Judgement)).ThenByDescending(row => row.Lag)], "It has no committed offset.",
                    Column<GroupPartitionDto>.Left("partition", row => string.Create(CultureInfo.InvariantCulture, $"{row.Topic}-{row.Partition}")),
                    Column<GroupPartitionDto>.Left("verdict", row => row.Judgement?.Word ?? "?"),
                    Column<GroupPartitionDto>.Right("lag", row => row.Lag),
                    Column<GroupPartitionDto>.Right("to last stable", row => row.LagToLastStable),
                    Column<GroupPartitionDto>.Right("time lag", row => TimeLag(row.Judgement?.TimeLagSeconds, row.Judgement?.IsTimeLagAtLeast == true)),
                    Column<GroupPartitionDto>.Left("client", row => row.ClientId ?? "nobody"),
                    Column<GroupPartitionDto>.Left("host", row => row.Host ?? ""));
            }

            return ExitCodes.Of(found.Group.Judgement?.Status ?? StatusWord.Unknown);
        }, cluster, group);
    }

    public static Command Explain(CommandSet commands)
    {
        var (cluster, group) = (Arguments.Cluster(), Group());
        var topic = new Option<string?>("--topic") { Description = "Only partitions of this topic", HelpName = "TOPIC" };
        return commands.Define("explain", "Why each partition of a group is judged as it is, with the commits that say so", async (run, cancellationToken) =>
        {
            var found = await FetchAsync(run, run.Get(cluster), run.Get(group), cancellationToken);
            var partitions = (found.Partitions ?? []).Where(row => run.Get(topic) is not { } only || string.Equals(row.Topic, only, StringComparison.Ordinal)).OrderByDescending(row => Severity(row.Judgement)).ToList();
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found with { Partitions = partitions });
            }
            else
            {
                Say(run.Printer, found);
                foreach (var row in partitions)
                {
                    Explain(run.Printer, row);
                }
            }

            return ExitCodes.Of(found.Group.Judgement?.Status ?? StatusWord.Unknown);
        }, cluster, group, topic);
    }

    public static Command Watch(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var every = Paging.NotNegative("--every", 5, "Seconds between two looks");
        var changes = Paging.NotNegative("--changes", 0, "Stop after so many changes; 0: go on until Ctrl+C");
        return commands.Define("watch", "A line for each group whose verdict changes", async (run, cancellationToken) =>
        {
            var (shown, told) = (new Dictionary<string, string>(StringComparer.Ordinal), 0);
            try
            {
                while (true)
                {
                    var page = await run.Api.GetAsync<Page<GroupDto>>(Route.Of("clusters", run.Get(cluster), "groups").With(("sort", "-status"), ("limit", MostWatched)), cancellationToken);
                    foreach (var row in page.Items.Where(row => row.Judgement is not null && (shown.GetValueOrDefault(row.Id) ?? "OK") != row.Judgement.Word))
                    {
                        run.Printer.Line($"{run.Console.Time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {row.Judgement!.Word} {row.Id}: {row.Judgement.Sentence}");
                        shown[row.Id] = row.Judgement.Word;
                        told++;
                    }

                    if (run.Get(changes) is > 0 and var most && told >= most)
                    {
                        return Worst(shown);
                    }

                    await Task.Delay(TimeSpan.FromSeconds(Math.Max(1, run.Get(every))), run.Console.Time, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return Worst(shown); // Ctrl+C is how a watch ends
            }
        }, cluster, every, changes);
    }

    private static ExitCode Worst(Dictionary<string, string> shown) => shown.ContainsValue("ERR") ? ExitCode.Critical : shown.ContainsValue("WARN") ? ExitCode.Warning : ExitCode.Ok;

    private static Task<GroupDetailDto> FetchAsync(Invocation run, string cluster, string group, CancellationToken cancellationToken) =>
        run.Api.GetAsync<GroupDetailDto>(Route.Of("clusters", cluster, "groups", group), cancellationToken);

    private static void Say(Printer printer, GroupDetailDto found)
    {
        printer.Line(found.Group.Judgement is { } judged ? $"{judged.Word}: {judged.Sentence}" : "It has not been judged yet.");
        var feed = found.Feed is { Word: "fallback" or "catching-up" } partly ? partly.Sentence : null;
        foreach (var line in new[] { found.Group.Judgement?.CauseSentence, found.Group.Judgement?.Advice, feed, found.Feed?.Clocks })
        {
            if (line is not null)
            {
                printer.Line(line);
            }
        }
    }

    private static void Explain(Printer printer, GroupPartitionDto row)
    {
        printer.Line(string.Create(CultureInfo.InvariantCulture, $"{row.Topic}-{row.Partition}: {row.Judgement?.Word ?? "?"} ({row.Judgement?.Reason ?? "not judged yet"}{(row.Judgement is { } one ? $", confidence {one.Confidence:0.00}" : "")})"));
        if (row.Judgement is not { } judged)
        {
            return;
        }

        printer.Line($"  {judged.Sentence}");
        foreach (var commit in judged.Window)
        {
            printer.Line(string.Create(CultureInfo.InvariantCulture, $"  {commit.At:yyyy-MM-ddTHH:mm:ss.fffZ} offset {commit.Offset}{(commit.Lag is { } lag ? $", lag {lag}" : "")}"));
        }
    }

    private static string Verdict(GroupDto row) => row.Judgement?.Word ?? "?";

    private static int Severity(PartitionJudgementDto? judged) => judged?.Word switch { null => 1, "OK" => 0, "WARN" => 2, _ => 3 };

    private static string TimeLag(double? seconds, bool isAtLeast) => seconds is { } known ? $"{(isAtLeast ? "at least " : "")}{Units.Age(known)}" : "";

    private static string CatchUp(GroupJudgementDto? judged) => judged switch
    {
        { CatchUp: "expected", CatchUpSeconds: { } seconds } => Units.Age(seconds),
        null => "",
        _ => judged.CatchUp,
    };

    private static Argument<string> Group() => new("group") { Description = "Id of the group" };
}
