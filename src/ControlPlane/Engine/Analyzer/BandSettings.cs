namespace ControlPlane.Engine.Analyzer;

/// <summary>How wide the bands are. The defaults are Cruise Control's, so that results compare.</summary>
/// <param name="Spread">Half width of a balance band, relative to its target: (1.10 - 1) less a tenth.</param>
/// <param name="DiskLimit">Share of a disk that may be full.</param>
/// <param name="ReplicaLimit">Most replicas of one broker.</param>
/// <param name="CountNetwork">Whether rates are known well enough to balance by.</param>
public sealed record BandSettings(double Spread = 0.09, double DiskLimit = 0.8, double ReplicaLimit = 10_000, bool CountNetwork = true)
{
    /// <summary>Bands are a little narrower than the goal, so that no result lies on the very edge by rounding.</summary>
    public double InnerSpread => Spread * (1 - 1e-4);
}
