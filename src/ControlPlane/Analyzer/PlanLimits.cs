namespace ControlPlane.Analyzer;

/// <summary>What the limits of a plan may be.</summary>
internal static class PlanLimits
{
    public const int MostMovesPerBroker = 1000;

    /// <summary>Slower than this, Kafka's throttle holds back ordinary replication as well.</summary>
    public const long LeastThrottle = 1_000_000;
}
