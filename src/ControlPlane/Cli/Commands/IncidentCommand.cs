using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>One incident as a whole: what happened when, what was done, and what can be done.</summary>
internal static class IncidentCommand
{
    public static Command Create(CommandSet commands) => CommandSet.Group("incident", "One incident as a whole", Show(commands));

    private static Command Show(CommandSet commands)
    {
        var id = new Argument<string>("id") { Description = "Id of the anomaly (kcp anomalies)" };
        return commands.Define("show", "What happened when, what was done, what can be done; the exit code is its status", async (run, cancellationToken) =>
        {
            var incident = await run.Api.GetAsync<IncidentDto>(Route.Of("incidents", run.Get(id)), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(incident);
            }
            else
            {
                Print(run.Printer, incident);
            }

            return ExitCodes.Of(incident.Anomaly.Status);
        }, id);
    }

    private static void Print(Printer printer, IncidentDto incident)
    {
        var anomaly = incident.Anomaly;
        printer.Status(anomaly.Status, anomaly.Sentence);
        printer.Facts(
            ("cluster", anomaly.Cluster),
            ("state", anomaly.State),
            ("since", Units.Time(anomaly.Since)),
            ("resolved", anomaly.ResolvedAt is { } at ? Units.Time(at) : "no"),
            ("healing", incident.Healing?.Sentence ?? "No policy looks at this kind."));
        printer.Rows(incident.Timeline, "Nothing is known of what happened.",
            Column<TimelineEntryDto>.Left("when", row => Units.Time(row.At)),
            Column<TimelineEntryDto>.Left("status", row => row.Status),
            Column<TimelineEntryDto>.Left("lane", row => row.Lane),
            Column<TimelineEntryDto>.Left("what", row => row.Sentence));
        if (incident.Actions.Count > 0)
        {
            printer.Rows(incident.Actions, "",
                Column<IncidentActionDto>.Left("you can", row => row.Label),
                Column<IncidentActionDto>.Left("effect", row => row.Effect),
                Column<IncidentActionDto>.Left("not now, because", row => row.Refused ?? ""));
        }
    }
}
