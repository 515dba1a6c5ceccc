namespace ControlPlane.Engine.Lag.Memory;

/// <summary>What a stored part holds.</summary>
public enum MemoryKind
{
    /// <summary>One partition of __consumer_offsets: how far it was read, what is known of its groups, and their windows.</summary>
    OffsetsPartition = 0,

    /// <summary>Log end offsets of some topics over time.</summary>
    EndOffsets = 1,

    /// <summary>Windows of groups whose commits are polled, while they can't be followed.</summary>
    PolledWindows = 2,

    /// <summary>Windows of share groups, which are polled whatever is followed.</summary>
    ShareWindows = 3,
}
