namespace ControlPlane.Engine.Lag.Store;

/// <summary>How much a store keeps of each partition of a group.</summary>
/// <param name="Slots">Commits of a window.</param>
/// <param name="MinDistanceMs">A commit that follows closer than this takes the place of the one before it, so that a fast committer's window still spans time.</param>
/// <param name="ExpireAfterMs">Commits older than this are not taken, and partitions without a newer one are dropped.</param>
public sealed record LagStoreOptions(int Slots = 10, long MinDistanceMs = 1_000, long ExpireAfterMs = 7 * 86_400_000L)
{
    public const int MostSlots = 64;

    /// <summary>Ten commits so far apart span the half minute in which an offset that is committed again and again is no coincidence.</summary>
    public const long StallingDistanceMs = 4_000;

    /// <summary>Waits shorter than this are learned at once; longer ones are believed bit by bit, so that one outage does not pass for a habit.</summary>
    public long BelievedWaitMs { get; init; } = 90_000;

    public LagStoreOptions Checked() =>
        Slots is < 1 or > MostSlots ? throw new ArgumentOutOfRangeException(nameof(Slots), Slots, $"a window of 1 to {MostSlots} commits is expected")
        : MinDistanceMs < 0 || ExpireAfterMs <= 0 ? throw new ArgumentOutOfRangeException(nameof(MinDistanceMs), "times above 0 are expected")
        : this;
}
