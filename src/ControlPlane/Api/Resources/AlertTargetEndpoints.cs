using ControlPlane.Alerts;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Storage;
using Role = ControlPlane.Storage.Role;

namespace ControlPlane.Api.Resources;

/// <summary>Where alerts go: list, add, edit, remove, try out.</summary>
internal static class AlertTargetEndpoints
{
    public static void MapAlertTargets(this RouteGroupBuilder api)
    {
        var targets = api.MapGroup("/alert-targets").WithTags("Alerts");
        targets.MapGet("", List).RequireAuthorization(Policies.View)
            .Describe<IReadOnlyList<AlertTargetDto>>("Alert targets", "All of them, by name. Secrets are never shown; paths of URLs only to admins.");
        targets.MapPost("", Add).RequireAuthorization(Policies.Administer).Audited("alert-target.add").Accepts<AlertTargetRequest>("application/json")
            .Describe<AlertTargetDto>("Add an alert target", "It is told of anomalies that become active from now on.", StatusCodes.Status201Created).Refuses(409, 413, 415);
        targets.MapGet("/{id}", Read).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<AlertTargetDto>("An alert target", "The ETag is needed for an edit.");
        targets.MapPut("/{id}", Update).RequireAuthorization(Policies.Administer).Audited("alert-target.edit").Accepts<AlertTargetRequest>("application/json")
            .Describe<AlertTargetDto>("Edit an alert target", "Needs If-Match with the ETag of the last GET. A secret that is left out keeps its stored value.").Refuses(404, 409, 412, 413, 415, 428);
        targets.MapDelete("/{id}", Remove).RequireAuthorization(Policies.Administer).Audited("alert-target.remove")
            .Describe("Remove an alert target", "With its deliveries, also those that still wait.", StatusCodes.Status204NoContent).Refuses(404);
        targets.MapPost("/{id}/test", Test).RequireAuthorization(Policies.Operate).Audited("alert-target.test")
            .Describe<DeliveryDto>("Send a test", "Queued like every alert; GET the delivery to see how it went. On PagerDuty it opens an incident of severity info and resolves it at once.", StatusCodes.Status202Accepted).Refuses(404, 409);
    }

    private static async Task<IResult> List(HttpContext http, AlertTargetStore store, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        IReadOnlyList<AlertTargetDto> rows = [.. (await store.ListAsync(http.RequestAborted)).Select(target => ToDto(http, target, time))];
        return Answer.Of(http, rows);
    }

    private static async Task<IResult> Read(HttpContext http, string id, AlertTargetStore store, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var target = await RequireAsync(http, id, store);
        http.Response.Headers.Vary = "Authorization, Cookie"; // admins see more of the URL

        // Not OfVersion: how sending goes changes without a new version, and a 304 would hide that.
        return new JsonAnswer<AlertTargetDto>(ToDto(http, target, time), StatusCodes.Status200OK, FormattableString.Invariant($"\"{target.Version}\""), null);
    }

    private static async Task<IResult> Add(HttpContext http, AlertTargetRequest request, AlertTargetStore store, AlertTargetRules rules, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        draft.Target = request.Name;
        var (definition, secret) = await rules.ReadAsync(Guid.CreateVersion7(), request, null, http.RequestAborted);
        switch (await store.AddAsync(definition, secret, http.RequestAborted))
        {
            case AlertTargetChange.Saved(var saved):
                draft.SetAfter(AlertRows.Target(saved, time.GetUtcNow(), withPath: false));
                return Answer.OfVersion(http, saved.Version, ToDto(http, saved, time), StatusCodes.Status201Created, $"{ApiPaths.Root}/alert-targets/{saved.Id}");
            case AlertTargetChange.NameTaken:
                return NameTaken(definition.Name).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled addition {other}");
        }
    }

    private static async Task<IResult> Update(HttpContext http, string id, AlertTargetRequest request, AlertTargetStore store, AlertTargetRules rules, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var stored = await RequireAsync(http, id, store);
        var draft = AuditDraft.Of(http);
        draft.Target = stored.Definition.Name;
        draft.SetBefore(AlertRows.Target(stored, time.GetUtcNow(), withPath: false));
        if (EndpointVersions.IfMatch(http) is not { } version)
        {
            return ApiProblems.IfMatchMissing().ToResult(http);
        }

        var (definition, secret) = await rules.ReadAsync(stored.Id, request, stored, http.RequestAborted);
        switch (await store.UpdateAsync(definition, secret, version, http.RequestAborted))
        {
            case AlertTargetChange.Saved(var saved):
                draft.SetAfter(AlertRows.Target(saved, time.GetUtcNow(), withPath: false));
                draft.Reason = request.Secret is null ? null : "The secret was replaced.";
                return Answer.OfVersion(http, saved.Version, ToDto(http, saved, time));
            case AlertTargetChange.VersionConflict(var current):
                return ApiProblems.Stale(current).ToResult(http);
            case AlertTargetChange.NameTaken:
                return NameTaken(definition.Name).ToResult(http);
            case AlertTargetChange.Unknown:
                return Unknown(id).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled change {other}");
        }
    }

    private static async Task<IResult> Remove(HttpContext http, string id, AlertTargetStore store, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var stored = await RequireAsync(http, id, store);
        var draft = AuditDraft.Of(http);
        draft.Target = stored.Definition.Name;
        draft.SetBefore(AlertRows.Target(stored, time.GetUtcNow(), withPath: false));
        return await store.RemoveAsync(stored.Id, http.RequestAborted) is null ? Unknown(id).ToResult(http) : TypedResults.NoContent();
    }

    private static async Task<IResult> Test(HttpContext http, string id, AlertTargetStore store, DeliveryStore deliveries, AlertWake wake, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var stored = await RequireAsync(http, id, store);
        AuditDraft.Of(http).Target = stored.Definition.Name;
        if (!stored.Definition.Rules.IsEnabled)
        {
            return new Problem(409, "The target is switched off", $"Nothing is sent to '{stored.Definition.Name}' while it is not enabled.", "Enable it, then test it.") { Code = "target-disabled" }.ToResult(http);
        }

        if (await deliveries.QueueTestAsync(stored, time.GetUtcNow(), http.RequestAborted) is not { } queued)
        {
            return Unknown(id).ToResult(http);
        }

        AuditDraft.Of(http).OnceStored(wake.Queued);
        return Answer.Once(AlertRows.Delivery(queued), StatusCodes.Status202Accepted, $"{ApiPaths.Root}/deliveries/{queued.Id}");
    }

    private static AlertTargetDto ToDto(HttpContext http, StoredAlertTarget target, TimeProvider time) =>
        AlertRows.Target(target, time.GetUtcNow(), withPath: Caller.Of(http.User) is { Role: Role.Admin });

    private static async Task<StoredAlertTarget> RequireAsync(HttpContext http, string id, AlertTargetStore store) =>
        Guid.TryParse(id, out var target) && await store.FindAsync(target, http.RequestAborted) is { } stored ? stored : throw new ProblemException(Unknown(id));

    private static Problem Unknown(string id) =>
        new(404, "No such alert target", $"There is no alert target '{id}'.", "Check the id: GET /api/v1/alert-targets lists the targets there are.") { Code = "unknown-alert-target" };

    private static Problem NameTaken(string name) =>
        new(409, "The name is taken", $"There is an alert target '{name}' already.", "Choose another name, or edit the existing target.") { Code = "name-taken" };
}
