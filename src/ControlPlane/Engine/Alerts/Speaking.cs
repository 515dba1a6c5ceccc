using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Engine.Alerts;

/// <summary>What is done about one anomaly at one target that wants it.</summary>
public enum TellFate
{
    Nothing,

    /// <summary>At once.</summary>
    Tell,

    /// <summary>After <see cref="Speaking.Wait"/>: others may begin at the same time, and something that speaks for all of them.</summary>
    TellLater,

    /// <summary>Kept in the log, not sent: the storm that the target was told of speaks for it.</summary>
    SpokenFor,

    /// <summary>Under the same key, for what was told has grown.</summary>
    TellAgain,
}

/// <summary>How an anomaly stands at one target.</summary>
/// <param name="IsTold">A notification of it waits, is under way, was delivered or may have arrived.</param>
/// <param name="IsSpokenFor">The target was told of an active storm that covers it.</param>
public readonly record struct TargetStanding(bool IsTold, bool IsSpokenFor);

/// <summary>Decides who hears of an anomaly by itself, and who hears of the storm that it is part of.</summary>
public static class Speaking
{
    /// <summary>Longer than a storm takes from the first groups to its own notification; a page of a lagging group is late by so much.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(25);

    /// <summary>When it becomes active.</summary>
    public static TellFate OnTrigger(Detection last, TargetStanding at) =>
        !last.IsGrouped ? TellFate.Tell : at.IsSpokenFor ? TellFate.SpokenFor : TellFate.TellLater;

    /// <summary>When something about it changes while it is active.</summary>
    /// <param name="isWorse">More severe than when it was told: some targets want it only now.</param>
    /// <param name="isNews">It says itself that those who were told should hear again.</param>
    public static TellFate OnChange(Detection last, TargetStanding at, bool isWorse, bool isNews) =>
        at.IsTold ? (isNews ? TellFate.TellAgain : TellFate.Nothing)
        : !isWorse || (last.IsGrouped && at.IsSpokenFor) ? TellFate.Nothing
        : last.IsGrouped ? TellFate.TellLater : TellFate.Tell;
}
