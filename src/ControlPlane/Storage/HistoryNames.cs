using System.Collections.Concurrent;

namespace ControlPlane.Storage;

/// <summary>The numbers that stand for metric and object names of one cluster, remembered for one epoch.</summary>
internal sealed class HistoryNames
{
    private readonly ConcurrentDictionary<string, (int Id, int IntervalSeconds)> _series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _objects = new(StringComparer.Ordinal);

    public int Series(HistoryFrame frame) => _series[frame.Metric].Id;

    public int[] Objects(HistoryFrame frame)
    {
        var ids = new int[frame.Objects.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = _objects[frame.Objects[i]];
        }

        return ids;
    }

    /// <summary>Gives numbers to names not seen before; asks nothing when all are known, which is the rule.</summary>
    public async Task LearnAsync(EpochGuard guard, ClusterLease lease, IReadOnlyList<HistoryFrame> frames, CancellationToken cancellationToken)
    {
        var metrics = frames.Where(frame => !_series.TryGetValue(frame.Metric, out var known) || known.IntervalSeconds != Seconds(frame))
            .DistinctBy(frame => frame.Metric, StringComparer.Ordinal).ToList();
        var objects = frames.SelectMany(frame => frame.Objects).Where(name => !_objects.ContainsKey(name)).Distinct(StringComparer.Ordinal).ToArray();
        if (metrics.Count == 0 && objects.Length == 0)
        {
            return;
        }

        await guard.WriteAsync(lease, "name history series", async (write, token) =>
        {
            await using var series = write.Connection.Command(
                """
                INSERT INTO history_series (cluster, metric, interval_seconds)
                SELECT $1, m.metric, m.seconds FROM unnest($2::text[], $3::integer[]) AS m (metric, seconds)
                ON CONFLICT (cluster, metric) DO UPDATE SET interval_seconds = excluded.interval_seconds
                RETURNING metric, id, interval_seconds
                """,
                lease.Cluster.Value, metrics.Select(frame => frame.Metric).ToArray(), metrics.Select(Seconds).ToArray());
            foreach (var (metric, id, seconds) in await series.ListAsync(r => (r.GetString(0), r.GetInt32(1), r.GetInt32(2)), token))
            {
                _series[metric] = (id, seconds);
            }

            await using var names = write.Connection.Command(
                """
                WITH added AS (
                    INSERT INTO history_objects (cluster, name) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING RETURNING name, id)
                SELECT name, id FROM added
                UNION ALL SELECT name, id FROM history_objects WHERE cluster = $1 AND name = ANY ($2)
                """,
                lease.Cluster.Value, objects);
            return await names.ListAsync(r => _objects[r.GetString(0)] = r.GetInt32(1), token);
        }, cancellationToken);
    }

    private static int Seconds(HistoryFrame frame) => Math.Max(1, (int)Math.Ceiling(frame.Interval.TotalSeconds));
}
