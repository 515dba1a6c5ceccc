using System.Collections.Immutable;

namespace ControlPlane.Engine.Anomalies;

/// <summary>What a detector sees, and what it could not judge: of neither seen nor unjudged subjects it says that they are well.</summary>
public sealed record Verdict(ImmutableArray<Detection> Detections, ImmutableArray<Unjudged> Unjudged)
{
    public static Verdict Nothing { get; } = new([], []);

    /// <summary>Nothing of this kind can be judged now.</summary>
    public static Verdict Suspended(string why) => new([], [new Unjudged(null, why)]);
}

/// <summary>A subject whose samples don't allow a judgement; an anomaly of it keeps its state.</summary>
/// <param name="Subject">Null: every subject of the kind.</param>
public sealed record Unjudged(string? Subject, string Why);
