namespace ControlPlane.Engine.Analyzer;

/// <summary>The words of the eight loads, as API and kcp write them.</summary>
public static class LoadWords
{
    public static IReadOnlyList<string> All { get; } = ["cpu", "bytes-in", "bytes-out", "disk", "replicas", "leaders", "leader-bytes-in", "potential-bytes-out"];

    /// <summary>percent, bytes-per-second, bytes or count.</summary>
    public static string UnitOf(int lane) => lane switch
    {
        Lane.Cpu => "percent",
        Lane.Disk => "bytes",
        Lane.Replicas or Lane.Leaders => "count",
        _ => "bytes-per-second",
    };

    /// <summary>The lane of that word, or -1.</summary>
    public static int Find(string? word) => All.ToList().IndexOf(word ?? "");
}
