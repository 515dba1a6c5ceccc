using ControlPlane.Alerts;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Role = ControlPlane.Storage.Role;

namespace ControlPlane.Api.Resources;

/// <summary>The log of deliveries, and sending one again.</summary>
internal static class DeliveryEndpoints
{
    private static readonly string[] States = [.. Enum.GetValues<DeliveryState>().Select(AlertRows.Word)];
    private static readonly string[] Events = [.. Enum.GetValues<AlertEvent>().Select(AlertRules.Word)];

    public static void MapDeliveries(this RouteGroupBuilder api)
    {
        var deliveries = api.MapGroup("/deliveries").WithTags("Alerts");
        deliveries.MapGet("", List).RequireAuthorization(Policies.View)
            .WithQuery(
                QueryParameter.Text("target", "Only to this target, by id."),
                QueryParameter.Of("state", "Only in this state.", States),
                QueryParameter.Text("cluster", "Only about this cluster; also one that is gone."),
                QueryParameter.Text("anomaly", "Only about this anomaly, by id."),
                QueryParameter.Of("event", "Only of this event.", Events),
                QueryParameter.Offset,
                QueryParameter.Limit)
            .Describe<Page<DeliveryDto>>("Deliveries", "Notifications to targets, newest first.");
        deliveries.MapGet("/{id}", Read).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<DeliveryDetailDto>("A delivery", "With what is sent, without secrets, and each attempt. What receivers answered is shown to admins only.");
        deliveries.MapPost("/{id}/resend", Resend).RequireAuthorization(Policies.Operate).Audited("delivery.resend")
            .Describe<DeliveryDto>("Send a delivery again", "A new delivery with the same body. Refused where it would contradict what was told after it.", StatusCodes.Status202Accepted).Refuses(404, 409);
    }

    private static async Task<IResult> List(HttpContext http, DeliveryStore store)
    {
        var query = new QueryReader(http);
        var filter = new DeliveryFilter
        {
            Target = Id(query, "target"),
            State = query.Word("state", States) is { } state ? Enum.Parse<DeliveryState>(state, ignoreCase: true) : null,
            Cluster = Cluster(query),
            Anomaly = Id(query, "anomaly"),
            Event = query.Word("event", Events) is { } what ? Enum.Parse<AlertEvent>(what, ignoreCase: true) : null,
        };
        var offset = (int)(query.Number("offset", 0, int.MaxValue) ?? 0);
        var limit = (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit);
        query.ThrowIfRefused();
        var (rows, total) = await store.QueryAsync(filter, offset, limit, http.RequestAborted);
        return Answer.Of(http, new Page<DeliveryDto>([.. rows.Select(AlertRows.Delivery)], total, offset, limit, null));
    }

    private static async Task<IResult> Read(HttpContext http, string id, DeliveryStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        return Guid.TryParse(id, out var delivery) && await store.FindAsync(delivery, http.RequestAborted) is { } found
            ? Answer.Of(http, AlertRows.Detail(found.Delivery, found.Attempts, withPreviews: Caller.Of(http.User) is { Role: Role.Admin }))
            : Unknown(id).ToResult(http);
    }

    private static async Task<IResult> Resend(HttpContext http, string id, DeliveryStore store, AlertWake wake)
    {
        new QueryReader(http).ThrowIfRefused();
        if (!Guid.TryParse(id, out var delivery))
        {
            return Unknown(id).ToResult(http);
        }

        switch (await store.ResendAsync(delivery, http.RequestAborted))
        {
            case Storage.Resend.Queued(var queued):
                AuditDraft.Of(http).OnceStored(wake.Queued);
                AuditDraft.Of(http).Cluster = queued.Notification.Cluster;
                var dto = AlertRows.Delivery(queued);
                AuditDraft.Of(http).SetAfter(dto);
                return Answer.Once(dto, StatusCodes.Status202Accepted, $"{ApiPaths.Root}/deliveries/{queued.Id}");
            case Storage.Resend.Unknown:
                return Unknown(id).ToResult(http);
            case Storage.Resend.NotFinished(DeliveryState.Superseded):
                return new Problem(409, "This was never to be sent", "The trouble was over before its receiver was told of it, so trigger and resolve were both dropped.", "Nothing has to be done.") { Code = "delivery-superseded" }.ToResult(http);
            case Storage.Resend.NotFinished(var state):
                return new Problem(409, "This is still to be sent", $"The delivery is {AlertRows.Word(state)}; it is sent as soon as its target takes it.", "Wait, or see what holds its target back: GET /api/v1/alert-targets.") { Code = "delivery-unfinished" }.ToResult(http);
            case Storage.Resend.Overtaken(var by, var what, var state):
                return new Problem(409, "Something newer was told since", $"Delivery {by} ({AlertRules.Word(what)}, {AlertRows.Word(state)}) has the same key and target; sending the older one after it would contradict it.", $"Send {by} again once it is finished, if its receiver needs it.") { Code = "delivery-overtaken" }.ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled resend {other}");
        }
    }

    private static Guid? Id(QueryReader query, string name)
    {
        if (query.Text(name) is not { } text)
        {
            return null;
        }

        if (Guid.TryParse(text, out var id))
        {
            return id;
        }

        query.Refuse(name, "It is not an id. Expected: a UUID as the lists show it.");
        return null;
    }

    private static ClusterId? Cluster(QueryReader query)
    {
        if (query.Text("cluster") is not { } text)
        {
            return null;
        }

        if (ClusterId.TryParse(text, out var id))
        {
            return id;
        }

        query.Refuse("cluster", $"It is not a cluster id. Expected: {ClusterId.Expected}.");
        return null;
    }

    private static Problem Unknown(string id) =>
        new(404, "No such delivery", $"There is no delivery '{id}', or it was older than the log is kept.", "Check the id: GET /api/v1/deliveries lists the deliveries there are.") { Code = "unknown-delivery" };
}
