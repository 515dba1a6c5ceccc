using System.Collections.Immutable;

namespace ControlPlane.Engine.Sampling;

/// <summary>
/// Readings of a growing counter per partition over the last minute or so, each reading one flat array (-1: unknown then).
/// Immutable: the arrays are shared between one window and the next, and never changed.
/// </summary>
public sealed class CounterWindow
{
    public static CounterWindow Empty { get; } = new([]);

    private readonly ImmutableArray<Reading> _readings;

    private CounterWindow(ImmutableArray<Reading> readings) => _readings = readings;

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

        return new CounterWindow([.. _readings[first..], new Reading(at, values)]);
    }

    /// <summary>The same window for another layout; -1 in <paramref name="oldOf"/> is a partition without a past.</summary>
    public CounterWindow Remap(int[] oldOf) =>
        new([.. _readings.Select(reading => new Reading(reading.At, Remapping.Longs(reading.Values, oldOf)))]);

    /// <summary>Per second and partition; NaN with fewer than two readings since the counter last went backwards.</summary>
    public float[] Rates()
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
            rates[p] = Rate(p, seconds);
        }

        return rates;
    }

    private float Rate(int partition, double[] seconds)
    {
        // A single missed reading is bridged; two in a row make the rate unknown.
        var last = _readings.Length - 1;
        if (_readings[last].Values[partition] < 0)
        {
            last--;
        }

        var end = _readings[last].Values[partition];
        if (end < 0)
        {
            return float.NaN;
        }

        var (oldest, oldestAt) = (end, -1.0);
        for (var i = last - 1; i >= 0; i--)
        {
            var value = _readings[i].Values[partition];
            if (value > oldest)
            {
                break; // truncated or re-created: what was before is another log
            }

            if (value >= 0)
            {
                (oldest, oldestAt) = (value, seconds[i]);
            }
        }

        return oldestAt < 0 ? float.NaN : (float)((end - oldest) / (seconds[last] - oldestAt));
    }

    private readonly record struct Reading(DateTimeOffset At, long[] Values);
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
