using ControlPlane.Contracts;
using ControlPlane.Ui.Api;

namespace ControlPlane.Ui.Tests;

/// <summary>The made-up troubles behind the API. Every action is recorded with what it was given, and refused while a refusal is set.</summary>
internal abstract class FakeOperationsApi : IOperationsApi
{
    protected abstract FakeAnswers Answers { get; }

    protected abstract FakeTroubles Troubles { get; }

    public Task<Page<AnomalyDto>> GetAnomaliesAsync(string? cluster, ListQuery query, CancellationToken cancellationToken)
    {
        var state = query.Filters?.GetValueOrDefault("state") ?? "open";
        var rows = Troubles.Anomalies(cluster).Where(row => state == "all" || (state == "open" ? row.ResolvedAt is null : row.State == state));
        return Answers.Of(cluster ?? "all", Part(rows, query), $"anomalies {cluster} {state}");
    }

    public Task<AnomalyDto> FindAnomalyAsync(Guid id, CancellationToken cancellationToken) =>
        Found(Troubles.Anomalies(null).FirstOrDefault(row => row.Id == id), "all", $"find anomaly {id}");

    public Task<IncidentDto> GetIncidentAsync(string cluster, Guid id, CancellationToken cancellationToken) => Found(Troubles.Incident(cluster, id), cluster, $"incident {cluster}");

    public Task<Page<PlanDto>> GetPlansAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Answers.Of(cluster, Part(Troubles.Plans(cluster).Where(row => query.Filters?.GetValueOrDefault("state") is not { } state || row.State == state), query), $"plans {cluster}");

    public Task<PlanDetailDto> GetPlanAsync(string cluster, Guid id, CancellationToken cancellationToken) => Found(Troubles.Plan(cluster, id), cluster, $"plan {cluster}");

    public Task<Page<PlannedMoveDto>> GetPlannedMovesAsync(string cluster, Guid id, ListQuery query, CancellationToken cancellationToken) =>
        Answers.Of(cluster, Part(Troubles.PlannedMoves(cluster), query), $"planned moves {cluster} {query.Offset}{string.Concat((query.Filters ?? new Dictionary<string, string?>()).Where(one => one.Value is not null).Select(one => $" {one.Key}={one.Value}"))}");

    public async Task<PlanDetailDto> CreatePlanAsync(string cluster, CreatePlanRequest request, CancellationToken cancellationToken)
    {
        await Answers.Did($"plan {cluster} {request.Mode} [{string.Join(',', request.Brokers ?? [])}] {request.AnomalyId} {request.MovesPerBroker} {request.ThrottleBytesPerSecond}");
        return Troubles.Plan(cluster, FakeTroubles.Proposed)!;
    }

    public Task ApprovePlanAsync(string cluster, Guid id, ApprovePlanRequest request, CancellationToken cancellationToken) => Answers.Did($"approve {cluster} {request.Hash} {request.Reason}{(request.ThrottleBytesPerSecond is { } throttle ? $" at {throttle}" : "")}");

    public Task DiscardPlanAsync(string cluster, Guid id, DiscardPlanRequest request, CancellationToken cancellationToken) => Answers.Did($"discard {cluster} {request.Reason}");

    public Task<Page<ExecutionDto>> GetExecutionsAsync(string? cluster, ListQuery query, CancellationToken cancellationToken) =>
        Answers.Of(cluster ?? "all", Part(Troubles.Executions(cluster), query), $"executions {cluster}");

    public Task<ExecutionDetailDto> GetExecutionAsync(string cluster, Guid id, CancellationToken cancellationToken) => Found(Troubles.Execution(cluster, id), cluster, $"execution {cluster}");

    public Task<Page<ExecutionMoveDto>> GetExecutionMovesAsync(string cluster, Guid id, ListQuery query, CancellationToken cancellationToken) =>
        Answers.Of(cluster, Part(Troubles.ExecutionMoves(cluster).Where(row => query.Filters?.GetValueOrDefault("state") is not { } state || row.State == state), query), $"execution moves {cluster} {query.Filters?.GetValueOrDefault("state")}");

    public Task PauseExecutionAsync(string cluster, Guid id, ExecutionActionRequest request, CancellationToken cancellationToken) => Answers.Did($"pause {cluster}");

    public Task ResumeExecutionAsync(string cluster, Guid id, ExecutionActionRequest request, CancellationToken cancellationToken) => Answers.Did($"resume {cluster}");

    public Task CancelExecutionAsync(string cluster, Guid id, CancelExecutionRequest request, CancellationToken cancellationToken) => Answers.Did($"cancel {cluster} {request.Mode} {request.Reason}");

    public Task SetExecutionLimitsAsync(string cluster, Guid id, ExecutionLimitsRequest request, CancellationToken cancellationToken) => Answers.Did($"limits {cluster} {request.MovesPerBroker} {request.ThrottleBytesPerSecond}");

    public Task<IReadOnlyList<AlertTargetDto>> GetAlertTargetsAsync(CancellationToken cancellationToken) => Answers.Of<IReadOnlyList<AlertTargetDto>>("targets", [.. Troubles.Targets()]);

    public Task CreateAlertTargetAsync(AlertTargetRequest request, CancellationToken cancellationToken) => Answers.Did($"create target {request.Name} {request.Kind} {request.Url} {request.Secret} {request.MinSeverity}");

    public Task UpdateAlertTargetAsync(Guid id, long version, AlertTargetRequest request, CancellationToken cancellationToken) => Answers.Did($"update target {version} {request.Name} {request.Secret ?? "(as it was)"}");

    public Task RemoveAlertTargetAsync(Guid id, long version, CancellationToken cancellationToken) => Answers.Did($"remove target {version}");

    public async Task<DeliveryDto> TestAlertTargetAsync(Guid id, CancellationToken cancellationToken)
    {
        await Answers.Did($"test target {id}");
        return Troubles.Deliveries().First() with { Event = "test", State = "queued", Attempts = 0, Status = StatusWord.Unknown };
    }

    public Task<Page<DeliveryDto>> GetDeliveriesAsync(ListQuery query, CancellationToken cancellationToken) =>
        Answers.Of("deliveries", Part(Troubles.Deliveries().Where(row => query.Filters?.GetValueOrDefault("state") is not { } state || row.State == state), query));

    public Task<DeliveryDetailDto> GetDeliveryAsync(Guid id, CancellationToken cancellationToken) => Found(Troubles.Delivery(id), "all", "delivery");

    public Task ResendDeliveryAsync(Guid id, CancellationToken cancellationToken) => Answers.Did($"resend {id}");

    public Task<HealingPolicyDto> GetHealingAsync(string cluster, CancellationToken cancellationToken) => Answers.Of(cluster, Troubles.Policy(cluster), $"healing {cluster}");

    public Task UpdateHealingAsync(string cluster, long version, HealingPolicyRequest request, CancellationToken cancellationToken) =>
        Answers.Did($"policy {cluster} {version} {string.Join(';', (request.Rules ?? []).Select(rule => $"{rule.Kind}={rule.Mode}/{rule.GraceSeconds}"))} {request.MinCompleteness} {request.MaxBrokersDown} {request.Reason}");

    public Task PauseHealingAsync(string cluster, PauseHealingRequest request, CancellationToken cancellationToken) => Answers.Did($"pause healing {cluster} {Math.Round((request.Until - TimeProvider.System.GetUtcNow()).TotalMinutes)} {request.Reason}");

    public Task ResumeHealingAsync(string cluster, CancellationToken cancellationToken) => Answers.Did($"resume healing {cluster}");

    public Task<Page<HealingDecisionDto>> GetHealingDecisionsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) => Answers.Of(cluster, Part(Troubles.Decisions(cluster), query), $"decisions {cluster} {query.Filters?.GetValueOrDefault("anomaly")}");

    public Task OverrideHealingAsync(string cluster, Guid anomaly, HealingOverrideRequest request, CancellationToken cancellationToken) => Answers.Did($"override {cluster} {request.Action} {request.Seconds} {request.Reason}");

    private static Page<T> Part<T>(IEnumerable<T> rows, ListQuery query) => FakeControlPlaneApi.Page(rows, query, row => row?.ToString() ?? "");

    protected Task<T> Found<T>(T? found, string cluster, string call)
        where T : class => found is not null || cluster is "broken" or "denied"
        ? Answers.Of(cluster, found!, call)
        : Task.FromException<T>(new ApiProblemException(new(404, "There is no such thing", "It was never there, or is no longer kept.", "Look at the list.")));
}
