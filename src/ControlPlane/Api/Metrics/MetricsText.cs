using System.Globalization;
using System.Text;

namespace ControlPlane.Api.Metrics;

/// <summary>Writes the Prometheus text exposition format, version 0.0.4.</summary>
internal sealed class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(64 * 1024);

    public override string ToString() => _text.ToString();

    public void Write(MetricFamily family)
    {
        var begun = false;
        foreach (var series in family.Series)
        {
            if (!begun)
            {
                Head(family.Name, family.Help, family.Type);
                begun = true;
            }

            var (value, count, buckets) = series.Read();
            if (family.Type != MetricType.Histogram)
            {
                Sample(family.Name, series.Labels, value);
                continue;
            }

            var sum = 0L;
            for (var bucket = 0; bucket < buckets.Length; bucket++)
            {
                sum += buckets[bucket];
                var bound = bucket < family.Bounds.Length ? Number(family.Bounds[bucket]) : "+Inf";
                Sample($"{family.Name}_bucket", Join(series.Labels, $"le=\"{bound}\""), sum);
            }

            Sample($"{family.Name}_sum", series.Labels, value);
            Sample($"{family.Name}_count", series.Labels, count);
        }
    }

    public void Single(string name, string help, MetricType type, double value, string labels = "")
    {
        Head(name, help, type);
        Sample(name, labels, value);
    }

    public void Head(string name, string help, MetricType type)
    {
        if (help.Length > 0)
        {
            _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        }

        _text.Append("# TYPE ").Append(name).Append(' ').Append(type switch
        {
            MetricType.Counter => "counter",
            MetricType.Gauge => "gauge",
            MetricType.Histogram => "histogram",
            _ => throw new InvalidOperationException($"Unhandled metric type {type}"),
        }).Append('\n');
    }

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Join(string labels, string more) => labels.Length == 0 ? more : $"{labels},{more}";

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
