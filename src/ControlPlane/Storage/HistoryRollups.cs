using Microsoft.Extensions.Options;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Rolls fine frames up to minutes and minutes up to hours, in SQL, and removes what is older than its retention.</summary>
internal sealed class HistoryRollups(Database database, IOptions<StorageOptions> options)
{
    /// <summary>Frames younger than this may still be in a transaction that has not ended, so they are rolled up later.</summary>
    private const string Grace = "interval '90 seconds'";

    /// <summary>From this age on a frame counts as late: its writer takes the roll-up's lock and reopens the minute.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan MinuteStep = TimeSpan.FromHours(1);

    private static readonly TimeSpan HourStep = TimeSpan.FromDays(2);

    private const int DeleteBatch = 20_000;

    private const string FromFine = """
        INSERT INTO history_minute (series, at, objects, averages, minima, maxima, samples)
        SELECT series, bucket, array_agg(object ORDER BY object), array_agg(average ORDER BY object),
               array_agg(minimum ORDER BY object), array_agg(maximum ORDER BY object), array_agg(samples ORDER BY object)
        FROM (
            SELECT f.series, date_trunc('minute', f.at) AS bucket, v.object, avg(v.value)::real AS average,
                   min(v.value) AS minimum, max(v.value) AS maximum, count(*)::integer AS samples
            FROM history_fine f CROSS JOIN LATERAL unnest(f.objects, f.values) AS v (object, value)
            WHERE f.at >= $1 AND f.at < $2 AND v.value <> 'NaN'::real
            GROUP BY f.series, bucket, v.object) AS per_object
        GROUP BY series, bucket
        """ + Replace;

    private const string FromMinute = """
        INSERT INTO history_hour (series, at, objects, averages, minima, maxima, samples)
        SELECT series, bucket, array_agg(object ORDER BY object), array_agg(average ORDER BY object),
               array_agg(minimum ORDER BY object), array_agg(maximum ORDER BY object), array_agg(samples ORDER BY object)
        FROM (
            SELECT m.series, date_trunc('hour', m.at) AS bucket, v.object,
                   (sum(v.average::double precision * v.samples) / sum(v.samples))::real AS average,
                   min(v.minimum) AS minimum, max(v.maximum) AS maximum, sum(v.samples)::integer AS samples
            FROM history_minute m
                 CROSS JOIN LATERAL unnest(m.objects, m.averages, m.minima, m.maxima, m.samples)
                     AS v (object, average, minimum, maximum, samples)
            WHERE m.at >= $1 AND m.at < $2
            GROUP BY m.series, bucket, v.object) AS per_object
        GROUP BY series, bucket
        """ + Replace;

    private const string Replace = """

        ON CONFLICT (series, at) DO UPDATE SET objects = excluded.objects, averages = excluded.averages,
            minima = excluded.minima, maxima = excluded.maxima, samples = excluded.samples
        """;

    /// <summary>Rolls up everything that is complete; returns up to when minutes are rolled now.</summary>
    public async Task<DateTimeOffset> RollUpAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset minutes;
        while (!(await StepAsync("minute", $"date_trunc('minute', clock_timestamp() - {Grace})", MinuteStep, FromFine, cancellationToken)).IsDone(out minutes))
        {
        }

        const string CompleteHour = "(SELECT date_trunc('hour', rolled_until) FROM history_rollups WHERE resolution = 'minute')";
        while (!(await StepAsync("hour", CompleteHour, HourStep, FromMinute, cancellationToken)).IsDone(out _))
        {
        }

        return minutes;
    }

    /// <summary>Deletes in small transactions, so that neither locks nor the WAL grow large.</summary>
    public async Task<long> RemoveOldAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        return await RemoveOldAsync("history_fine", settings.FineRetention, cancellationToken)
            + await RemoveOldAsync("history_minute", settings.MinuteRetention, cancellationToken)
            + await RemoveOldAsync("history_hour", settings.HourRetention, cancellationToken);
    }

    /// <summary>
    /// Frames that come late (the database was away) belong to minutes that are rolled up already: those are opened
    /// again. The update also waits for a roll-up that runs right now, so neither can miss the other.
    /// </summary>
    public static async Task ReopenAsync(NpgsqlConnection connection, DateTimeOffset oldest, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            """
            UPDATE history_rollups SET rolled_until = least(rolled_until, date_trunc(resolution, $1::timestamptz))
            WHERE $1 < clock_timestamp() - $2
            """,
            oldest.ToUniversalTime(), Late);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private Task<Progress> StepAsync(string resolution, string end, TimeSpan step, string rollUp, CancellationToken cancellationToken) =>
        database.SqlAsync("roll up history", async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using var read = connection.Command(
                $"SELECT rolled_until, {end} FROM history_rollups WHERE resolution = $1 FOR UPDATE", resolution);
            var (from, until) = (await read.ListAsync(reader => (reader.GetTime(0), reader.GetTime(1)), token)).Single();
            if (from >= until)
            {
                return new Progress(from, true);
            }

            var to = from + step < until ? from + step : until;
            await using var write = connection.Command(rollUp, from, to);
            await write.ExecuteNonQueryAsync(token);
            await using var mark = connection.Command("UPDATE history_rollups SET rolled_until = $1 WHERE resolution = $2", to, resolution);
            await mark.ExecuteNonQueryAsync(token);
            await transaction.CommitAsync(token);
            return new Progress(to, to >= until);
        }, cancellationToken);

    private async Task<long> RemoveOldAsync(string table, TimeSpan retention, CancellationToken cancellationToken)
    {
        for (long removed = 0; ;)
        {
            var batch = await database.SqlAsync("remove old history", async (connection, token) =>
            {
                await using var command = connection.Command(
                    $"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE at < clock_timestamp() - $1 LIMIT $2))",
                    retention, DeleteBatch);
                return await command.ExecuteNonQueryAsync(token);
            }, cancellationToken);
            removed += batch;
            if (batch < DeleteBatch)
            {
                return removed;
            }
        }
    }

    private readonly record struct Progress(DateTimeOffset RolledUntil, bool Complete)
    {
        public bool IsDone(out DateTimeOffset rolledUntil)
        {
            rolledUntil = RolledUntil;
            return Complete;
        }
    }
}
