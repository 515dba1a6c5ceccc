using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Analyzer;

/// <summary>What a plan is asked for.</summary>
/// <param name="Brokers">Kafka node ids whose replicas shall be restored; null: all that are down.</param>
/// <param name="Anomaly">The anomaly it is to repair, if any.</param>
internal sealed record PlanWish(PlanMode Mode, IReadOnlySet<int>? Brokers, Guid? Anomaly, ExecutionLimits Limits)
{
    public const int MostMovesPerBroker = 1000;

    /// <summary>Slower than this, Kafka's throttle holds back ordinary replication as well.</summary>
    public const long LeastThrottle = 1_000_000;

    /// <summary>Kafka node ids that shall receive nothing.</summary>
    public IReadOnlySet<int> ExcludedDestinations { get; init; } = new HashSet<int>();
}
