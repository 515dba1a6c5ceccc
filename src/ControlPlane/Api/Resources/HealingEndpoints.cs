using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Healing;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>What healing may do in a cluster, and what it decided.</summary>
internal static class HealingEndpoints
{
    private const int Tries = 5;

    public static void MapHealing(this RouteGroupBuilder cluster)
    {
        var healing = cluster.MapGroup("/healing").WithTags("Healing");
        healing.MapGet("", Read).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<HealingPolicyDto>("Healing policy of a cluster", "What it may do by itself, by kind of anomaly. Everything is only observed until somebody edits it. The ETag is needed for an edit.");
        healing.MapPut("", Edit).OfOwner().RequireAuthorization(Policies.Operate).Audited("healing.edit")
            .Accepts<HealingPolicyRequest>("application/json")
            .Describe<HealingPolicyDto>("Edit the healing policy", "Needs If-Match with the ETag of the last GET. What is left out stays. Anomalies that began before are looked at as well.").Refuses(404, 412, 413, 415, 428);
        healing.MapPost("/pause", Pause).OfOwner().RequireAuthorization(Policies.Operate).Audited("healing.pause")
            .Accepts<PauseHealingRequest>("application/json")
            .Describe<HealingPolicyDto>("Pause healing", "Nothing is healed before that time; plans that run go on.").Refuses(404, 409, 413, 415);
        healing.MapPost("/resume", Resume).OfOwner().RequireAuthorization(Policies.Operate).Audited("healing.resume")
            .Describe<HealingPolicyDto>("End the pause of healing", "What waits is looked at at once.").Refuses(404, 409);
        healing.MapGet("/decisions", Decisions).RequireAuthorization(Policies.View).Refuses(404)
            .WithQuery(QueryParameter.Text("anomaly", "Only about the anomaly of this id."), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<HealingDecisionDto>>("Decisions of healing", "Newest first: each time outcome, first failing guard or time of acting changed.");
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, Pictures pictures, HealingStore store, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var stored = await store.LoadPolicyAsync(id, http.RequestAborted);
        return Answer.OfVersion(http, stored.Version, HealingRows.Policy(id, stored, time.GetUtcNow()));
    }

    private static async Task<IResult> Edit(HttpContext http, string cluster, HealingPolicyRequest request, Pictures pictures, HealingChanges changes)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        if (EndpointVersions.IfMatch(http) is not { } version)
        {
            return ApiProblems.IfMatchMissing().ToResult(http);
        }

        var rules = new HealingWishRules();
        var before = await changes.LoadAsync(id, http.RequestAborted);
        var after = rules.Apply(before.Policy, request);
        ThrowIf(rules);
        return await changes.SaveAsync(id, before, after, version, request.Reason, http) ?? ApiProblems.Stale(before.Version).ToResult(http);
    }

    private static async Task<IResult> Pause(HttpContext http, string cluster, PauseHealingRequest request, Pictures pictures, HealingChanges changes, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var rules = new HealingWishRules();
        rules.Check(request, time.GetUtcNow());
        ThrowIf(rules);
        var pause = new HealingPause(request.Until, Caller.Of(http.User)!.Name, request.Reason);
        return await ChangeAsync(http, id, changes, policy => policy with { Pause = pause }, request.Reason);
    }

    private static async Task<IResult> Resume(HttpContext http, string cluster, Pictures pictures, HealingChanges changes, TimeProvider time)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        return (await changes.LoadAsync(id, http.RequestAborted)).Policy.IsPaused(time.GetUtcNow())
            ? await ChangeAsync(http, id, changes, policy => policy with { Pause = null }, null)
            : HealingProblems.NotPaused(id.Value).ToResult(http);
    }

    private static async Task<IResult> Decisions(HttpContext http, string cluster, Pictures pictures, HealingDecisions decisions)
    {
        var query = new QueryReader(http);
        Guid? anomaly = null;
        if (query.Text("anomaly") is { } text)
        {
            anomaly = Guid.TryParseExact(text, "D", out var parsed) ? parsed : null;
            if (anomaly is null)
            {
                query.Refuse("anomaly", "It is not the id of an anomaly. Expected: a UUID such as GET /api/v1/anomalies lists.");
            }
        }

        var offset = (int)(query.Number("offset", 0, int.MaxValue) ?? 0);
        var limit = (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit);
        query.ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var (rows, total) = await decisions.ListAsync(id, anomaly, offset, limit, http.RequestAborted);
        return Answer.Of(http, new Page<HealingDecisionDto>([.. rows.Select(HealingRows.Decision)], total, offset, limit, null));
    }

    /// <summary>A change that means the same whatever was edited meanwhile, so it is repeated on top of that.</summary>
    private static async Task<IResult> ChangeAsync(HttpContext http, ClusterId id, HealingChanges changes, Func<HealingPolicy, HealingPolicy> change, string? reason)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var before = await changes.LoadAsync(id, http.RequestAborted);
            if (await changes.SaveAsync(id, before, change(before.Policy), before.Version, reason, http) is { } done)
            {
                return done;
            }
        }

        return ApiProblems.Stale((await changes.LoadAsync(id, http.RequestAborted)).Version).ToResult(http);
    }

    internal static void ThrowIf(HealingWishRules rules)
    {
        if (rules.Errors.Count > 0)
        {
            throw new ProblemException(ApiProblems.Invalid(rules.Errors));
        }
    }
}

/// <summary>Stores edits of policies and tells who must know.</summary>
internal sealed class HealingChanges(HealingStore store, HealingBoard board, ChangeHub changes, TimeProvider time)
{
    public Task<StoredHealingPolicy> LoadAsync(ClusterId cluster, CancellationToken cancellationToken) => store.LoadPolicyAsync(cluster, cancellationToken);

    /// <summary>The answer; null where the version is not the current one.</summary>
    public async Task<IResult?> SaveAsync(ClusterId cluster, StoredHealingPolicy before, HealingPolicy after, long version, string? reason, HttpContext http)
    {
        var draft = AuditDraft.Of(http);
        draft.Reason = reason;
        draft.SetBefore(HealingRows.Policy(cluster, before, time.GetUtcNow()));
        switch (before.Version == version ? await store.SavePolicyAsync(cluster, after, version, http.RequestAborted) : new HealingPolicyChange.VersionConflict(before.Version))
        {
            case HealingPolicyChange.Changed(var stored):
                var dto = HealingRows.Policy(cluster, stored, time.GetUtcNow());
                draft.SetAfter(dto);
                Tell(cluster);
                return Answer.OfVersion(http, stored.Version, dto);
            case HealingPolicyChange.VersionConflict:
                return null;
            case HealingPolicyChange.UnknownCluster:
                return ApiProblems.UnknownCluster(cluster.Value).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled change {other}");
        }
    }

    private void Tell(ClusterId cluster)
    {
        board.Nudge(cluster);
        changes.Publish(new Clusters.ClusterChange(cluster, ChangeKind.Healing, 0));
    }
}
