using System.Collections.Immutable;

namespace ControlPlane.Engine.Sampling;

/// <summary>
/// Readings of a growing counter per partition over the last minute or so, each reading one flat array (-1: unknown then;
/// <see cref="OffsetsSample.NotAsked"/>: nobody asked). Immutable: the arrays are shared between one window and the next, and never changed.
/// </summary>
public sealed class CounterWindow
{
    public static CounterWindow Empty { get; } = new([], null, null);

    private readonly ImmutableArray<Reading> _readings;

    /// <summary>What each partition last told before the window, where not all are asked every time: who is asked seldom has one answer in it.</summary>
    private readonly long[]? _olderValues;
    private readonly long[]? _olderAt; // Unix ms; -1: none

    private CounterWindow(ImmutableArray<Reading> readings, long[]? olderValues, long[]? olderAt) =>
        (_readings, _olderValues, _olderAt) = (readings, olderValues, olderAt);

    public int Count => _readings.Length;

    /// <summary>The newest reading, or null.</summary>
    public long[]? Newest => _readings.IsEmpty ? null : _readings[^1].Values;

    /// <summary>Adds a reading and forgets those older than the span; at least two stay, so that a slow cadence still gives a rate.</summary>
    public CounterWindow Push(DateTimeOffset at, long[] values, TimeSpan span)
    {
        if (!_readings.IsEmpty && at <= _readings[^1].At)
        {
            return this; // late: a newer reading is there already
        }

        var first = 0;
        while (first < _readings.Length - 1 && at - _readings[first].At > span)
        {
            first++;
        }

        var (olderValues, olderAt) = Older(first, values);
        return new CounterWindow([.. _readings[first..], new Reading(at, values, values.AsSpan().Contains(OffsetsSample.NotAsked))], olderValues, olderAt);
    }

    /// <summary>The same window for another layout; -1 in <paramref name="oldOf"/> is a partition without a past.</summary>
    public CounterWindow Remap(int[] oldOf) => new(
        [.. _readings.Select(reading => reading with { Values = Remapping.Longs(reading.Values, oldOf) })],
        _olderValues is null ? null : Remapping.Longs(_olderValues, oldOf),
        _olderAt is null ? null : Remapping.Longs(_olderAt, oldOf));

    /// <summary>Per second and partition; NaN with fewer than two readings since the counter last went backwards.</summary>
    /// <param name="before">The rates before the newest reading: those of partitions that it did not ask stay.</param>
    public float[] Rates(float[]? before = null)
    {
        var length = Newest?.Length ?? 0;
        var rates = new float[length];
        if (_readings.Length < 2)
        {
            Array.Fill(rates, float.NaN);
            return rates;
        }

        var seconds = new double[_readings.Length];
        for (var i = 0; i < seconds.Length; i++)
        {
            seconds[i] = (_readings[i].At - _readings[0].At).TotalSeconds;
        }

        for (var p = 0; p < length; p++)
        {
            rates[p] = Newest![p] == OffsetsSample.NotAsked && before?.Length == length ? before[p] : Rate(p, seconds);
        }

        return rates;
    }

    private float Rate(int partition, double[] seconds)
    {
        // A single missed reading is bridged; two in a row make the rate unknown.
        var last = Asked(partition, _readings.Length - 1);
        if (last >= 0 && _readings[last].Values[partition] < 0)
        {
            last = Asked(partition, last - 1);
        }

        if (last < 0 || _readings[last].Values[partition] < 0)
        {
            return float.NaN;
        }

        var end = _readings[last].Values[partition];
        var (oldest, oldestAt) = (end, double.NaN);
        for (var i = last - 1; i >= 0; i--)
        {
            var value = _readings[i].Values[partition];
            if (value > oldest)
            {
                return Rate(end, oldest, seconds[last], oldestAt); // truncated or re-created: what was before is another log
            }

            if (value >= 0)
            {
                (oldest, oldestAt) = (value, seconds[i]);
            }
        }

        if (double.IsNaN(oldestAt) && _olderAt is not null && _olderAt[partition] >= 0 && _olderValues![partition] <= end)
        {
            (oldest, oldestAt) = (_olderValues[partition], (_olderAt[partition] - _readings[0].At.ToUnixTimeMilliseconds()) / 1_000.0);
        }

        return Rate(end, oldest, seconds[last], oldestAt);
    }

    private static float Rate(long end, long start, double endAt, double startAt) => (float)((end - start) / (endAt - startAt));

    /// <summary>The newest reading up to an index in which the partition was asked; -1: none.</summary>
    private int Asked(int partition, int from)
    {
        while (from >= 0 && _readings[from].Values[partition] == OffsetsSample.NotAsked)
        {
            from--;
        }

        return from;
    }

    /// <summary>What is older than the window once its first readings are dropped; nothing as long as everybody is asked every time.</summary>
    private (long[]? Values, long[]? At) Older(int dropped, long[] newest)
    {
        if (_olderValues is null && !newest.AsSpan().Contains(OffsetsSample.NotAsked) && !_readings.Any(reading => reading.HasGaps))
        {
            return (null, null);
        }

        var (values, at) = (_olderValues, _olderAt);
        for (var i = 0; i < dropped; i++)
        {
            var reading = _readings[i];
            values = values is null ? Remapping.Filled(reading.Values.Length, -1L) : i == 0 ? (long[])values.Clone() : values;
            at = at is null ? Remapping.Filled(reading.Values.Length, -1L) : i == 0 ? (long[])at.Clone() : at;
            for (var p = 0; p < values.Length; p++)
            {
                (values[p], at[p]) = reading.Values[p] >= 0 ? (reading.Values[p], reading.At.ToUnixTimeMilliseconds()) : (values[p], at[p]);
            }
        }

        return (values, at);
    }

    private sealed record Reading(DateTimeOffset At, long[] Values, bool HasGaps);
}

/// <summary>Arrays of one layout copied into another.</summary>
internal static class Remapping
{
    public static long[] Longs(long[] old, int[] oldOf)
    {
        var next = new long[oldOf.Length];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = oldOf[i] < 0 ? -1 : old[oldOf[i]];
        }

        return next;
    }

    public static float[] Floats(float[] old, int[] oldOf)
    {
        var next = new float[oldOf.Length];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = oldOf[i] < 0 ? float.NaN : old[oldOf[i]];
        }

        return next;
    }

    public static T[] Of<T>(T[] old, int[] oldOf, T missing)
    {
        var next = new T[oldOf.Length];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = oldOf[i] < 0 ? missing : old[oldOf[i]];
        }

        return next;
    }

    public static T[] Filled<T>(int length, T value)
    {
        var array = new T[length];
        Array.Fill(array, value);
        return array;
    }
}
