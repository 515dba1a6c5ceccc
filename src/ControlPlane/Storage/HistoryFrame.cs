using ControlPlane.Engine.Model;

namespace ControlPlane.Storage;

/// <summary>One metric of one cluster at one time, for all its objects. An object that is missing or NaN is unknown then.</summary>
/// <param name="Metric">Stable name with unit, such as <c>broker.bytes_in_per_second</c>.</param>
/// <param name="Interval">How often the metric is measured; a value stands for that long.</param>
/// <param name="Objects">Names such as <c>broker:3</c>; <see cref="TheCluster"/> for a value of the whole cluster.</param>
/// <param name="Values">One value per object.</param>
internal sealed record HistoryFrame(
    string Metric, TimeSpan Interval, DateTimeOffset At, IReadOnlyList<string> Objects, IReadOnlyList<float> Values)
{
    public const string TheCluster = "";

    /// <summary>One topic of a group. A topic's name holds no slash, a group's may hold anything.</summary>
    public static string GroupTopic(string group, string topic) => $"group-topic:{topic}/{group}";

    public static HistoryFrame OfCluster(string metric, TimeSpan interval, DateTimeOffset at, double value) =>
        new(metric, interval, at, [TheCluster], [(float)value]);
}

/// <summary>What to draw.</summary>
/// <param name="Metrics">Metric names; unknown ones give no series.</param>
/// <param name="Object">Only this object; null for all.</param>
/// <param name="MaxPoints">Upper limit of points per series; decides the resolution.</param>
internal sealed record HistoryQuery(
    ClusterId Cluster, IReadOnlyList<string> Metrics, DateTimeOffset From, DateTimeOffset To, int MaxPoints, string? Object = null)
{
    public const int MostPoints = 2_000;
}

/// <summary>Series over one common grid: point i covers [From + i * Step, From + (i + 1) * Step).</summary>
internal sealed record HistoryRange(DateTimeOffset From, TimeSpan Step, int Points, IReadOnlyList<HistorySeries> Series);

/// <summary>One line of a chart. NaN means nothing is known for that point: a gap, not a zero.</summary>
internal sealed record HistorySeries(string Metric, string Object, float[] Averages, float[] Minima, float[] Maxima);
