namespace ControlPlane.Engine.Lag.Judging;

/// <summary>One partition of a group, judged, with the window that says why.</summary>
/// <param name="Window">The commits it was judged by, oldest first.</param>
public sealed record PartitionJudgement(
    string Topic, int Partition, LagVerdict Verdict, TimeLag TimeLag, LagRates Rates, CatchUp CatchUp, IReadOnlyList<SeenCommit> Window)
{
    /// <summary>Where readers of committed records have to stop; null where nobody asked.</summary>
    public long? LastStableOffset { get; init; }
}

/// <summary>A commit as the window keeps it; times in ms.</summary>
/// <param name="Lag">When it was made; null where that was not known.</param>
public readonly record struct SeenCommit(long Offset, long Timestamp, long ObservedAt, long? Lag);
