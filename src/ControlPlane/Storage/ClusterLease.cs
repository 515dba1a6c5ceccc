using ControlPlane.Engine.Model;

namespace ControlPlane.Storage;

/// <summary>Proof that one process owns one cluster, with the epoch that fences its writes.</summary>
/// <param name="Until">End of the lease by the database's clock; compare it with no other clock.</param>
/// <param name="LocalDeadline">
/// The same end on this process's monotonic clock (<see cref="TimeProvider.GetTimestamp"/>), taken before the
/// database was asked, so it never lies later than the real end.
/// </param>
internal sealed record ClusterLease(ClusterId Cluster, Guid Owner, long Epoch, DateTimeOffset Until, long LocalDeadline)
{
    /// <summary>How long the lease certainly still holds; zero or less means: ask the database before acting.</summary>
    public TimeSpan TimeLeft(TimeProvider time) => time.GetElapsedTime(time.GetTimestamp(), LocalDeadline);
}
