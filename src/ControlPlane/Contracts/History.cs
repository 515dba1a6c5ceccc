namespace ControlPlane.Contracts;

/// <summary>Curves over time. Gaps are null points, never zeros and never interpolated.</summary>
/// <param name="StepSeconds">Distance of the points.</param>
public sealed record HistoryDto(DateTimeOffset From, DateTimeOffset To, double StepSeconds, IReadOnlyList<HistorySeriesDto> Series);

/// <summary>One curve. Object is "" for the cluster, "broker:4", "topic:orders" or "group:checkout".</summary>
/// <param name="Unit">bytes_per_second, messages_per_second, bytes, messages, seconds, ratio, burrow_status (1 OK, 2 WARN, 3 ERR) or count.</param>
/// <param name="Values">Averages, oldest first, the first at From; null where nothing was measured.</param>
public sealed record HistorySeriesDto(string Metric, string Object, string Unit, IReadOnlyList<double?> Values, IReadOnlyList<double?> Max);
