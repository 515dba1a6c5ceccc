using System.Globalization;
using System.Text.Json;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Format;
using ControlPlane.Ui.Layout;
using Microsoft.AspNetCore.Components;

namespace ControlPlane.Ui.Components;

/// <summary>
/// Curves over time. The server draws them (so they are in the first paint and in print); the browser adds the crosshair that all charts of a
/// page share and the drag that zooms all of them.
/// </summary>
public sealed partial class TimeChart : IDisposable
{
    private const int MostSeries = 8;

    private static readonly string[] Verdicts = ["OK", "WARN", "ERR"];

    private IReadOnlyList<Line> _lines = [];
    private IReadOnlyList<(double From, double To)> _gaps = [];
    private IReadOnlyList<(double Share, string Text)> _ticks = [];
    private IReadOnlyList<(double Share, DateTimeOffset At, string? Css)> _times = [];
    private ClockFormat _clock;
    private double _high = 1;
    private string _points = "";
    private string? _only;
    private IReadOnlyList<EventMark> _marks = [];
    private readonly CancellationTokenSource _gone = new();
    private HistoryDto? _drawn;

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>Null while it loads.</summary>
    [Parameter, EditorRequired] public HistoryDto? History { get; set; }

    /// <summary>Which of the metrics, in this order, and what they are called.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<(string Metric, string Name)> Metrics { get; set; } = [];

    [Parameter] public double? Threshold { get; set; }

    [Parameter] public string? ThresholdName { get; set; }

    private string Spoken => $"{Title}: " + string.Join(", ", _lines.Select(line => $"{line.Name} now {line.Last ?? "unknown"}"));

    [Inject] private LiveUpdates Live { get; set; } = null!;

    [Inject] private Frame Frame { get; set; } = null!;

    protected override async Task OnParametersSetAsync()
    {
        if (History is null || ReferenceEquals(History, _drawn))
        {
            return;
        }

        _drawn = History;
        Draw(History);
        if (RendererInfo.IsInteractive && Frame.Cluster is { } cluster)
        {
            var drawn = History; // marks follow when they are here: the curves don't wait for them
            var events = await Live.Events.OfAsync(cluster, drawn.From, drawn.To, _gone.Token);
            if (ReferenceEquals(drawn, _drawn))
            {
                _marks = EventMark.Of(events, drawn.From, drawn.To);
            }
        }
    }

    public void Dispose() => _gone.Cancel();

    /// <summary>By name, because after a renewal the same curve may stand at another place.</summary>
    private void Isolate(string name) => _only = _only == name ? null : name;

    private void Draw(HistoryDto history)
    {
        var chosen = Metrics.SelectMany(metric => history.Series.Where(series => string.Equals(series.Metric, metric.Metric, StringComparison.Ordinal)).Select(series => (metric.Name, series)))
            .Where(pair => pair.series.Values.Any(value => value is not null)).ToList();
        var unit = chosen.Count > 0 ? chosen[0].series.Unit : "count";
        var curves = Fold([.. chosen.Select(pair => (NameOf(pair.Name, pair.series.Object, chosen.Count > Metrics.Count), pair.series.Values))]);
        var most = Math.Max(curves.Count == 0 ? 0 : curves.Max(curve => curve.Values.Max() ?? 0), Threshold ?? 0);
        _high = unit switch { "ratio" => 1, "burrow_status" => Verdicts.Length, "seconds" => ChartPath.RoundUpTime(most), _ => ChartPath.RoundUp(most, unit == "bytes") };
        _lines = [.. curves.Select((curve, index) => new Line(index, curve.Name, ChartPath.Of(curve.Values, 0, _high, 1000, 100), Show.Of(unit, curve.Values.LastOrDefault(value => value is not null))))];
        _only = _lines.Any(line => line.Name == _only) ? _only : null;
        _gaps = ChartPath.Gaps([.. curves.Select(curve => curve.Values)]);
        _points = JsonSerializer.Serialize(curves.Select(curve => curve.Values.Select(value => Show.Of(unit, value))));
        _ticks = unit == "burrow_status" ? [.. Verdicts.Select((word, at) => ((at + 1.0) / Verdicts.Length, word))] : [.. new[] { 0, 0.25, 0.5, 0.75, 1 }.Where(share => unit != "count" || _high * share % 1 == 0).Select(share => (share, Show.OnAxis(unit, _high * share, _high, isNamed: share == 1)))];
        var span = history.To - history.From;
        _clock = span > TimeSpan.FromHours(36) ? ClockFormat.Day : span < TimeSpan.FromMinutes(10) ? ClockFormat.Time : ClockFormat.Minute;
        var count = _clock == ClockFormat.Day ? 2 : 4;
        _times = [.. Enumerable.Range(0, count + 1).Select(i => (i / (double)count, history.From + (span * i / count), i == 0 ? "first" : i == count ? "last" : null))];
    }

    /// <summary>Eight curves can be told apart; the smallest of more become their sum.</summary>
    private static IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> Fold(IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> curves)
    {
        if (curves.Count <= MostSeries)
        {
            return curves;
        }

        var bySize = curves.OrderByDescending(curve => curve.Values.Sum() ?? 0).ToList();
        var rest = bySize.Skip(MostSeries - 1).Select(curve => curve.Values).ToList();
        var others = Enumerable.Range(0, rest.Max(values => values.Count))
            .Select(i => rest.Any(values => i < values.Count && values[i] is not null) ? rest.Sum(values => i < values.Count ? values[i] ?? 0 : 0) : (double?)null);
        return [.. bySize.Take(MostSeries - 1), (string.Create(CultureInfo.InvariantCulture, $"{rest.Count} others"), [.. others])];
    }

    private static string NameOf(string metric, string item, bool isMany) => isMany && item.Length > 0 ? item[(item.IndexOf(':', StringComparison.Ordinal) + 1)..] : metric;

    private static string Css(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private sealed record Line(int Index, string Name, IReadOnlyList<string> Paths, string? Last);
}
