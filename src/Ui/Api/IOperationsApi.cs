using ControlPlane.Contracts;

namespace ControlPlane.Ui.Api;

/// <summary>The part of the API about troubles and what is done about them: anomalies, plans, executions, healing, alerts.</summary>
public interface IOperationsApi
{
    /// <summary>Of one cluster, or of all where none is named.</summary>
    Task<Page<AnomalyDto>> GetAnomaliesAsync(string? cluster, ListQuery query, CancellationToken cancellationToken);

    /// <summary>Wherever it is: the short address of an incident names no cluster.</summary>
    Task<AnomalyDto> FindAnomalyAsync(Guid id, CancellationToken cancellationToken);

    Task<IncidentDto> GetIncidentAsync(string cluster, Guid id, CancellationToken cancellationToken);

    Task<Page<PlanDto>> GetPlansAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task<PlanDetailDto> GetPlanAsync(string cluster, Guid id, CancellationToken cancellationToken);

    Task<Page<PlannedMoveDto>> GetPlannedMovesAsync(string cluster, Guid id, ListQuery query, CancellationToken cancellationToken);

    /// <summary>Computes a plan; nothing in Kafka changes.</summary>
    Task<PlanDetailDto> CreatePlanAsync(string cluster, CreatePlanRequest request, CancellationToken cancellationToken);

    Task ApprovePlanAsync(string cluster, Guid id, ApprovePlanRequest request, CancellationToken cancellationToken);

    Task DiscardPlanAsync(string cluster, Guid id, DiscardPlanRequest request, CancellationToken cancellationToken);

    /// <summary>Of one cluster, or of all where none is named.</summary>
    Task<Page<ExecutionDto>> GetExecutionsAsync(string? cluster, ListQuery query, CancellationToken cancellationToken);

    Task<ExecutionDetailDto> GetExecutionAsync(string cluster, Guid id, CancellationToken cancellationToken);

    Task<Page<ExecutionMoveDto>> GetExecutionMovesAsync(string cluster, Guid id, ListQuery query, CancellationToken cancellationToken);

    Task PauseExecutionAsync(string cluster, Guid id, ExecutionActionRequest request, CancellationToken cancellationToken);

    Task ResumeExecutionAsync(string cluster, Guid id, ExecutionActionRequest request, CancellationToken cancellationToken);

    Task CancelExecutionAsync(string cluster, Guid id, CancelExecutionRequest request, CancellationToken cancellationToken);

    Task SetExecutionLimitsAsync(string cluster, Guid id, ExecutionLimitsRequest request, CancellationToken cancellationToken);

    Task<IReadOnlyList<AlertTargetDto>> GetAlertTargetsAsync(CancellationToken cancellationToken);

    Task CreateAlertTargetAsync(AlertTargetRequest request, CancellationToken cancellationToken);

    /// <summary>Saves an edit of the named version; refused where the stored one is newer.</summary>
    Task UpdateAlertTargetAsync(Guid id, long version, AlertTargetRequest request, CancellationToken cancellationToken);

    Task RemoveAlertTargetAsync(Guid id, long version, CancellationToken cancellationToken);

    /// <summary>Queues a test; the delivery it answers is watched until it arrived or failed.</summary>
    Task<DeliveryDto> TestAlertTargetAsync(Guid id, CancellationToken cancellationToken);

    Task<Page<DeliveryDto>> GetDeliveriesAsync(ListQuery query, CancellationToken cancellationToken);

    Task<DeliveryDetailDto> GetDeliveryAsync(Guid id, CancellationToken cancellationToken);

    Task ResendDeliveryAsync(Guid id, CancellationToken cancellationToken);

    Task<HealingPolicyDto> GetHealingAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>Saves an edit of the named version; refused where the stored one is newer.</summary>
    Task UpdateHealingAsync(string cluster, long version, HealingPolicyRequest request, CancellationToken cancellationToken);

    Task PauseHealingAsync(string cluster, PauseHealingRequest request, CancellationToken cancellationToken);

    Task ResumeHealingAsync(string cluster, CancellationToken cancellationToken);

    Task<Page<HealingDecisionDto>> GetHealingDecisionsAsync(string cluster, ListQuery query, CancellationToken cancellationToken);

    Task OverrideHealingAsync(string cluster, Guid anomaly, HealingOverrideRequest request, CancellationToken cancellationToken);
}
