using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>What was sent to whom, and sending it again.</summary>
internal static class DeliveryCommands
{
    public static Command Create(CommandSet commands)
    {
        var list = List(commands);
        list.Subcommands.Add(Show(commands));
        list.Subcommands.Add(Resend(commands));
        return list;
    }

    private static Command List(CommandSet commands)
    {
        var target = new Option<string?>("--target") { Description = "Only to this target, by name or id", HelpName = "TARGET" };
        var state = Choice.Of<string?>("--state", "Only in this state", "STATE", null,
            ("queued", "queued"), ("delivering", "delivering"), ("delivered", "delivered"), ("failed", "failed"), ("superseded", "superseded"));
        var cluster = new Option<string?>("--cluster") { Description = "Only about this cluster", HelpName = "ID" };
        var paging = new Paging();
        return commands.Define("deliveries", "Alerts that were sent or wait to be, newest first", async (run, cancellationToken) =>
        {
            var only = run.Get(target) is { } name ? (await TargetCommands.FindAsync(run, name, cancellationToken)).Id : (Guid?)null;
            var path = Route.Of("deliveries").With(
                ("target", only), ("state", run.Get(state)), ("cluster", run.Get(cluster)), ("limit", run.Get(paging.Limit)), ("offset", run.Get(paging.Offset)));
            var page = await run.Api.GetAsync<Page<DeliveryDto>>(path, cancellationToken);
            run.Printer.Page(page, "No delivery matches.",
                Column<DeliveryDto>.Left("when", row => Units.Time(row.CreatedAt)),
                Column<DeliveryDto>.Left("state", row => Coloured(row)),
                Column<DeliveryDto>.Left("event", row => row.Event),
                Column<DeliveryDto>.Left("target", row => row.Target),
                Column<DeliveryDto>.Left("cluster", row => row.Cluster ?? ""),
                Column<DeliveryDto>.Right("attempts", row => row.Attempts),
                Column<DeliveryDto>.Left("summary", row => row.Summary),
                Column<DeliveryDto>.Left("id", row => row.Id.ToString()));
            return ExitCode.Ok;
        }, target, state, cluster, paging.Limit, paging.Offset);
    }

    private static Command Show(CommandSet commands)
    {
        var id = new Argument<string>("id") { Description = "Id of the delivery (kcp deliveries)" };
        return commands.Define("show", "One delivery: what is sent, and each attempt", async (run, cancellationToken) =>
        {
            var found = await run.Api.GetAsync<DeliveryDetailDto>(Route.Of("deliveries", run.Get(id)), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
                return ExitCode.Ok;
            }

            Print(run.Printer, found.Delivery);
            run.Printer.Line("");
            run.Printer.Line(found.Body);
            run.Printer.Rows(found.Attempts, "Nothing was sent yet.",
                Column<DeliveryAttemptDto>.Right("attempt", row => row.Number),
                Column<DeliveryAttemptDto>.Left("when", row => Units.Time(row.At)),
                Column<DeliveryAttemptDto>.Right("seconds", row => row.TookSeconds.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)),
                Column<DeliveryAttemptDto>.Left("outcome", row => row.Outcome == "delivered" ? row.Outcome : new Cell(row.Outcome, "red")),
                Column<DeliveryAttemptDto>.Left("HTTP", row => row.HttpStatus is { } status ? status.ToString(System.Globalization.CultureInfo.InvariantCulture) : ""),
                Column<DeliveryAttemptDto>.Left("problem", row => row.Problem ?? ""),
                Column<DeliveryAttemptDto>.Left("answer", row => row.ResponsePreview ?? ""));
            return ExitCode.Ok;
        }, id);
    }

    private static Command Resend(CommandSet commands)
    {
        var id = new Argument<string>("id") { Description = "Id of the delivery (kcp deliveries)" };
        return commands.Define("resend", "Send the same once more, as a new delivery", async (run, cancellationToken) =>
        {
            var queued = await run.Api.SendAsync<DeliveryDto>(HttpMethod.Post, Route.Of("deliveries", run.Get(id), "resend"), null, cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(queued);
                return ExitCode.Ok;
            }

            run.Printer.Remark($"Queued for {queued.Target} as {queued.Id}; see kcp deliveries show {queued.Id}");
            return ExitCode.Ok;
        }, id);
    }

    private static void Print(Printer printer, DeliveryDto delivery) => printer.Facts(
        ("id", delivery.Id.ToString()),
        ("summary", delivery.Summary),
        ("target", $"{delivery.Target} ({delivery.Kind})"),
        ("event", delivery.Event),
        ("state", Coloured(delivery)),
        ("key", delivery.DedupKey),
        ("made", Units.Time(delivery.CreatedAt)),
        ("delivered", delivery.DeliveredAt is null ? "no" : Units.Time(delivery.DeliveredAt)),
        ("next attempt", delivery.NextAttemptAt is null ? "none" : Units.Time(delivery.NextAttemptAt)),
        ("last answer", delivery.LastAnswer ?? "none"));

    private static Cell Coloured(DeliveryDto delivery)
    {
        Cell status = delivery.Status;
        return new Cell(delivery.State, status.Colour);
    }
}
