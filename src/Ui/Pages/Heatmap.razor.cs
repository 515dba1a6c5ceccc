using System.Text.RegularExpressions;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Pages;

/// <summary>Brokers by topics or partitions: where the load sits. A selected rectangle leads to a plan that moves only what it holds.</summary>
public sealed partial class Heatmap
{
    private static readonly (string By, string Word)[] Bys = [("topic", "Topics"), ("partition", "Partitions")];

    private static readonly (string Colour, string Word)[] Colours = [("size", "Size"), ("bytesIn", "Bytes in"), ("replicas", "Replicas"), ("leaders", "Leaders"), ("lag", "Lag")];

    private LoadState<HeatmapDto> _map = new();
    private HeatGrid? _grid;
    private string _typed = "";
    private string? _wrong;
    private string? _asked;
    private (int Top, int Bottom, int Left, int Right)? _selected;
    private IReadOnlyList<PartitionsOfDto> _picked = [];

    private HeatmapQuery Query => new(
        Bys.Any(one => one.By == Frame.Get("by")) ? Frame.Get("by")! : Bys[0].By,
        Colours.Any(one => one.Colour == Frame.Get("colour")) ? Frame.Get("colour")! : Colours[0].Colour,
        Frame.Get("topics"),
        Pager.QueryOf(Frame).Offset,
        Pager.Limit);

    private string PickedText => Query.By == "topic" ? Show.Plural(_picked.Count, "topic") : $"{Show.Plural(_picked.Sum(one => one.Partitions?.Count ?? 0), "partition")} of {Show.Plural(_picked.Count, "topic")}";

    private string Names => string.Join(' ', _picked.Select(one => one.Partitions is { } numbers ? $"{one.Topic}:{string.Join(',', numbers)}" : one.Topic));

    protected override void Reset() => (_map, _grid, _typed, _asked) = (new(), null, Frame.Get("topics") ?? "", null);

    protected override async Task LoadAsync(CancellationToken visit)
    {
        var query = Query;
        Pick(); // a selection is shown at once, whatever the answer takes
        var before = _asked is null || _asked == query.ToString() ? _map : new();
        var map = await FetchAsync("heatmap", before, token => Api.GetHeatmapAsync(Cluster, query, token), visit, answer => answer.Rows.Sum(row => row.At.Count) <= HeatGrid.ManyCells);
        if (visit.IsCancellationRequested)
        {
            return;
        }

        (_map, _asked) = (map, query.ToString());
        _grid = map.Value is { } value ? new(value) : null;
        Pick();
    }

    private void Pick()
    {
        _selected = _grid is { } grid ? CellRange.Parse(Frame.Get("cells"), grid.Rows.Count, grid.Columns.Count) : null;
        _picked = _selected is { } range ? _grid!.Picked(range) : [];
    }

    /// <summary>Half a regular expression is no error of the page: it is told beside the field and not sent.</summary>
    private void Filter()
    {
        try
        {
            _ = new Regex(_typed, RegexOptions.None, TimeSpan.FromMilliseconds(100));
            _wrong = null;
            Frame.Set(("topics", _typed), ("offset", null), ("cells", null));
        }
        catch (ArgumentException exception)
        {
            _wrong = $"Not a regular expression: {exception.Message}";
        }
    }
}
