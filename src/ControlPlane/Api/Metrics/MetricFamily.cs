using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ControlPlane.Api.Metrics;

/// <summary>How a family is typed in the exposition.</summary>
internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One instrument with its series.</summary>
internal sealed class MetricFamily
{
    private static readonly double[] SecondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] BytesBuckets = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];
    private static readonly double[] CountBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly bool _isObservable;
    private readonly bool _addsUp;

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        _isObservable = instrument.IsObservable;
        _addsUp = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        Name = Clean(instrument.Name);
        Help = instrument.Description ?? "";
        Type = kind == typeof(Histogram<>) ? MetricType.Histogram
            : kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? MetricType.Counter
            : MetricType.Gauge;
        Bounds = Type != MetricType.Histogram ? [] : Advised(instrument) ?? instrument.Unit switch
        {
            "s" => SecondsBuckets,
            "By" => BytesBuckets,
            _ when instrument.Name.EndsWith("_seconds", StringComparison.Ordinal) => SecondsBuckets,
            _ when instrument.Name.EndsWith("_bytes", StringComparison.Ordinal) => BytesBuckets,
            _ => CountBuckets,
        };
    }

    public string Name { get; }

    public string Help { get; }

    public MetricType Type { get; }

    /// <summary>Upper bounds of a histogram's buckets, without +Inf.</summary>
    public double[] Bounds { get; }

    public IEnumerable<MetricSeries> Series => _series.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = Labels(tags, out var cluster);
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MetricsReader.MaxSeries)
            {
                return;
            }

            series = _series.GetOrAdd(key, static (labels, state) => new MetricSeries(labels, state.cluster, state.buckets), (cluster, buckets: Bounds.Length + 1));
        }

        if (Type == MetricType.Histogram)
        {
            series.Observe(value, Bounds);
        }
        else if (_addsUp)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    /// <summary>Observable instruments say everything anew at each scrape.</summary>
    public void Begin()
    {
        if (_isObservable)
        {
            _series.Clear();
        }
    }

    public void Drop(Func<string, bool> isOwned)
    {
        foreach (var (key, series) in _series)
        {
            if (series.Cluster is { } cluster && !isOwned(cluster))
            {
                _series.TryRemove(key, out _);
            }
        }
    }

    /// <summary>The labels as they are written, sorted by name; also the key of the series.</summary>
    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags, out string? cluster)
    {
        cluster = null;
        if (tags.IsEmpty)
        {
            return "";
        }

        var sorted = tags.ToArray();
        Array.Sort(sorted, static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        var text = new StringBuilder();
        foreach (var (name, value) in sorted)
        {
            var word = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            cluster = name == "cluster" ? word : cluster;
            text.Append(text.Length == 0 ? "" : ",").Append(Clean(name)).Append("=\"");
            Escape(text, word).Append('"');
        }

        return text.ToString();
    }

    private static StringBuilder Escape(StringBuilder text, string value)
    {
        foreach (var c in value) // halves of a pair that stand alone become the replacement character when the text is written
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(c),
            };
        }

        return text;
    }

    private static string Clean(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        }

        return text.Length > 0 && char.IsAsciiDigit(text[0]) ? $"_{text}" : text.ToString();
    }

    private static double[]? Advised(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => null,
    };
}

/// <summary>One combination of labels.</summary>
internal sealed class MetricSeries(string labels, string? cluster, int buckets)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = new long[buckets];
    private double _value;
    private long _count;

    public string Labels => labels;

    public string? Cluster => cluster;

    public void Add(double value)
    {
        lock (_gate)
        {
            _value += value;
        }
    }

    public void Set(double value)
    {
        lock (_gate)
        {
            _value = value;
        }
    }

    public void Observe(double value, double[] bounds)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        var bucket = Array.BinarySearch(bounds, value);
        lock (_gate)
        {
            _buckets[bucket < 0 ? ~bucket : bucket]++;
            _value += value;
            _count++;
        }
    }

    /// <summary>Value or sum, count, and counts by bucket, all of one moment.</summary>
    public (double Value, long Count, long[] Buckets) Read()
    {
        lock (_gate)
        {
            return (_value, _count, [.. _buckets]);
        }
    }
}
