using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Healing;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>One incident whole, and what people say about the healing of it.</summary>
internal static class IncidentEndpoints
{
    public static void MapIncidentsOfCluster(this RouteGroupBuilder cluster)
    {
        cluster.MapGet("/incidents/{id}", ReadOfCluster).WithTags("Incidents").OfOwner().RequireAuthorization(Policies.View)
            .Describe<IncidentDto>("One incident", "What is wrong, what happened when, what was done, what will be done, and what a person can do. The id is that of its anomaly.");
        cluster.MapPost("/anomalies/{id}/healing", Say).WithTags("Healing").OfOwner().RequireAuthorization(Policies.Operate).Audited("healing.override")
            .Accepts<HealingOverrideRequest>("application/json")
            .Describe<HealingDecisionDto>("Say how one anomaly is healed", "extend waits longer, leave-alone does nothing by itself, heal-now does not wait. Answers with what healing makes of it now; a heal-now that a guard holds back stands for an hour.")
            .Refuses(409, 413, 415);
    }

    public static void MapIncidents(this RouteGroupBuilder api) =>
        api.MapGet("/incidents/{id}", Read).WithTags("Incidents").RequireAuthorization(Policies.View).Refuses(404)
            .Describe<IncidentDto>("One incident, by its id alone", "For short links. Live numbers are those that are stored, unless this process owns the cluster.");

    private static async Task<IResult> Read(HttpContext http, string id, AnomalyStore store, IncidentReader reader)
    {
        new QueryReader(http).ThrowIfRefused();
        return Answer.Of(http, await reader.ReadAsync(await RequireAsync(http, id, null, store), http.RequestAborted));
    }

    private static async Task<IResult> ReadOfCluster(HttpContext http, string cluster, string id, AnomalyStore store, Pictures pictures, IncidentReader reader)
    {
        new QueryReader(http).ThrowIfRefused();
        var known = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        return Answer.Of(http, await reader.ReadAsync(await RequireAsync(http, id, known, store), http.RequestAborted));
    }

    private static async Task<IResult> Say(
        HttpContext http, string cluster, string id, HealingOverrideRequest request, Pictures pictures, AnomalyStore store, HealingWishes wishes)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        draft.Target = id;
        var known = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var anomaly = await RequireAsync(http, id, known, store);
        draft.Target = $"{anomaly.Key.Subject} ({anomaly.Id})";
        draft.Reason = request.Reason is null ? request.Action : $"{request.Action}: {request.Reason}";
        var rules = new HealingWishRules();
        rules.Check(request);
        HealingEndpoints.ThrowIf(rules);
        if (await wishes.WhyNotAsync(anomaly, http.RequestAborted) is { } refusal)
        {
            return refusal.ToResult(http);
        }

        if (await wishes.SayAsync(anomaly, request, Caller.Of(http.User)!.Name, http.RequestAborted) is not { } decision)
        {
            return ApiProblems.NoOwner(known).ToResult(http);
        }

        var dto = HealingRows.Decision(decision);
        draft.SetAfter(dto);
        return Answer.Once(dto);
    }

    private static async Task<Anomaly> RequireAsync(HttpContext http, string id, ClusterId? cluster, AnomalyStore store) =>
        Guid.TryParseExact(id, "D", out var parsed) && await store.FindAsync(parsed, http.RequestAborted) is { } anomaly && (cluster is null || anomaly.Cluster == cluster)
            ? anomaly
            : throw new ProblemException(ApiProblems.UnknownAnomaly(id, cluster));
}

/// <summary>Keeps what people say about the healing of one anomaly, and has healing look at once.</summary>
internal sealed class HealingWishes(HealingStore store, PlanStore plans, HealingBoard board)
{
    public async Task<Problem?> WhyNotAsync(Anomaly anomaly, CancellationToken cancellationToken)
    {
        if (anomaly.State is AnomalyState.Resolved)
        {
            return HealingProblems.Resolved(anomaly);
        }

        if (HealingKinds.Find(anomaly.Key.Kind) is not { CanHeal: true })
        {
            return HealingProblems.CannotHeal(anomaly);
        }

        return await plans.FindUnderWayAsync(anomaly.Cluster, cancellationToken) is { } plan && plan.Anomaly == anomaly.Id
            ? HealingProblems.UnderWay(anomaly, $"Plan {plan.Id}, made by {plan.MadeBy}: {plan.Sentence}")
            : null;
    }

    /// <summary>What healing makes of it now; null where no process here heals the cluster. It is kept in any case.</summary>
    public async Task<StoredDecision?> SayAsync(Anomaly anomaly, HealingOverrideRequest request, string by, CancellationToken cancellationToken)
    {
        await (request.Action switch
        {
            "extend" => store.ExtendAsync(anomaly.Cluster, anomaly.Id, TimeSpan.FromSeconds(request.Seconds!.Value), by, request.Reason, cancellationToken),
            "leave-alone" => store.LeaveAloneAsync(anomaly.Cluster, anomaly.Id, by, request.Reason, cancellationToken),
            "heal-now" => store.HealNowAsync(anomaly.Cluster, anomaly.Id, by, request.Reason, cancellationToken),
            _ => throw new InvalidOperationException($"Unhandled action {request.Action}"),
        });
        return await board.LookAsync(anomaly.Cluster, anomaly.Id, cancellationToken);
    }
}
