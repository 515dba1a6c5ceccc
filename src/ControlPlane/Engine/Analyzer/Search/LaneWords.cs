using System.Globalization;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Loads in sentences.</summary>
internal static class LaneWords
{
    public static string Name(int lane) => lane switch
    {
        Lane.Cpu => "CPU",
        Lane.BytesIn => "inbound network",
        Lane.BytesOut => "outbound network",
        Lane.Disk => "disk",
        Lane.Replicas => "replicas",
        Lane.Leaders => "leaders",
        Lane.LeaderBytesIn => "leader bytes in",
        Lane.PotentialBytesOut => "potential outbound network",
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, "There is no such lane."),
    };

    public static string Amount(int lane, double amount) => lane switch
    {
        Lane.Cpu => string.Create(CultureInfo.InvariantCulture, $"{amount:0.##} %"),
        Lane.Disk => PlanWords.Size(amount),
        Lane.Replicas or Lane.Leaders => string.Create(CultureInfo.InvariantCulture, $"{amount:#,0.##}"),
        _ => PlanWords.Rate(amount),
    };
}
