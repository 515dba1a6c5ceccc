using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>All that is known of one incident.</summary>
/// <param name="Model">The newest picture; null where this process does not own the cluster.</param>
internal sealed record IncidentFacts(Anomaly Anomaly, ClusterModel? Model, DateTimeOffset Now)
{
    /// <summary>Of the broker that the incident is about.</summary>
    public IReadOnlyList<ClusterEvent> BrokerEvents { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StoredTransition> Transitions { get; init; } = [];

    public IReadOnlyList<StoredDelivery> Deliveries { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StoredDecision> Decisions { get; init; } = [];

    /// <summary>What healing makes of it now: as of the owner's last look, else the last decision stored.</summary>
    public StoredDecision? Healing { get; init; }

    /// <summary>Oldest first, with what changed since each was made where that matters and is known.</summary>
    public IReadOnlyList<(StoredPlan Plan, IReadOnlyList<string>? Changes)> Plans { get; init; } = [];

    public IReadOnlyList<(ExecutionHistory History, LiveExecution? Live)> Executions { get; init; } = [];

    public Broker? Broker => Anomaly.Last.BrokerId is { } id && Model?.FindBroker(id) is >= 0 and var index ? Model.Brokers[index] : null;

    public bool CanHeal => HealingKinds.Find(Anomaly.Key.Kind) is { CanHeal: true };

    /// <summary>A page of this cluster, below the root.</summary>
    public string Page(params ReadOnlySpan<string> parts) => $"/c/{Anomaly.Cluster}/{string.Join('/', parts.ToArray())}";
}
