namespace ControlPlane.Engine.Healing;

/// <summary>What people said about the healing of one anomaly; the last word counts.</summary>
/// <param name="ExtraGrace">Added to the grace time of the policy.</param>
/// <param name="IsLeftAlone">Somebody takes care of it; nothing is done by itself.</param>
/// <param name="HealNowAt">When somebody asked for healing at once; null where nobody does.</param>
public sealed record HealingOverride(TimeSpan ExtraGrace, bool IsLeftAlone, DateTimeOffset? HealNowAt, string By, string? Reason)
{
    /// <summary>A wish that something held back must not come true hours later, when nobody thinks of it any more.</summary>
    public static readonly TimeSpan HealNowHolds = TimeSpan.FromHours(1);

    public bool WantsHealing(DateTimeOffset now) => !IsLeftAlone && HealNowAt is { } at && now - at < HealNowHolds;
}
