namespace ControlPlane.Engine.Analyzer;

/// <summary>How wide the bands are. The defaults are Cruise Control's, so that results compare.</summary>
/// <param name="Spread">Half width of a balance band, relative to its target: (1.10 - 1) less a tenth. A broker outside it is worth a plan.</param>
/// <param name="DiskLimit">Share of a disk that may be full.</param>
/// <param name="ReplicaLimit">Most replicas of one broker.</param>
/// <param name="CountNetwork">Whether rates are known well enough to balance by.</param>
public sealed record BandSettings(double Spread = 0.09, double DiskLimit = 0.8, double ReplicaLimit = 10_000, bool CountNetwork = true)
{
    /// <summary>Half width that a plan solves to: narrower than <see cref="Spread"/>, or the next drift asks for the next plan.</summary>
    public double SolveSpread { get; init; } = 0.055;

    /// <summary>Share of a broker's CPU that may be used.</summary>
    public double CpuLimit { get; init; } = 0.7;

    /// <summary>Share of the network that may be used, in and out alike.</summary>
    public double NetworkLimit { get; init; } = 0.8;

    /// <summary>By how much the mean a broker may take in as leader: 1.10 less 1.</summary>
    public double LeaderBytesInSpread { get; init; } = 0.10;

    /// <summary>Replicas of a topic on one broker, relative to the mean: (3.00 - 1) less a tenth.</summary>
    public double TopicSpread { get; init; } = 1.8;

    public int TopicMinGap { get; init; } = 2;

    public int TopicMaxGap { get; init; } = 40;

    /// <summary>Mean utilisation on lanes CPU to disk at or under which a load need not be spread.</summary>
    public double LowUtilisation { get; init; }

    /// <summary>Bands are a little narrower than the goal, so that no result lies on the very edge by rounding; 0 where results are judged.</summary>
    public double Shrink { get; init; } = 1e-4;

    /// <summary>What a narrower band may not lead out of: how far from the mean of all brokers a result is judged to be outside.</summary>
    public (double Spread, double LeaderBytesIn)? Judged { get; init; }

    /// <summary>Half width of the bands that are shaped.</summary>
    public double InnerSpread => Spread * (1 - Shrink);

    /// <summary>Half width around the mean of all brokers that holds where it can be held.</summary>
    public double OuterSpread => (Judged?.Spread ?? Spread) * (1 - Shrink);

    public double InnerLeaderSpread => LeaderBytesInSpread * (1 - Shrink);

    public double OuterLeaderSpread => (Judged?.LeaderBytesIn ?? LeaderBytesInSpread) * (1 - Shrink);

    /// <summary>The same for a solver: bands as narrow as a plan shall end in.</summary>
    public BandSettings ForSolving() => this with
    {
        Spread = Math.Min(Spread, SolveSpread),
        LeaderBytesInSpread = LeaderBytesInSpread * Math.Min(1, SolveSpread / Spread),
        Judged = (Spread, LeaderBytesInSpread),
    };

    /// <summary>The same for a judge: bands as the goals define them.</summary>
    public BandSettings ForJudging() => this with { Shrink = 0, Judged = null };
}
