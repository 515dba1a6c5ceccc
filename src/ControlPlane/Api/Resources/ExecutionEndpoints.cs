using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Views;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Plans being carried out: look, pause, resume, cancel, slow down.</summary>
internal static class ExecutionEndpoints
{
    private const int MaxReason = 500;

    public static void MapExecutions(this RouteGroupBuilder api, RouteGroupBuilder cluster)
    {
        api.MapGet("/executions", ListAll).WithTags("Executions").RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<ExecutionDto>>("Executions of all clusters", "Those under way first, then newest first. Rate and ETA are known to the owner of a cluster only.");
        var executions = cluster.MapGroup("/executions").WithTags("Executions");
        executions.MapGet("", List).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<ExecutionDto>>("Executions of a cluster", "Those under way first, then newest first.");
        executions.MapGet("/{id}", Read).OfOwner().RequireAuthorization(Policies.View)
            .Describe<ExecutionDetailDto>("An execution", "With its journal, its throttles and its final check.");
        executions.MapGet("/{id}/moves", Moves).OfOwner().RequireAuthorization(Policies.View)
            .WithQuery(QueryParameter.Of("state", "Only moves in this state.", ExecutionRows.MoveStates), QueryParameter.Offset, QueryParameter.Limit)
            .Describe<Page<ExecutionMoveDto>>("Moves of an execution", "In the order of the plan.");
        executions.MapPost("/{id}/pause", Pause).OfOwner().RequireAuthorization(Policies.Operate).Audited("execution.pause")
            .Accepts<ExecutionActionRequest>("application/json")
            .Describe<ExecutionDto>("Pause an execution", "Nothing new begins; what moves goes on.").Refuses(409, 413, 415);
        executions.MapPost("/{id}/resume", Resume).OfOwner().RequireAuthorization(Policies.Operate).Audited("execution.resume")
            .Accepts<ExecutionActionRequest>("application/json")
            .Describe<ExecutionDto>("Resume an execution", "New moves begin again.").Refuses(409, 413, 415);
        executions.MapPost("/{id}/cancel", Cancel).OfOwner().RequireAuthorization(Policies.Operate).Audited("execution.cancel")
            .Accepts<CancelExecutionRequest>("application/json")
            .Describe<ExecutionDto>("Cancel an execution", "Mode finish-in-flight lets what moves end; revert-in-flight takes it back and restores the order.").Refuses(409, 413, 415);
        executions.MapPut("/{id}/limits", Limits).OfOwner().RequireAuthorization(Policies.Operate).Audited("execution.limits")
            .Accepts<ExecutionLimitsRequest>("application/json")
            .Describe<ExecutionDto>("Change the limits of an execution", "The throttle changes at once, moves per broker with the next batch.").Refuses(409, 413, 415);
    }

    private static async Task<IResult> ListAll(HttpContext http, ExecutionStore store, ExecutionDesk desk)
    {
        var (offset, limit) = Paging(http);
        return await ListAsync(http, null, offset, limit, store, desk);
    }

    private static async Task<IResult> List(HttpContext http, string cluster, Pictures pictures, ExecutionStore store, ExecutionDesk desk)
    {
        var (offset, limit) = Paging(http);
        return await ListAsync(http, (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id, offset, limit, store, desk);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ClusterId? cluster, int offset, int limit, ExecutionStore store, ExecutionDesk desk)
    {
        var (executions, total) = await store.ListAsync(cluster, offset, limit, http.RequestAborted);
        return Answer.Of(http, new Page<ExecutionDto>([.. executions.Select(one => ExecutionRows.Make(one, desk.Find(one.Cluster, one.Id)))], total, offset, limit, null));
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, string id, Pictures pictures, ExecutionStore store, ExecutionDesk desk)
    {
        new QueryReader(http).ThrowIfRefused();
        var history = await RequireAsync(http, cluster, id, pictures, store);
        return Answer.Of(http, ExecutionRows.Detail(history, desk.Find(history.Execution.Cluster, history.Execution.Id)));
    }

    private static async Task<IResult> Moves(HttpContext http, string cluster, string id, Pictures pictures, ExecutionStore store, ExecutionDesk desk)
    {
        var query = new QueryReader(http);
        var state = query.Word("state", ExecutionRows.MoveStates);
        var (offset, limit) = Paging(query);
        query.ThrowIfRefused();
        var history = await RequireAsync(http, cluster, id, pictures, store);
        var live = desk.Find(history.Execution.Cluster, history.Execution.Id);
        var found = history.State.Moves.Where(move => state is null || ExecutionRows.Word(move.State) == state).ToList();
        return Answer.Of(http, new Page<ExecutionMoveDto>([.. found.Skip(offset).Take(limit).Select(move => ExecutionRows.Move(move, live))], found.Count, offset, limit, null));
    }

    private static Task<IResult> Pause(HttpContext http, string cluster, string id, ExecutionActionRequest request, Pictures pictures, ExecutionStore store, ExecutionDesk desk) =>
        CommandAsync(http, (cluster, id), request.Reason, (by, _) => new ExecutionCommand.Pause(by, request.Reason), pictures, store, desk);

    private static Task<IResult> Resume(HttpContext http, string cluster, string id, ExecutionActionRequest request, Pictures pictures, ExecutionStore store, ExecutionDesk desk) =>
        CommandAsync(http, (cluster, id), request.Reason, (by, _) => new ExecutionCommand.Resume(by, request.Reason), pictures, store, desk);

    private static Task<IResult> Cancel(HttpContext http, string cluster, string id, CancelExecutionRequest request, Pictures pictures, ExecutionStore store, ExecutionDesk desk)
    {
        var mode = request.Mode switch
        {
            "finish-in-flight" => CancelMode.FinishInFlight,
            "revert-in-flight" => CancelMode.RevertInFlight,
            _ => throw new ProblemException(ApiProblems.Invalid("mode", "Expected: finish-in-flight or revert-in-flight.")),
        };
        return CommandAsync(http, (cluster, id), request.Reason, (by, _) => new ExecutionCommand.Cancel(mode, by, request.Reason), pictures, store, desk);
    }

    private static Task<IResult> Limits(HttpContext http, string cluster, string id, ExecutionLimitsRequest request, Pictures pictures, ExecutionStore store, ExecutionDesk desk)
    {
        if (request.MovesPerBroker is null && request.ThrottleBytesPerSecond is null)
        {
            throw new ProblemException(ApiProblems.Invalid("movesPerBroker", "Expected: at least one of movesPerBroker and throttleBytesPerSecond."));
        }

        if (request.MovesPerBroker is < 1 or > 1_000)
        {
            throw new ProblemException(ApiProblems.Invalid("movesPerBroker", "Expected: 1 to 1000."));
        }

        if (request.ThrottleBytesPerSecond is < 0 or (> 0 and < 1_000_000))
        {
            throw new ProblemException(ApiProblems.Invalid("throttleBytesPerSecond", "Expected: 0 for no throttle, or at least 1000000: below that, moves may never end."));
        }

        return CommandAsync(
            http,
            (cluster, id),
            request.Reason,
            (by, now) => new ExecutionCommand.ChangeLimits(
                new ExecutionLimits(
                    request.MovesPerBroker ?? now.MovesPerBroker,
                    request.ThrottleBytesPerSecond switch { null => now.ThrottleBytesPerSecond, 0 => null, var rate => rate }),
                by,
                request.Reason),
            pictures,
            store,
            desk);
    }

    private static async Task<IResult> CommandAsync(
        HttpContext http, (string Cluster, string Id) route, string? reason, Func<string, ExecutionLimits, ExecutionCommand> make, Pictures pictures, ExecutionStore store, ExecutionDesk desk)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        (draft.Target, draft.Reason) = (route.Id, reason);
        if (reason?.Length > MaxReason || reason?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new ProblemException(ApiProblems.Invalid("reason", $"Expected: at most {MaxReason} characters, none of them NUL."));
        }

        var history = await RequireAsync(http, route.Cluster, route.Id, pictures, store);
        var stored = history.Execution;
        draft.SetBefore(ExecutionRows.Make(stored, desk.Find(stored.Cluster, stored.Id)));
        var command = make(Caller.Of(http.User)!.Name, history.State.Limits);
        if (CommandRules.Refuse(history.State, command) is { } refused)
        {
            return ExecutionProblems.NotPossible(refused).ToResult(http);
        }

        switch (await desk.SendAsync(stored.Cluster, stored.Id, command, http.RequestAborted))
        {
            case CommandAnswer.Taken:
                var after = await RequireAsync(http, route.Cluster, route.Id, pictures, store);
                var dto = ExecutionRows.Make(after.Execution, desk.Find(stored.Cluster, stored.Id));
                draft.SetAfter(dto);
                return Answer.Once(dto);
            case CommandAnswer.Refused(var why):
                return ExecutionProblems.NotPossible(why).ToResult(http);
            case CommandAnswer.NotHere:
                return ExecutionProblems.NotHere(stored.Cluster).ToResult(http);
            case var other:
                throw new InvalidOperationException($"Unhandled outcome {other.GetType().Name}");
        }
    }

    private static async Task<ExecutionHistory> RequireAsync(HttpContext http, string cluster, string id, Pictures pictures, ExecutionStore store)
    {
        var known = (await pictures.RequireKnownAsync(cluster, http.RequestAborted)).Id;
        return Guid.TryParse(id, out var execution) && await store.LoadAsync(known, execution, http.RequestAborted) is { } history
            ? history
            : throw new ProblemException(ExecutionProblems.Unknown(known, id));
    }

    private static (int Offset, int Limit) Paging(HttpContext http)
    {
        var query = new QueryReader(http);
        var paging = Paging(query);
        query.ThrowIfRefused();
        return paging;
    }

    private static (int Offset, int Limit) Paging(QueryReader query) =>
        ((int)(query.Number("offset", 0, int.MaxValue) ?? 0), (int)(query.Number("limit", 1, QueryReader.MaxLimit) ?? QueryReader.DefaultLimit));
}
