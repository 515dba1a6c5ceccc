using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Changes of what a group committed. Each shows what it would do; --execute does just that.</summary>
internal static class GroupChangeCommands
{
    public static Command Reset(CommandSet commands, string name)
    {
        var (cluster, group, execute, yes, reason) = (Arguments.Cluster(), Group(), Execute(), Arguments.Yes(), Reason());
        var to = new Option<string?>("--to") { Description = "earliest, latest, or a time such as 2026-11-21T03:00:00Z: the first record written then or later", HelpName = "WHERE" };
        var shift = new Option<long?>("--shift") { Description = "Messages forward, or back where negative", HelpName = "N" };
        var from = new Option<FileInfo?>("--from-file") { Description = "Offsets to commit: lines topic,partition,offset, as kafka-consumer-groups.sh exports them", HelpName = "FILE" };
        var into = new Option<FileInfo?>("--to-file") { Description = "Also write the offsets that the preview shows into a file that --from-file reads", HelpName = "FILE" };
        var topics = new Option<string[]>("--topic") { Description = "Only this topic, or some of its partitions as in orders:0,3; may be repeated", HelpName = "TOPIC" };
        return commands.Define(name, "Move committed offsets; shows what it would do unless --execute is given", async (run, cancellationToken) =>
        {
            var wish = WishOf(run.Get(to), run.Get(shift), run.Get(from)) with { Topics = run.Get(topics) is { Length: > 0 } some ? some : null };
            if (wish is { Offsets: not null, Topics: not null })
            {
                throw new CliException("--topic can't be combined with --from-file.", "one of the two", "take the lines of other topics out of the file");
            }

            var path = Path(run.Get(cluster), run.Get(group), "offset-reset");
            var preview = await run.Api.SendAsync<GroupChangeDto>(HttpMethod.Post, path, wish, cancellationToken);
            if (run.Get(into) is { } file)
            {
                await OffsetFile.WriteAsync(file, preview.Partitions, cancellationToken);
            }

            if (!run.Get(execute))
            {
                return Print(run, preview);
            }

            ThrowIfHindered(preview);
            OffsetTargetDto[] targets = [.. preview.Partitions.Where(row => row.Target is not null && row.Target != row.Committed).Select(row => new OffsetTargetDto(row.Topic, row.Partition, row.Target!.Value, row.Committed))];
            if (targets.Length == 0)
            {
                return Print(run, preview); // all is there already
            }

            run.Confirm(run.Get(yes), $"{preview.Sentence.Replace("Dry run: ", "", StringComparison.Ordinal).Replace(" Nothing was changed.", "", StringComparison.Ordinal)} Commit this for group {preview.Group}?");
            return Print(run, await run.Api.SendAsync<GroupChangeDto>(HttpMethod.Post, path, new ResetOffsetsRequest("offsets", Offsets: targets, DryRun: false, Reason: run.Get(reason)), cancellationToken));
        }, cluster, group, to, shift, from, into, topics, execute, reason, yes);
    }

    public static Command Forget(CommandSet commands)
    {
        var (cluster, group, execute, yes, reason) = (Arguments.Cluster(), Group(), Execute(), Arguments.Yes(), Reason());
        var topics = new Option<string[]>("--topic") { Description = "The topic, or some of its partitions as in orders:0,3; may be repeated", HelpName = "TOPIC", Required = true };
        return commands.Define("forget", "Delete committed offsets of topics; shows what it would do unless --execute is given", (run, cancellationToken) =>
            ChangeAsync(run, Path(run.Get(cluster), run.Get(group), "offset-deletion"), dry => new ForgetOffsetsRequest(run.Get(topics)!, dry, run.Get(reason)), (run.Get(execute), run.Get(yes)), cancellationToken),
            cluster, group, topics, execute, reason, yes);
    }

    public static Command Delete(CommandSet commands)
    {
        var (cluster, group, execute, yes, reason) = (Arguments.Cluster(), Group(), Execute(), Arguments.Yes(), Reason());
        return commands.Define("delete", "Delete a group with all it committed; shows what it would do unless --execute is given", (run, cancellationToken) =>
            ChangeAsync(run, Path(run.Get(cluster), run.Get(group), "deletion"), dry => new DeleteGroupRequest(dry, run.Get(reason)), (run.Get(execute), run.Get(yes)), cancellationToken),
            cluster, group, execute, reason, yes);
    }

    private static async Task<ExitCode> ChangeAsync(Invocation run, string path, Func<bool, object> wish, (bool Execute, bool Yes) choice, CancellationToken cancellationToken)
    {
        var preview = await run.Api.SendAsync<GroupChangeDto>(HttpMethod.Post, path, wish(true), cancellationToken);
        if (!choice.Execute)
        {
            return Print(run, preview);
        }

        ThrowIfHindered(preview);
        run.Confirm(choice.Yes, $"{preview.Sentence.Replace("Dry run: ", "", StringComparison.Ordinal).Replace(" Nothing was changed.", "", StringComparison.Ordinal)} Do this to group {preview.Group}?");
        return Print(run, await run.Api.SendAsync<GroupChangeDto>(HttpMethod.Post, path, wish(false), cancellationToken));
    }

    private static ResetOffsetsRequest WishOf(string? to, long? shift, FileInfo? from)
    {
        if ((to is null ? 0 : 1) + (shift is null ? 0 : 1) + (from is null ? 0 : 1) != 1)
        {
            throw new CliException("It is not clear where the offsets shall go.", "exactly one of --to, --shift and --from-file", "kcp groups reset --help");
        }

        return (to, shift, from) switch
        {
            (_, { } messages, _) => new ResetOffsetsRequest("shift", Shift: messages),
            (_, _, { } file) => new ResetOffsetsRequest("offsets", Offsets: OffsetFile.Read(file)),
            ("earliest" or "latest", _, _) => new ResetOffsetsRequest(to),
            _ when DateTimeOffset.TryParse(to, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) => new ResetOffsetsRequest("timestamp", At: at),
            _ => throw new CliException($"--to '{to}' is no place in a log.", "earliest, latest, or a time such as 2026-11-21T03:00:00Z", "kcp groups reset --help"),
        };
    }

    private static void ThrowIfHindered(GroupChangeDto preview)
    {
        if (preview.Obstacle is { } obstacle)
        {
            throw new CliException($"Nothing was changed. {obstacle}", "a group in state Empty", $"kcp groups show CLUSTER {preview.Group}");
        }
    }

    private static ExitCode Print(Invocation run, GroupChangeDto change)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(change);
        }
        else
        {
            run.Printer.Line(change.Sentence);
            if (change.Obstacle is { } obstacle)
            {
                run.Printer.Line(obstacle);
            }

            run.Printer.Rows(change.Partitions, "Nothing is committed there.",
                Column<OffsetChangeDto>.Left("topic", row => row.Topic),
                Column<OffsetChangeDto>.Right("partition", row => row.Partition.ToString(CultureInfo.InvariantCulture)),
                Column<OffsetChangeDto>.Right("committed", row => row.Committed),
                Column<OffsetChangeDto>.Right("becomes", row => row.Target),
                Column<OffsetChangeDto>.Right("lag", row => row.LagBefore),
                Column<OffsetChangeDto>.Right("lag after", row => row.LagAfter),
                Column<OffsetChangeDto>.Left("outcome", row => row.Error is { } error ? $"{row.Outcome}: {error}" : row.Outcome ?? ""),
                Column<OffsetChangeDto>.Left("note", row => row.Note ?? ""));
        }

        return change.NotDone > 0 ? ExitCode.UnknownOrFailure : ExitCode.Ok;
    }

    private static string Path(string cluster, string group, string verb) => Route.Of("clusters", cluster, "groups", group, verb);

    private static Argument<string> Group() => new("group") { Description = "Id of the group" };

    private static Option<bool> Execute() => new("--execute") { Description = "Do it; without this it is only shown" };

    private static Option<string?> Reason() => new("--reason") { Description = "Why, for the audit trail", HelpName = "TEXT" };
}
