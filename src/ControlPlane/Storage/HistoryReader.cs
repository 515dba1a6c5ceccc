using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Reads history at one resolution, with the part that is not rolled up yet taken from the finer tables.</summary>
internal static class HistoryReader
{
    // Finest step of a chart drawn from fine frames: below it, jitter between two samples would look like gaps.
    private static readonly TimeSpan FinestStep = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Three sources that follow each other in time. $4 and $5 are where minutes and fine frames take over; both are
    /// moved to the beginning when the chart is drawn from finer tables all along.
    /// </summary>
    private const string Select = """
        WITH wanted AS (
            SELECT id, metric, interval_seconds FROM history_series WHERE cluster = $1 AND metric = ANY ($2)),
        frames AS (
            SELECT h.series, h.at, v.* FROM wanted w JOIN history_hour h ON h.series = w.id
                CROSS JOIN LATERAL unnest(h.objects, h.averages, h.minima, h.maxima, h.samples) AS v (object, average, minimum, maximum, samples)
            WHERE h.at >= $3 AND h.at < $4
            UNION ALL
            SELECT m.series, m.at, v.* FROM wanted w JOIN history_minute m ON m.series = w.id
                CROSS JOIN LATERAL unnest(m.objects, m.averages, m.minima, m.maxima, m.samples) AS v (object, average, minimum, maximum, samples)
            WHERE m.at >= greatest($3, $4) AND m.at < least($5, $6)
            UNION ALL
            SELECT f.series, f.at, v.object, v.value, v.value, v.value, 1 FROM wanted w JOIN history_fine f ON f.series = w.id
                CROSS JOIN LATERAL unnest(f.objects, f.values) AS v (object, value)
            WHERE f.at >= greatest($3, $5) AND f.at < $6 AND v.value <> 'NaN'::real)
        SELECT w.metric, o.name, w.interval_seconds, floor(extract(epoch FROM f.at - $3) / $7)::integer AS point,
               sum(f.average::double precision * f.samples) / sum(f.samples), min(f.minimum), max(f.maximum)
        FROM frames f JOIN wanted w ON w.id = f.series JOIN history_objects o ON o.id = f.object
        WHERE $8::text IS NULL OR o.name = $8
        GROUP BY w.metric, o.name, w.interval_seconds, point
        ORDER BY w.metric, o.name, point
        """;

    public static async Task<HistoryRange> ReadAsync(
        NpgsqlConnection connection, HistoryQuery query, StorageOptions options, CancellationToken cancellationToken)
    {
        var (now, minutesUntil, hoursUntil) = await StateAsync(connection, cancellationToken);
        var finest = Finest(query, now, options);
        var step = Step(query, finest);
        var from = Floor(query.From, step);
        var points = (int)Math.Ceiling((query.To - from) / step);
        var minutesFrom = finest >= TimeSpan.FromHours(1) ? hoursUntil : from;
        var fineFrom = finest >= TimeSpan.FromMinutes(1) ? minutesUntil : from;
        await using var command = connection.Command(
            Select,
            query.Cluster.Value,
            query.Metrics.ToArray(),
            from,
            minutesFrom,
            Later(minutesFrom, fineFrom),
            from + (points * step),
            step.TotalSeconds,
            query.Object);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var series = new List<HistorySeries>();
        var hold = 0;
        var last = -1;
        while (await reader.ReadAsync(cancellationToken))
        {
            var (metric, name, point) = (reader.GetString(0), reader.GetString(1), reader.GetInt32(3));
            if (series.Count == 0 || series[^1].Metric != metric || series[^1].Object != name)
            {
                series.Add(new HistorySeries(metric, name, Gaps(points), Gaps(points), Gaps(points)));
                hold = (int)Math.Ceiling(1.5 * reader.GetInt32(2) / step.TotalSeconds);
                last = -1;
            }

            var current = series[^1];
            Hold(current, last, point, hold);
            current.Averages[point] = (float)reader.GetDouble(4);
            current.Minima[point] = reader.GetFloat(5);
            current.Maxima[point] = reader.GetFloat(6);
            last = point;
        }

        return new HistoryRange(from, step, points, series);
    }

    /// <summary>The finest resolution that still keeps the beginning of the range and does not read far more than is drawn.</summary>
    private static TimeSpan Finest(HistoryQuery query, DateTimeOffset now, StorageOptions options)
    {
        var (age, width) = (now - query.From, (query.To - query.From) / query.MaxPoints);
        if (age > options.MinuteRetention || width >= TimeSpan.FromHours(1))
        {
            return TimeSpan.FromHours(1);
        }

        return age > options.FineRetention || width >= TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : FinestStep;
    }

    private static TimeSpan Step(HistoryQuery query, TimeSpan finest)
    {
        // One point is spared because the first one begins at a whole step before the range.
        var parts = Math.Max(1, query.MaxPoints - 1);
        return finest * Math.Max(1, (long)Math.Ceiling((query.To - query.From) / parts / finest));
    }

    private static DateTimeOffset Floor(DateTimeOffset at, TimeSpan step) => new(at.UtcTicks - (at.UtcTicks % step.Ticks), TimeSpan.Zero);

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static float[] Gaps(int points)
    {
        var values = new float[points];
        Array.Fill(values, float.NaN);
        return values;
    }

    /// <summary>A value stands for its whole interval; only where the next one is overdue there is a gap.</summary>
    private static void Hold(HistorySeries series, int last, int next, int points)
    {
        if (last < 0 || next - last > points)
        {
            return;
        }

        for (var i = last + 1; i < next; i++)
        {
            series.Averages[i] = series.Averages[last];
            series.Minima[i] = series.Minima[last];
            series.Maxima[i] = series.Maxima[last];
        }
    }

    private static async Task<(DateTimeOffset Now, DateTimeOffset Minutes, DateTimeOffset Hours)> StateAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            """
            SELECT clock_timestamp(),
                   (SELECT rolled_until FROM history_rollups WHERE resolution = 'minute'),
                   (SELECT rolled_until FROM history_rollups WHERE resolution = 'hour')
            """);
        return (await command.ListAsync(reader => (reader.GetTime(0), reader.GetTime(1), reader.GetTime(2)), cancellationToken)).Single();
    }
}
