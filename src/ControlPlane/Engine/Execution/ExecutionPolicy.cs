namespace ControlPlane.Engine.Execution;

/// <summary>Times and sizes an execution goes by.</summary>
public sealed record ExecutionPolicy
{
    public static ExecutionPolicy Default { get; } = new();

    /// <summary>How long a change that was sent may still arrive, and an answer lag behind; longer than any request may take.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a move waits for a broker it needs before it is taken back.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long all replicas of a repair must look alive and in sync before it is left out. Longer than a controller takes to notice a
    /// death (9 s by default, 18 s with ZooKeeper): until then a dead broker looks like one that is back.
    /// </summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A move that copies nothing for so long is called stalled.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most partitions in one submission.</summary>
    public int BatchSize { get; init; } = 50;

    /// <summary>Most preferred elections at a time: each has clients look for their leader anew.</summary>
    public int ElectionBatch { get; init; } = 20;
}
