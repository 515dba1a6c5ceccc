using System.Globalization;
using ControlPlane.Contracts;

namespace ControlPlane.Ui.Api;

/// <summary>Troubles and what is done about them, over HTTP. What an action answers is not read: the page asks anew, as it does when others act.</summary>
internal abstract class HttpOperationsApi(ApiConnection connection) : IOperationsApi
{
    public Task<Page<AnomalyDto>> GetAnomaliesAsync(string? cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<AnomalyDto>>("anomalies" + With(query, "cluster", cluster), cancellationToken);

    public async Task<AnomalyDto> FindAnomalyAsync(Guid id, CancellationToken cancellationToken) =>
        (await Get<FoundAnomaly>(Path("anomalies", Text(id)), cancellationToken)).Anomaly;

    public Task<IncidentDto> GetIncidentAsync(string cluster, Guid id, CancellationToken cancellationToken) =>
        Get<IncidentDto>(Of(cluster, "incidents", Text(id)), cancellationToken);

    public Task<Page<PlanDto>> GetPlansAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<PlanDto>>(Of(cluster, "plans") + query, cancellationToken);

    public Task<PlanDetailDto> GetPlanAsync(string cluster, Guid id, CancellationToken cancellationToken) =>
        Get<PlanDetailDto>(Of(cluster, "plans", Text(id)), cancellationToken);

    public Task<Page<PlannedMoveDto>> GetPlannedMovesAsync(string cluster, Guid id, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<PlannedMoveDto>>(Of(cluster, "plans", Text(id), "moves") + query, cancellationToken);

    public Task<PlanDetailDto> CreatePlanAsync(string cluster, CreatePlanRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync<PlanDetailDto>(HttpMethod.Post, Of(cluster, "plans"), request, null, cancellationToken);

    public Task ApprovePlanAsync(string cluster, Guid id, ApprovePlanRequest request, CancellationToken cancellationToken) =>
        Post(Of(cluster, "plans", Text(id), "approval"), request, cancellationToken);

    public Task DiscardPlanAsync(string cluster, Guid id, DiscardPlanRequest request, CancellationToken cancellationToken) =>
        Post(Of(cluster, "plans", Text(id), "discard"), request, cancellationToken);

    public Task<Page<ExecutionDto>> GetExecutionsAsync(string? cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<ExecutionDto>>((cluster is null ? "executions" : Of(cluster, "executions")) + query, cancellationToken);

    public Task<ExecutionDetailDto> GetExecutionAsync(string cluster, Guid id, CancellationToken cancellationToken) =>
        Get<ExecutionDetailDto>(Of(cluster, "executions", Text(id)), cancellationToken);

    public Task<Page<ExecutionMoveDto>> GetExecutionMovesAsync(string cluster, Guid id, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<ExecutionMoveDto>>(Of(cluster, "executions", Text(id), "moves") + query, cancellationToken);

    public Task PauseExecutionAsync(string cluster, Guid id, ExecutionActionRequest request, CancellationToken cancellationToken) =>
        Post(Of(cluster, "executions", Text(id), "pause"), request, cancellationToken);

    public Task ResumeExecutionAsync(string cluster, Guid id, ExecutionActionRequest request, CancellationToken cancellationToken) =>
        Post(Of(cluster, "executions", Text(id), "resume"), request, cancellationToken);

    public Task CancelExecutionAsync(string cluster, Guid id, CancelExecutionRequest request, CancellationToken cancellationToken) =>
        Post(Of(cluster, "executions", Text(id), "cancel"), request, cancellationToken);

    public Task SetExecutionLimitsAsync(string cluster, Guid id, ExecutionLimitsRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Put, Of(cluster, "executions", Text(id), "limits"), request, cancellationToken);

    public Task<IReadOnlyList<AlertTargetDto>> GetAlertTargetsAsync(CancellationToken cancellationToken) =>
        Get<IReadOnlyList<AlertTargetDto>>("alert-targets", cancellationToken);

    public Task CreateAlertTargetAsync(AlertTargetRequest request, CancellationToken cancellationToken) => Post("alert-targets", request, cancellationToken);

    public Task UpdateAlertTargetAsync(Guid id, long version, AlertTargetRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Put, Path("alert-targets", Text(id)), request, Tag(version), cancellationToken);

    public Task RemoveAlertTargetAsync(Guid id, long version, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Delete, Path("alert-targets", Text(id)), null, Tag(version), cancellationToken);

    public Task<DeliveryDto> TestAlertTargetAsync(Guid id, CancellationToken cancellationToken) =>
        Connection.SendAsync<DeliveryDto>(HttpMethod.Post, Path("alert-targets", Text(id), "test"), null, null, cancellationToken);

    public Task<Page<DeliveryDto>> GetDeliveriesAsync(ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<DeliveryDto>>($"deliveries{query}", cancellationToken);

    public Task<DeliveryDetailDto> GetDeliveryAsync(Guid id, CancellationToken cancellationToken) =>
        Get<DeliveryDetailDto>(Path("deliveries", Text(id)), cancellationToken);

    public Task ResendDeliveryAsync(Guid id, CancellationToken cancellationToken) => Post(Path("deliveries", Text(id), "resend"), null, cancellationToken);

    public Task<HealingPolicyDto> GetHealingAsync(string cluster, CancellationToken cancellationToken) =>
        Get<HealingPolicyDto>(Of(cluster, "healing"), cancellationToken);

    public Task UpdateHealingAsync(string cluster, long version, HealingPolicyRequest request, CancellationToken cancellationToken) =>
        Connection.SendAsync(HttpMethod.Put, Of(cluster, "healing"), request, Tag(version), cancellationToken);

    public Task PauseHealingAsync(string cluster, PauseHealingRequest request, CancellationToken cancellationToken) =>
        Post(Of(cluster, "healing", "pause"), request, cancellationToken);

    public Task ResumeHealingAsync(string cluster, CancellationToken cancellationToken) => Post(Of(cluster, "healing", "resume"), null, cancellationToken);

    public Task<Page<HealingDecisionDto>> GetHealingDecisionsAsync(string cluster, ListQuery query, CancellationToken cancellationToken) =>
        Get<Page<HealingDecisionDto>>(Of(cluster, "healing", "decisions") + query, cancellationToken);

    public Task OverrideHealingAsync(string cluster, Guid anomaly, HealingOverrideRequest request, CancellationToken cancellationToken) =>
        Post(Of(cluster, "anomalies", Text(anomaly), "healing"), request, cancellationToken);

    protected ApiConnection Connection => connection;

    protected static string Of(string cluster, params string[] rest) => Path(["clusters", cluster, .. rest]);

    protected static string Path(params string[] parts) => string.Join('/', parts.Select(Uri.EscapeDataString));

    protected static string Tag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    protected Task<T> Get<T>(string path, CancellationToken cancellationToken) => Connection.SendAsync<T>(HttpMethod.Get, path, null, null, cancellationToken);

    private Task Post(string path, object? body, CancellationToken cancellationToken) => Connection.SendAsync(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>The part of the answer that says where it is.</summary>
    private sealed record FoundAnomaly(AnomalyDto Anomaly);

    protected static string Text(Guid id) => id.ToString("D");

    protected static ListQuery With(ListQuery query, string name, string? value) => value is null
        ? query
        : query with { Filters = new Dictionary<string, string?>(query.Filters ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal) { [name] = value } };
}
