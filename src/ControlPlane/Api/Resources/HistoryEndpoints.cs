using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Contracts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Curves over time, from the database: any process answers for any cluster.</summary>
internal static class HistoryEndpoints
{
    private const int MostSeries = 200;
    private const int DefaultPoints = 240;

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["bytes_in"] = "bytes_per_second",
        ["bytes_out"] = "bytes_per_second",
        ["messages_in"] = "messages_per_second",
        ["replication_bytes_in"] = "bytes_per_second",
        ["disk_used_bytes"] = "bytes",
        ["disk_used_ratio"] = "ratio",
        ["under_replicated"] = "count",
        ["under_min_isr"] = "count",
        ["offline_partitions"] = "count",
        ["brokers_up"] = "count",
        ["lag"] = "messages",
        ["time_lag"] = "seconds",
        ["consume_rate"] = "messages_per_second",
        ["produce_rate"] = "messages_per_second",
        ["lag_status"] = "burrow_status",
    };

    public static void MapHistory(this RouteGroupBuilder cluster)
    {
        cluster.MapGet("/history", Read).RequireAuthorization(Policies.View).WithTags("History").Refuses(404)
            .WithQuery(
                QueryParameter.Text("metric", $"One or more, with commas between: {string.Join(", ", Units.Keys)}."),
                new QueryParameter("object", QueryKind.Text, "Cluster (empty, the default), broker:{id}, topic:{name}, group:{id} or group-topic:{topic}/{group}; may be given several times.") { MayRepeat = true },
                QueryParameter.Time("from", "ISO 8601 with a zone, or a time before now such as now-6h. Default now-1h."),
                QueryParameter.Time("to", "As from. Default now."),
                QueryParameter.Number("points", $"Most points per curve, 2 to {HistoryQuery.MostPoints}. Default {DefaultPoints}."))
            .Describe<HistoryDto>("Curves of a cluster", "One curve per metric and object; a gap is null, never zero.");
    }

    private static async Task<IResult> Read(HttpContext http, string cluster, Pictures pictures, HistoryStore store, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var query = new QueryReader(http);
        var metrics = Metrics(query);
        var objects = Objects(http, query, metrics.Length);
        var to = query.Time("to", now) ?? now;
        var from = query.Time("from", now) ?? to - TimeSpan.FromHours(1);
        var points = (int)(query.Number("points", 2, HistoryQuery.MostPoints) ?? DefaultPoints);
        if (from >= to)
        {
            query.Refuse("from", "It does not lie before 'to'.");
        }
        else if (to - from > TimeSpan.FromDays(3660))
        {
            query.Refuse("from", "The range is longer than ten years.");
        }

        query.ThrowIfRefused();
        var head = await pictures.RequireKnownAsync(cluster, http.RequestAborted);
        HistoryRange? grid = null;
        var series = new List<HistorySeriesDto>();
        foreach (var name in objects)
        {
            grid = await store.QueryAsync(new HistoryQuery(head.Id, metrics, from, to, points, name), http.RequestAborted);
            foreach (var metric in metrics)
            {
                var curve = grid.Series.FirstOrDefault(one => one.Metric == metric);
                series.Add(new HistorySeriesDto(metric, name, Units[metric], Values(curve?.Averages, grid.Points), Values(curve?.Maxima, grid.Points)));
            }
        }

        return Answer.Of(http, new HistoryDto(grid!.From, grid.From + (grid.Points * grid.Step), grid.Step.TotalSeconds, series));
    }

    private static string[] Metrics(QueryReader query)
    {
        var metrics = query.Text("metric")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray() ?? [];
        if (metrics.Length == 0)
        {
            query.Refuse("metric", $"It is missing. Expected one or more of: {string.Join(", ", Units.Keys)}.");
        }

        foreach (var unknown in metrics.Where(metric => !Units.ContainsKey(metric)))
        {
            query.Refuse("metric", $"'{unknown}' is not a metric. Expected one or more of: {string.Join(", ", Units.Keys)}.");
        }

        return metrics;
    }

    private static string[] Objects(HttpContext http, QueryReader query, int metrics)
    {
        var objects = http.Request.Query["object"].Select(name => name ?? "").Distinct(StringComparer.Ordinal).ToArray();
        objects = objects.Length == 0 ? [HistoryFrame.TheCluster] : objects;
        if (objects.Length * metrics > MostSeries)
        {
            query.Refuse("object", $"{objects.Length} objects of {metrics} metrics are {objects.Length * metrics} curves. Expected: at most {MostSeries}.");
        }

        foreach (var name in objects)
        {
            if (name.Length > 0 && !(name.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && name.Length > colon + 1 && IsObject(name[..colon], name[(colon + 1)..])))
            {
                query.Refuse("object", "It is not an object. Expected: nothing (the cluster), broker:{id}, topic:{name}, group:{id} or group-topic:{topic}/{group}.");
                break;
            }
        }

        return objects;
    }

    private static bool IsObject(string kind, string name) => kind is "broker" or "topic" or "group" || (kind == "group-topic" && name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && slash < name.Length - 1);

    private static double?[] Values(float[]? values, int points)
    {
        var result = new double?[points];
        for (var i = 0; i < points && values is not null; i++)
        {
            result[i] = float.IsNaN(values[i]) ? null : values[i];
        }

        return result;
    }
}
