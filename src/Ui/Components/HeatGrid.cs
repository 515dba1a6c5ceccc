using ControlPlane.Contracts;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Components;

/// <summary>A heatmap of the API as the cells, words and texts that the map draws, and what a selected rectangle of it holds.</summary>
public sealed class HeatGrid
{
    /// <summary>Of more cells than this the browser is told the state only: the texts would weigh more than the page.</summary>
    public const int ManyCells = 20_000;

    private const int LongestName = 28;
    private const int Unknown = 5;

    /// <summary>Loads are spread over powers of ten; even steps would leave all but the largest in the first.</summary>
    private static readonly double[] Steps = [1 / 64.0, 1 / 16.0, 1 / 4.0, 1];

    private readonly HeatmapDto _map;

    public HeatGrid(HeatmapDto map)
    {
        _map = map;
        Rows = [.. map.Rows.Select(row => NameOf(row, isShort: true))];
        Columns = [.. map.Brokers.Select(broker => Show.Raw((long?)broker.BrokerId)!)];
        States = StatesOf(map);
        var cells = new int[map.Rows.Count * map.Brokers.Count];
        var texts = new string?[cells.Length];
        Array.Fill(cells, -1);
        var isTold = map.Rows.Sum(row => row.At.Count) <= ManyCells;
        for (var row = 0; row < map.Rows.Count; row++)
        {
            for (var i = 0; i < map.Rows[row].At.Count; i++)
            {
                var at = (row * map.Brokers.Count) + map.Rows[row].At[i];
                var value = i < map.Rows[row].Values.Count ? map.Rows[row].Values[i] : null;
                (cells[at], texts[at]) = (StateOf(value), isTold ? TextOf(map.Rows[row], map.Brokers[map.Rows[row].At[i]], value) : null);
            }
        }

        (Cells, Texts) = (cells, texts);
    }

    public IReadOnlyList<string> Rows { get; }

    public IReadOnlyList<string> Columns { get; }

    public IReadOnlyList<int> Cells { get; }

    public IReadOnlyList<string?> Texts { get; }

    public IReadOnlyList<(string Css, string Word)> States { get; }

    /// <summary>The topics or partitions that have something on the brokers of a rectangle.</summary>
    public IReadOnlyList<PartitionsOfDto> Picked((int Top, int Bottom, int Left, int Right) range)
    {
        var rows = _map.Rows.Skip(range.Top).Take(range.Bottom - range.Top + 1).Where(row => row.At.Any(at => at >= range.Left && at <= range.Right)).ToList();
        return [.. rows.GroupBy(row => row.Topic, StringComparer.Ordinal).Select(topic => new PartitionsOfDto(topic.Key, topic.Any(row => row.Partition is null) ? null : [.. topic.Select(row => row.Partition!.Value).Order()]))];
    }

    /// <summary>Which broker carries most, beside the mean; null where the sums are not known.</summary>
    public string? Sentence()
    {
        var known = _map.BrokerTotals.Select((total, i) => (total, i)).Where(one => one.total is not null && one.i < _map.Brokers.Count).ToList();
        if (known.Count < 2 || known.Average(one => one.total!.Value) is not (> 0 and var mean))
        {
            return null;
        }

        var (most, least) = (known.MaxBy(one => one.total), known.MinBy(one => one.total));
        return $"Broker {_map.Brokers[most.i].BrokerId} carries most, {Value(most.total)}, {Show.Raw(Math.Round(most.total!.Value / mean, 2))} times the mean; broker {_map.Brokers[least.i].BrokerId} least, {Value(least.total)}.";
    }

    private string? Value(double? value) => _map.Unit == "messages" ? Show.Compact(value) : Lanes.Value(_map.Unit, value);

    private int StateOf(double? value) => value switch
    {
        null => Unknown,
        <= 0 => 0,
        { } known when _map.Largest is > 0 and var largest => 1 + Math.Clamp(Array.FindIndex(Steps, step => known <= step * largest * (1 + 1e-9)), 0, Steps.Length - 1),
        _ => 1,
    };

    private (string, string)[] StatesOf(HeatmapDto map) =>
    [
        ("none", map is { By: "partition", Colour: "leaders" } ? "follower" : $"0 {What(map.Colour)}"),
        .. Steps.Select((step, i) => ($"lag{i + 1}", map is { By: "partition", Colour: "leaders" } ? "leader" : $"up to {Edge(step * (map.Largest ?? 0))}")),
        ("unknown", "not known"),
    ];

    private string Edge(double value) => (_map.Unit == "count" ? Show.Compact(Math.Max(1, Math.Floor(value))) : Value(value)) ?? "";

    private string TextOf(HeatRowDto row, BrokerPlaceDto broker, double? value) => string.Join('\n', new[]
    {
        NameOf(row, isShort: false),
        $"broker {broker.BrokerId}{(broker.Rack is { } rack ? $", {rack}" : "")}{(broker.State == "alive" ? "" : $", {broker.State}")}{(row.Leader == broker.BrokerId ? ", leads it" : row.Leader is null ? "" : ", follows")}",
        $"{What(_map.Colour)}: {Value(value) ?? "not known"}",
        row.Total is { } total ? $"of {Value(total)} on all brokers" : "the sum of its row is not known",
    });

    public static string What(string colour) => colour switch { "bytesIn" => "bytes in", "replicas" => "replicas", "leaders" => "leaders", "size" => "size", _ => "messages behind" };

    // The axis is no place for 249 characters; the card under the pointer has all of them.
    private static string NameOf(HeatRowDto row, bool isShort)
    {
        var name = isShort && row.Topic.Length > LongestName ? $"{row.Topic[..14]}…{row.Topic[^13..]}" : row.Topic;
        return row.Partition is { } partition ? $"{name}-{partition}" : name;
    }
}
