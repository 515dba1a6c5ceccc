using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Who changed what.</summary>
internal static class AuditCommand
{
    public static Command Create(CommandSet commands)
    {
        var cluster = new Option<string?>("--cluster") { Description = "Only of this cluster", HelpName = "ID" };
        var actor = new Option<string?>("--actor") { Description = "Only by this user or token", HelpName = "NAME" };
        var action = new Option<string?>("--action") { Description = "Only this action", HelpName = "NAME" };
        var search = new Option<string?>("--search") { Description = "Only entries that contain this", HelpName = "TEXT" };
        var from = new Option<DateTimeOffset?>("--from") { Description = "Only since then, such as 2026-01-31T22:00Z", HelpName = "TIME" };
        var to = new Option<DateTimeOffset?>("--to") { Description = "Only until then", HelpName = "TIME" };
        var before = new Option<long?>("--before") { Description = "Only older than this entry", HelpName = "ENTRY" };
        var limit = Paging.Positive("--limit", 50, "Entries at most");
        return commands.Define("audit", "Who changed what, newest first", async (run, cancellationToken) =>
        {
            var path = Route.Of("audit").With(
                ("cluster", run.Get(cluster)), ("actor", run.Get(actor)), ("action", run.Get(action)), ("search", run.Get(search)),
                ("from", run.Get(from)), ("to", run.Get(to)), ("before", run.Get(before)), ("limit", run.Get(limit)));
            var page = await run.Api.GetAsync<AuditPageDto>(path, cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(page);
                return ExitCode.Ok;
            }

            run.Printer.Rows(page.Items, "No entry matches.",
                Column<AuditEntryDto>.Left("when", row => Units.Time(row.At)),
                Column<AuditEntryDto>.Left("who", row => $"{row.Actor} ({row.ActorKind})"),
                Column<AuditEntryDto>.Left("did", row => row.Action),
                Column<AuditEntryDto>.Left("to", row => row.Target),
                Column<AuditEntryDto>.Left("cluster", row => row.Cluster ?? ""),
                Column<AuditEntryDto>.Left("outcome", row => row.Outcome == "succeeded" ? row.Outcome : new Cell(row.Outcome, "red")),
                Column<AuditEntryDto>.Left("reason", row => row.Reason ?? ""));
            if (page.NextBefore is { } next)
            {
                run.Printer.Remark($"Older ones: --before {next}");
            }

            return ExitCode.Ok;
        }, cluster, actor, action, search, from, to, before, limit);
    }
}
