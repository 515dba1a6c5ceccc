using ControlPlane.Analyzer;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Plans of a cluster: make, look at, say yes or no.</summary>
internal static class PlanEndpoints
{
    private const int MaxReason = 500;

    public static void MapPlans(this RouteGroupBuilder cluster)
    {
        var plans = cluster.MapGroup("/plans").WithTags("Plans");
        plans.MapPost("", Create).OfOwner().RequireAuthorization(Policies.Operate).Audited("plan.make")
            .Accepts<CreatePlanRequest>("application/json")
            .Describe<PlanDetailDto>("Make a plan", "Answers at once with the plan that restores lost replicas. A dry run: nothing changes in Kafka until the plan is approved. Other modes are runs of the optimizer.", StatusCodes.Status201Created)
            .Refuses(404, 409, 413, 415, 422);
        plans.MapGet("", List).RequireAuthorization(Policies.View).Refuses(404)
            .WithQuery(QueryParameter.Of("state", "Only plans in this state.", StateWords), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<PlanDto>>("Plans of a cluster", "Newest first.");
        plans.MapGet("/{id}", Read).RequireAuthorization(Policies.View).Refuses(404)
            .Describe<PlanDetailDto>("A plan", "What it changes on each broker and what is risky about it. Whether an undecided one is stale by now is told by the process that owns the cluster; any other answers with what is stored.");
        plans.MapGet("/{id}/moves", Moves).RequireAuthorization(Policies.View).Refuses(404)
            .WithQuery(
                QueryParameter.Text("search", "Part of the topic's name, in any case."),
                QueryParameter.Text("topic", "Only of the topic of exactly this name."),
                QueryParameter.Number("broker", "Only where this broker gives or takes a replica or leadership."),
                QueryParameter.Sort(MoveFields, "order"),
                QueryParameter.Offset,
                QueryParameter.Limit)
            .Describe<Page<PlannedMoveDto>>("Moves of a plan", "In the order of execution, unless sorted otherwise.");
        plans.MapPlanParts();
        plans.MapPost("/{id}/approval", Approve).OfOwner().RequireAuthorization(Policies.Operate).Audited("plan.approve")
            .Accepts<ApprovePlanRequest>("application/json")
            .Describe<PlanDto>("Approve a plan", "Execution begins. Names the hash of the plan that was seen; refused where the cluster has changed since.")
            .Refuses(404, 409, 412, 413, 415, 422);
        plans.MapPost("/{id}/discard", Discard).OfOwner().RequireAuthorization(Policies.Operate).Audited("plan.discard")
            .Accepts<DiscardPlanRequest>("application/json")
            .Describe<PlanDto>("Discard a plan", "It can't be approved any more.").Refuses(404, 409, 413, 415);
    }

    private static string[] StateWords { get; } = [.. Enum.GetValues<PlanState>().Select(PlanRows.StateWord)];

    private static string[] MoveFields { get; } = ["order", "topic", "bytes"];

    private static async Task<IResult> Create(HttpContext http, string cluster, CreatePlanRequest request, Pictures pictures, PlanDesk desk)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        if (request.Mode != "fix-offline")
        {
            return PlanProblems.BadWish("mode", $"'{(request.Mode.Length > 40 ? request.Mode[..40] : request.Mode)}' can't be planned here. Expected: fix-offline; the other modes are runs of the optimizer, POST optimizer-runs.").ToResult(http);
        }

        switch (await desk.MakeAsync(id, OptimizerAsks.Of(request), Caller.Of(http.User)!.Name, http.RequestAborted))
        {
            case PlanMaking.Made(var stored, var plan):
                var draft = AuditDraft.Of(http);
                draft.Target = stored.Id.ToString();
                draft.SetAfter(PlanRows.Make(stored, null));
                return Answer.Once(PlanRows.Detail(stored, plan, []), StatusCodes.Status201Created, $"{ApiPaths.Root}/clusters/{id}/plans/{stored.Id}");
            case PlanMaking.NothingToDo(var sentence):
                return PlanProblems.NothingToDo(id, sentence).ToResult(http);
            case PlanMaking.Refused(var field, var why):
                return PlanProblems.BadWish(OptimizerAsks.FieldOf(field), why).ToResult(http);
            case PlanMaking.NotReady(var why):
                return PlanProblems.NotReady(id, why).ToResult(http);
            case PlanMaking.NotOwner:
                return ApiProblems.NoOwner(id).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled outcome {other.GetType().Name}");
        }
    }

    private static async Task<IResult> List(HttpContext http, string cluster, Pictures pictures, PlanStore store)
    {
        var query = new QueryReader(http);
        var word = query.Word("state", StateWords);
        var (offset, limit) = ((int)(query.Number("offset", 0, int.MaxValue) ?? 0), (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit));
        query.ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var (plans, total) = await store.ListAsync(id, word is null ? null : Enum.Parse<PlanState>(word, ignoreCase: true), offset, limit, http.RequestAborted);
        return Answer.Of(http, new Page<PlanDto>([.. plans.Select(plan => PlanRows.Make(plan, null))], total, offset, limit, null));
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, string id, Pictures pictures, PlanStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        var (stored, plan) = await RequireAsync(http, cluster, id, pictures, store);
        var changes = stored.State == PlanState.Proposed && pictures.Views.Find(stored.Cluster) is { } model ? PlanFreshness.Changes(plan, model).ToArray() : null;
        return Answer.Of(http, PlanRows.Detail(stored, plan, changes));
    }

    private static async Task<IResult> Moves(HttpContext http, string cluster, string id, Pictures pictures, PlanStore store)
    {
        var query = new QueryReader(http);
        var (search, topic, broker) = (query.Text("search"), query.Text("topic"), (int?)query.Number("broker", 0, int.MaxValue));
        var paging = query.Paging(MoveFields, new Sort("order", false));
        query.ThrowIfRefused();
        var (stored, plan) = await RequireAsync(http, cluster, id, pictures, store);
        var found = plan.Moves.Select((move, order) => (move, order)).Where(row =>
            (search is null || row.move.Topic.Contains(search, StringComparison.OrdinalIgnoreCase))
            && (topic is null || string.Equals(row.move.Topic, topic, StringComparison.Ordinal))
            && (broker is not { } id || Touches(row.move, id)));
        var sorted = paging.Sort.Field switch
        {
            "topic" => found.OrderBy(row => row.move.Topic, StringComparer.Ordinal).ThenBy(row => row.move.Partition),
            "bytes" => found.OrderBy(row => row.move.Bytes ?? -1).ThenBy(row => row.order),
            _ => found.OrderBy(row => row.order),
        };
        var rows = paging.Sort.Descending ? sorted.Reverse().ToArray() : sorted.ToArray();
        PlannedMoveDto[] page = [.. rows.Skip(paging.Offset).Take(paging.Limit).Select(row => PlanRows.Move(row.move, row.order))];
        return Answer.Of(http, new Page<PlannedMoveDto>(page, rows.Length, paging.Offset, paging.Limit, stored.MadeAt));
    }

    private static bool Touches(PlannedMove move, int broker) =>
        (move.Before.Contains(broker) != move.After.Contains(broker))
        || (move.LeaderBefore != move.LeaderAfter && (move.LeaderBefore == broker || move.LeaderAfter == broker))
        || move.Dirs.Any(dir => dir.Broker == broker);

    private static async Task<IResult> Approve(HttpContext http, string cluster, string id, ApprovePlanRequest request, Pictures pictures, PlanDesk desk)
    {
        var (clusterId, plan) = await CheckAsync(http, cluster, id, request.Reason, pictures);
        OptimizerAsks.Limits(request.MovesPerBroker, request.ThrottleBytesPerSecond, ExecutionLimits.Default); // what can't be is refused before anything is asked
        Func<ExecutionLimits, ExecutionLimits>? limits = request is { MovesPerBroker: null, ThrottleBytesPerSecond: null } ? null
            : planned => OptimizerAsks.Limits(request.MovesPerBroker, request.ThrottleBytesPerSecond, planned);
        return await desk.ApproveAsync(clusterId, plan, request.Hash, Caller.Of(http.User)!.Name, request.Reason, limits, http.RequestAborted) switch
        {
            PlanApproval.Approved(var approved) => Decided(http, approved),
            PlanApproval.UnknownPlan => PlanProblems.Unknown(clusterId, id).ToResult(http),
            PlanApproval.WrongHash(var stored) => PlanProblems.Changed(request.Hash, stored.Hash).ToResult(http),
            PlanApproval.Stale(_, var changes) => PlanProblems.Stale(string.Join(" ", changes)).ToResult(http),
            PlanApproval.NotProposed(var stored) => PlanProblems.Decided(PlanRows.StateWord(stored.State), stored.DecidedBy, stored.DecidedAt).ToResult(http),
            PlanApproval.OtherRunning(var other) => PlanProblems.OtherRunning(other.Id, PlanRows.StateWord(other.State)).ToResult(http),
            PlanApproval.Unsound(_, var problems) => PlanProblems.Unsound(problems).ToResult(http),
            PlanApproval.NotReady(var why) => PlanProblems.NotReady(clusterId, why).ToResult(http),
            PlanApproval.NotOwner => ApiProblems.NoOwner(clusterId).ToResult(http),
            var other => throw new InvalidOperationException($"Unhandled outcome {other.GetType().Name}"),
        };
    }

    private static async Task<IResult> Discard(HttpContext http, string cluster, string id, DiscardPlanRequest request, Pictures pictures, PlanDesk desk)
    {
        var (clusterId, plan) = await CheckAsync(http, cluster, id, request.Reason, pictures);
        return await desk.DiscardAsync(clusterId, plan, Caller.Of(http.User)!.Name, request.Reason, http.RequestAborted) switch
        {
            PlanDiscard.Discarded(var discarded) => Decided(http, discarded),
            PlanDiscard.UnknownPlan => PlanProblems.Unknown(clusterId, id).ToResult(http),
            PlanDiscard.NotProposed(var stored) => PlanProblems.Decided(PlanRows.StateWord(stored.State), stored.DecidedBy, stored.DecidedAt).ToResult(http),
            PlanDiscard.NotOwner => ApiProblems.NoOwner(clusterId).ToResult(http),
            var other => throw new InvalidOperationException($"Unhandled outcome {other.GetType().Name}"),
        };
    }

    private static IResult Decided(HttpContext http, StoredPlan plan)
    {
        var dto = PlanRows.Make(plan, null);
        AuditDraft.Of(http).SetAfter(dto);
        return Answer.Once(dto);
    }

    private static async Task<(ClusterId Cluster, Guid Plan)> CheckAsync(HttpContext http, string cluster, string id, string? reason, Pictures pictures)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        (draft.Target, draft.Reason) = (id, reason);
        var known = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        if (reason?.Length > MaxReason || reason?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new ProblemException(ApiProblems.Invalid("reason", $"Expected: at most {MaxReason} characters, none of them NUL."));
        }

        return Guid.TryParse(id, out var plan) ? (known, plan) : throw new ProblemException(PlanProblems.Unknown(known, id));
    }

    internal static async Task<(StoredPlan Stored, RebalancePlan Plan)> RequireAsync(HttpContext http, string cluster, string id, Pictures pictures, PlanStore store)
    {
        var known = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        return Guid.TryParse(id, out var plan)
            && await store.FindAsync(known, plan, http.RequestAborted) is { } stored
            && await store.LoadAsync(known, plan, http.RequestAborted) is { } whole
            ? (stored, whole)
            : throw new ProblemException(PlanProblems.Unknown(known, id));
    }
}
