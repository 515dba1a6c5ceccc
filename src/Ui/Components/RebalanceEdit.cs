using System.Globalization;
using System.Text.RegularExpressions;
using ControlPlane.Contracts;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Components;

/// <summary>
/// The wish for a plan while it is typed: every field as text under the name it has in the address, so that a link carries the whole form.
/// </summary>
public sealed class RebalanceEdit
{
    /// <summary>Written as people write them: shares in percent, bytes in GiB, the throttle in MB/s.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "brokers", "topics", "replicationFactor", "dirs", "lane", "limit", "onlyOntoNamed", "mandatoryOnly", "balanceAfter", "only", "immovable", "excludedTopics", "noReplicasOnto", "noLeadersOnto", "destinations",
        "goals", "band", "diskLimit", "networkLimit", "replicaLimit", "minLeadersTopics", "minLeaders", "brokerSets", "byteBudget", "moveBudget", "deadline", "seed", "polish", "throttle", "moves",
    ];

    private const double GiB = 1024d * 1024 * 1024;
    private const int LongestPattern = 1000;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    public RebalanceMode Mode { get; set; } = RebalanceMode.All[0];

    public string this[string name]
    {
        get => _texts.GetValueOrDefault(name, "");
        set => _texts[name] = value;
    }

    /// <summary>Fills the form from an address.</summary>
    public static RebalanceEdit Read(Func<string, string?> get)
    {
        var edit = new RebalanceEdit { Mode = RebalanceMode.Of(get("mode")) };
        foreach (var name in Names)
        {
            edit[name] = get(name) ?? "";
        }

        return edit;
    }

    /// <summary>The part of the address that fills the form again; what the mode does not take is left out.</summary>
    public (string Name, string? Value)[] Address() =>
        [("mode", Mode.Name), .. Names.Select(name => (name, IsUsed(name) && this[name].Trim() is { Length: > 0 } text ? text : null))];

    /// <summary>How many of the further options are set, so that none acts unseen.</summary>
    public int Further => Names.Count(name => IsFurther(name) && IsUsed(name) && this[name].Trim().Length > 0);

    public bool IsUsed(string name) => name switch
    {
        "lane" or "limit" => Mode.Takes("limits"),
        "brokers" => Mode.Takes("brokers") || Mode.Takes("limits"),
        "deadline" or "seed" or "throttle" or "moves" => true,

        // A repair moves nothing that these could steer, unless the rest is evened afterwards.
        "goals" or "band" or "minLeadersTopics" or "minLeaders" or "byteBudget" or "moveBudget" or "polish" when Mode.Takes("balanceAfter") => this["balanceAfter"].Length > 0,
        _ => Mode.Takes(name),
    };

    /// <summary>What is wrong with each field, by its name; empty where the wish can be sent.</summary>
    public IReadOnlyDictionary<string, string> Errors()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Names.Where(IsUsed))
        {
            if (ErrorOf(name, this[name].Trim()) is { } error)
            {
                found[name] = error;
            }
        }

        return found;
    }

    /// <summary>Whether the plan is answered at once, without a search to watch: a repair that moves only what is lost.</summary>
    public bool IsAtOnce => Mode.Name == "fix-offline" && Text("balanceAfter") is null;

    /// <summary>Only while there are no errors.</summary>
    public CreatePlanRequest Request() => new(Mode.Name, IsUsed("brokers") && !Mode.Takes("limits") ? Ids("brokers") : null, null, (int?)Number("moves"), Scaled("throttle", 1e6), Mode.Name == "fix-offline" && Options() == new PlanOptionsDto() ? null : Options());

    private PlanOptionsDto Options() => new(
        Goals: Lines("goals") is { Length: > 0 } goals ? goals : null,
        Band: Number("band") / 100,
        DiskLimit: Number("diskLimit") / 100,
        ReplicaLimit: Number("replicaLimit"),
        ExcludedTopics: Text("excludedTopics"),
        NoReplicasOnto: Ids("noReplicasOnto"),
        NoLeadersOnto: Ids("noLeadersOnto"),
        Destinations: Ids("destinations"),
        OnlyOntoNamed: Text("onlyOntoNamed") is not null,
        MandatoryOnly: Text("mandatoryOnly") is not null ? true : Text("balanceAfter") is not null ? false : null,
        Immovable: Selected("immovable"),
        Only: Selected("only"),
        Topics: Text("topics"),
        ReplicationFactor: (int?)Number("replicationFactor"),
        Dirs: Lines("dirs").Select(PlanLists.Dir).OfType<LogDirNameDto>().ToArray() is { Length: > 0 } dirs ? dirs : null,
        Limits: Mode.Takes("limits") && Number("limit") is { } limit ? [new(Lane, Lanes.IsCount(Lane) ? limit : limit / 100, Ids("brokers"))] : null,
        MinLeadersTopics: Text("minLeadersTopics"),
        MinLeaders: (int?)Number("minLeaders"),
        BrokerSets: Lines("brokerSets").Select(PlanLists.BrokerSet).OfType<BrokerSetDto>().ToArray() is { Length: > 0 } sets ? sets : null,
        ByteBudget: Scaled("byteBudget", GiB),
        MoveBudget: (int?)Number("moveBudget"),
        DeadlineSeconds: Number("deadline"),
        Seed: (long?)Number("seed"),
        Polish: Text("polish") is null ? null : false,
        NetworkLimit: Number("networkLimit") / 100);

    private string Lane => this["lane"].Length == 0 ? Lanes.Limitable[0] : this["lane"];

    private static bool IsFurther(string name) => name is not ("brokers" or "topics" or "replicationFactor" or "dirs" or "lane" or "limit" or "onlyOntoNamed" or "mandatoryOnly" or "balanceAfter" or "only" or "throttle" or "moves");

    private string? ErrorOf(string name, string text)
    {
        if (text.Length == 0)
        {
            return Mode.Needs(name is "limit" ? "limits" : name) ? "This is needed" : name == "minLeaders" && Text("minLeadersTopics") is not null ? "This is needed" : null;
        }

        return name switch
        {
            "brokers" or "noReplicasOnto" or "noLeadersOnto" or "destinations" => Words.ReadBrokers(text) is null ? "A list of broker ids is needed, such as 4, 5" : null,
            "topics" or "excludedTopics" or "minLeadersTopics" => PatternError(text),
            "dirs" => PlanLists.Split(text).Any(line => PlanLists.Dir(line) is null) ? "One a line, broker and path: 4:/var/lib/kafka/data-1" : null,
            "brokerSets" => PlanLists.Split(text).Any(line => PlanLists.BrokerSet(line) is null) ? "One a line, name and brokers: fast: 1, 2, 3" : null,
            "only" or "immovable" => PlanLists.Selection(text) is null ? "Topics, or topic:partitions, one a line: orders:0,3,7" : null,
            "lane" => Lanes.Limitable.Contains(text, StringComparer.Ordinal) ? null : $"One of {string.Join(", ", Lanes.Limitable)} is needed",
            "limit" => Lanes.IsCount(Lane) ? Whole(text, 0, 1_000_000) : Range(text, 1, 100, "percent of the capacity"),
            "replicationFactor" => Whole(text, 1, 100),
            "band" => Range(text, 0.1, 100, "percent"),
            "diskLimit" or "networkLimit" => Range(text, 1, 100, "percent"),
            "replicaLimit" or "minLeaders" => Whole(text, 1, 1_000_000),
            "moves" => Whole(text, 1, 1000),
            "moveBudget" => Whole(text, 0, int.MaxValue),
            "byteBudget" => Range(text, 0, 1e9, "GiB"),
            "deadline" => Range(text, 1, 600, "seconds"),
            "seed" => Whole(text, 0, 9e15),
            "throttle" => Parse(text) is 0 ? null : Range(text, 1, 100_000, "MB/s; 0 for none"),
            _ => null,
        };
    }

    private static string? PatternError(string text)
    {
        try
        {
            _ = new Regex(text, RegexOptions.None, TimeSpan.FromMilliseconds(100));
            return text.Length > LongestPattern ? $"At most {LongestPattern} characters" : null;
        }
        catch (ArgumentException exception)
        {
            return $"Not a regular expression: {exception.Message}";
        }
    }

    private static string? Whole(string text, double least, double most) =>
        Parse(text) is { } value && value >= least && value <= most && Math.Floor(value) == value ? null : $"A whole number from {Show.Raw(least)} to {Text(most)} is needed";

    private static string? Range(string text, double least, double most, string unit) =>
        Parse(text) is { } value && value >= least && value <= most ? null : $"A number from {Show.Raw(least)} to {Text(most)} is needed ({unit})";

    private static string? Text(double most) => Show.Number((long)most);

    private static double? Parse(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    private string? Text(string name) => IsUsed(name) && this[name].Trim() is { Length: > 0 } text ? text : null;

    private double? Number(string name) => Text(name) is { } text ? Parse(text) : null;

    private long? Scaled(string name, double unit) => Number(name) is { } value ? (long)Math.Round(value * unit) : null;

    private IReadOnlyList<int>? Ids(string name) => Text(name) is { } text && Words.ReadBrokers(text) is { Count: > 0 } ids ? ids : null;

    private string[] Lines(string name) => Text(name) is { } text ? PlanLists.Split(text) : [];

    private IReadOnlyList<PartitionsOfDto>? Selected(string name) => Text(name) is { } text && PlanLists.Selection(text) is { Count: > 0 } found ? found : null;
}
