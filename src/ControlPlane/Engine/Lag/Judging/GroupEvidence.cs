namespace ControlPlane.Engine.Lag.Judging;

/// <summary>What is known of a group beside its commits, where somebody measured it.</summary>
/// <param name="Rebalances">Within the last ten minutes; null where nobody counts.</param>
/// <param name="LastStable">The last stable offset of a partition; null where it was not asked for. Null itself: nobody asks.</param>
public sealed record GroupEvidence(int? Rebalances, Func<string, int, long?>? LastStable)
{
    public static GroupEvidence None { get; } = new(null, null);
}
