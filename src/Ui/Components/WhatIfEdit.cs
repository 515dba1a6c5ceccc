using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ControlPlane.Contracts;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Components;

/// <summary>One change of a what-if while it is typed, and a list of them as it stands in the address.</summary>
public sealed class WhatIfEdit
{
    public static IReadOnlyList<(string Kind, string Word)> Kinds { get; } =
        [("lose-brokers", "Lose brokers"), ("lose-rack", "Lose a rack"), ("add-brokers", "Add brokers"), ("scale-topics", "More or less traffic"), ("retention", "Longer or shorter retention"), ("replication-factor", "Another replication factor")];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public string Kind { get; set; } = Kinds[0].Kind;

    public string Brokers { get; set; } = "";

    public string Rack { get; set; } = "";

    public string Count { get; set; } = "";

    public string Like { get; set; } = "";

    public string Topics { get; set; } = "";

    public string Factor { get; set; } = "";

    public string Replicas { get; set; } = "";

    public bool TakesTopics => Kind is "scale-topics" or "retention" or "replication-factor";

    /// <summary>The changes that an address names; null where it names what is none.</summary>
    public static IReadOnlyList<WhatIfChangeDto>? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        try
        {
            var found = JsonSerializer.Deserialize<List<WhatIfChangeDto>>(text, Json);
            return found is not null && found.TrueForAll(change => change is { Kind: not null } && Kinds.Any(kind => kind.Kind == change.Kind)) ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string? Write(IReadOnlyList<WhatIfChangeDto> changes) => changes.Count == 0 ? null : JsonSerializer.Serialize(changes, Json);

    public static string Sentence(WhatIfChangeDto change) => change.Kind switch
    {
        "lose-brokers" => $"Lose broker {Words.Brokers(change.Brokers ?? [])}",
        "lose-rack" => $"Lose rack {change.Rack}",
        "add-brokers" => $"Add {Show.Plural(change.Count ?? 0, "broker")} {(change.Rack is { } rack ? $"in {rack}" : "over the racks")}{(change.LikeBroker is { } like ? $", each like broker {like}" : "")}",
        "scale-topics" => $"{change.Topics} carry {Times(change.Factor)} the traffic and size",
        "retention" => $"{change.Topics} keep {Times(change.Factor)} as much",
        "replication-factor" => $"{change.Topics} have {Show.Plural(change.ReplicationFactor ?? 0, "replica")}",
        _ => change.Kind,
    };

    /// <summary>What is wrong with it; null where it can be asked.</summary>
    public string? Error() => Kind switch
    {
        "lose-brokers" => Words.ReadBrokers(Brokers) is { Count: > 0 } ? null : "Broker ids are needed, such as 4, 5",
        "lose-rack" => Rack.Trim().Length > 0 ? null : "The name of a rack is needed",
        "add-brokers" => Whole(Count, 1, 1000) is null ? "A number of brokers from 1 to 1000 is needed" : Like.Trim().Length > 0 && Whole(Like, 0, int.MaxValue) is null ? "The id of a broker is needed, or nothing" : null,
        _ => PatternError() ?? (Kind == "replication-factor"
            ? Whole(Replicas, 1, 100) is null ? "A number of replicas from 1 to 100 is needed" : null
            : Number(Factor) is > 0 and <= 1000 ? null : "A factor above 0 is needed: 2 doubles, 0.5 halves"),
    };

    /// <summary>Only while there is no error.</summary>
    public WhatIfChangeDto Change() => Kind switch
    {
        "lose-brokers" => new(Kind, Brokers: Words.ReadBrokers(Brokers)),
        "lose-rack" => new(Kind, Rack: Rack.Trim()),
        "add-brokers" => new(Kind, Rack: Rack.Trim() is { Length: > 0 } rack ? rack : null, Count: Whole(Count, 1, 1000), LikeBroker: Whole(Like, 0, int.MaxValue)),
        "replication-factor" => new(Kind, Topics: Topics.Trim(), ReplicationFactor: Whole(Replicas, 1, 100)),
        _ => new(Kind, Topics: Topics.Trim(), Factor: Number(Factor)),
    };

    private string? PatternError()
    {
        if (Topics.Trim().Length == 0)
        {
            return "Topics are needed, as a regular expression over the whole name";
        }

        try
        {
            _ = new Regex(Topics.Trim(), RegexOptions.None, TimeSpan.FromMilliseconds(100));
            return null;
        }
        catch (ArgumentException exception)
        {
            return $"Not a regular expression: {exception.Message}";
        }
    }

    private static string Times(double? factor) => $"{Show.Raw(factor)} ×";

    private static int? Whole(string text, int least, int most) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null;

    private static double? Number(string text) => double.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
