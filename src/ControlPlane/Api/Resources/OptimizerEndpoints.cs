using ControlPlane.Analyzer;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Resources;

/// <summary>Runs of the optimizer: begin, watch, end early.</summary>
internal static class OptimizerEndpoints
{
    private static readonly string[] StateWords = [.. Enum.GetValues<RunState>().Select(OptimizerRows.StateWord)];

    public static void MapOptimizer(this RouteGroupBuilder cluster)
    {
        var runs = cluster.MapGroup("/optimizer-runs").WithTags("Optimizer");
        runs.MapPost("", Start).OfOwner().RequireAuthorization(Policies.Operate).Audited("optimizer.run")
            .Accepts<CreatePlanRequest>("application/json")
            .Describe<OptimizerRunDto>("Look for a better placement", "Runs in the background; nothing changes in Kafka. The plan it finds is kept with the other plans and approved like them. One run per cluster at a time.", StatusCodes.Status202Accepted)
            .Refuses(404, 409, 413, 415, 422);
        runs.MapGet("", List).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Of("state", "Only runs in this state.", StateWords), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<OptimizerRunDto>>("Runs of the optimizer", "Newest first. The last 20 are kept, until the cluster gets another owner.");
        runs.MapGet("/{id}", Read).OfOwner().RequireAuthorization(Policies.View)
            .Describe<OptimizerRunDto>("A run of the optimizer", "Where it stands, phase by phase, and what it found.");
        runs.MapDelete("/{id}", Cancel).OfOwner().RequireAuthorization(Policies.Operate).Audited("optimizer.cancel")
            .Describe<OptimizerRunDto>("End a run", "The best plan until then is kept.", StatusCodes.Status202Accepted).Refuses(409);
    }

    private static async Task<IResult> Start(HttpContext http, string cluster, CreatePlanRequest request, Pictures pictures, OptimizerRuns runs)
    {
        new QueryReader(http).ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        var draft = AuditDraft.Of(http);
        switch (await runs.StartAsync(id, OptimizerAsks.Of(request), Caller.Of(http.User)!.Name, http.RequestAborted))
        {
            case RunStart.Started(var run):
                draft.Target = run.Id.ToString();
                draft.SetAfter(request);
                return Answer.Once(OptimizerRows.Run(run), StatusCodes.Status202Accepted, $"{ApiPaths.Root}/clusters/{id}/optimizer-runs/{run.Id}");
            case RunStart.OtherRunning(var other):
                return OptimizerProblems.OtherRunning(id, other.Id, other.StartedBy).ToResult(http);
            case RunStart.Refused(var field, var why):
                return PlanProblems.BadWish(OptimizerAsks.FieldOf(field), why).ToResult(http);
            case RunStart.NotReady(var why):
                return PlanProblems.NotReady(id, why).ToResult(http);
            case RunStart.NotOwner:
                return ApiProblems.NoOwner(id).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled outcome {other.GetType().Name}");
        }
    }

    private static async Task<IResult> List(HttpContext http, string cluster, Pictures pictures, OptimizerRuns runs)
    {
        var query = new QueryReader(http);
        var state = query.Word("state", StateWords);
        var (offset, limit) = ((int)(query.Number("offset", 0, int.MaxValue) ?? 0), (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit));
        query.ThrowIfRefused();
        var id = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        RunPicture[] found = [.. runs.List(id).Where(run => state is null || OptimizerRows.StateWord(run.State) == state)];
        return Answer.Of(http, new Page<OptimizerRunDto>([.. found.Skip(offset).Take(limit).Select(OptimizerRows.Run)], found.Length, offset, limit, null));
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, string id, Pictures pictures, OptimizerRuns runs)
    {
        new QueryReader(http).ThrowIfRefused();
        return Answer.Of(http, OptimizerRows.Run(await RequireAsync(http, cluster, id, pictures, runs)));
    }

    private static async Task<IResult> Cancel(HttpContext http, string cluster, string id, Pictures pictures, OptimizerRuns runs)
    {
        new QueryReader(http).ThrowIfRefused();
        AuditDraft.Of(http).Target = id;
        var run = await RequireAsync(http, cluster, id, pictures, runs);
        return runs.Cancel(run.Cluster, run.Id)
            ? Answer.Once(OptimizerRows.Run(runs.Find(run.Cluster, run.Id) ?? run), StatusCodes.Status202Accepted)
            : OptimizerProblems.Over(run.Id, OptimizerRows.StateWord(run.State)).ToResult(http);
    }

    private static async Task<RunPicture> RequireAsync(HttpContext http, string cluster, string id, Pictures pictures, OptimizerRuns runs)
    {
        ClusterId known = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        return Guid.TryParse(id, out var parsed) && runs.Find(known, parsed) is { } run ? run : throw new ProblemException(OptimizerProblems.Unknown(known, id));
    }
}
