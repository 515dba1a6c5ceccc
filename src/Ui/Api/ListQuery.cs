using System.Text;

namespace ControlPlane.Ui.Api;

/// <summary>Which part of a list, in which order.</summary>
/// <param name="Sort">Field of the DTO; a leading minus for descending.</param>
/// <param name="Filters">Further parameters of the list's own, such as state or topic.</param>
public sealed record ListQuery(string? Search = null, string? Sort = null, int Offset = 0, int Limit = ListQuery.PageSize, IReadOnlyDictionary<string, string?>? Filters = null)
{
    public const int PageSize = 100;

    /// <summary>The API answers no larger part.</summary>
    public const int Largest = 500;

    public override string ToString() => QueryText.Of(
        [
            new("search", Search),
            new("sort", Sort),
            new("offset", Offset == 0 ? null : QueryText.Number(Offset)),
            new("limit", QueryText.Number(Limit)),
            .. Filters ?? new Dictionary<string, string?>(StringComparer.Ordinal),
        ]);
}

/// <summary>Curves to be fetched of one cluster.</summary>
public sealed record HistoryQuery(IReadOnlyList<string> Metrics, IReadOnlyList<string> Objects, DateTimeOffset From, DateTimeOffset To, int Points = 240)
{
    public override string ToString() => QueryText.Of(
        [
            new("metric", string.Join(',', Metrics)),
            .. Objects.Select(item => new KeyValuePair<string, string?>("object", item)),
            new("from", From.UtcDateTime.ToString("O")),
            new("to", To.UtcDateTime.ToString("O")),
            new("points", QueryText.Number(Points)),
        ]);
}

/// <summary>Which events of a cluster, newest first.</summary>
public sealed record EventQuery(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<string>? Kinds = null, int Limit = ListQuery.PageSize)
{
    public override string ToString() => QueryText.Of(
        [
            new("from", From.UtcDateTime.ToString("O")),
            new("to", To.UtcDateTime.ToString("O")),
            new("kind", Kinds is null ? null : string.Join(',', Kinds)),
            new("limit", QueryText.Number(Limit)),
        ]);
}

/// <summary>Which part of the audit trail.</summary>
public sealed record AuditQuery(string? Cluster, string? Actor, string? Action, DateTimeOffset? From, DateTimeOffset? To, string? Search, long? Before, int Limit = ListQuery.PageSize)
{
    public override string ToString() => QueryText.Of(
        [
            new("cluster", Cluster),
            new("actor", Actor),
            new("action", Action),
            new("from", From?.UtcDateTime.ToString("O")),
            new("to", To?.UtcDateTime.ToString("O")),
            new("search", Search),
            new("before", Before?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new("limit", QueryText.Number(Limit)),
        ]);
}

/// <summary>Which part of the heatmap. By: topic or partition.</summary>
/// <param name="Topics">Regular expression over the whole name.</param>
public sealed record HeatmapQuery(string By, string Colour, string? Topics = null, int Offset = 0, int Limit = HeatmapQuery.Rows)
{
    public const int Rows = 200;

    public override string ToString() => QueryText.Of(
        [
            new("by", By),
            new("colour", Colour),
            new("topics", Topics),
            new("offset", Offset == 0 ? null : QueryText.Number(Offset)),
            new("limit", QueryText.Number(Limit)),
        ]);
}

/// <summary>Writes query strings; what is null is left out, what is empty is kept (the object "" is the cluster itself).</summary>
public static class QueryText
{
    public static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static string Of(IEnumerable<KeyValuePair<string, string?>> parts)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parts)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return text.ToString();
    }
}
