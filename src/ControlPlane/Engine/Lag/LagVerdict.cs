namespace ControlPlane.Engine.Lag;

/// <summary>What was found of one partition, and the numbers that say why. The window it was judged by is the rest of the evidence.</summary>
/// <param name="Complete">Filled slots of the window, 0 to 1.</param>
/// <param name="CurrentLag">Messages; <see cref="CommitWindow.Unknown"/> where it can't be told.</param>
/// <param name="Confidence">0 (nothing to judge by) to 1.</param>
public readonly record struct LagVerdict(PartitionLagStatus Status, LagReason Reason, float Complete, long CurrentLag, float Confidence)
{
    /// <summary>Since the last commit, or since it fell behind if that is later; in ms.</summary>
    public long SilenceMs { get; init; }

    /// <summary>The silence that would still have been in order, in ms.</summary>
    public long AllowedMs { get; init; }

    /// <summary>Commit that went back; its place in the window, or -1.</summary>
    public int DropAt { get; init; } = -1;

    /// <summary>Messages: how far offsets went back, or how many were lost, as the reason has it.</summary>
    public long Amount { get; init; }

    /// <summary>Records that retention deleted before they were read; 0 where none or unknown.</summary>
    public long Lost { get; init; }

    /// <summary>A window holds at least one rewind that was recognised as set from outside.</summary>
    public bool SawReset { get; init; }

    public string Sentence => LagSentences.Of(this);
}
