using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Optimize;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>What every mode of the optimizer may be told, and how it becomes the API's request.</summary>
internal sealed class OptimizerOptions
{
    private readonly Option<string?> _goals = new("--goals") { Description = "Goals in order of importance, separated by commas; Cruise Control's names", HelpName = "A,B" };
    private readonly Option<double?> _band = new("--band") { Description = "Half width of a balance band such as 0.09, or 0.05 for tight", HelpName = "SHARE" };
    private readonly Option<string?> _excluded = new("--exclude-topics") { Description = "Topics whose replicas stay: a regular expression over the whole name", HelpName = "REGEX" };
    private readonly Option<string?> _noReplicas = new("--no-replicas-onto") { Description = "Brokers that receive no replica", HelpName = "1,2" };
    private readonly Option<string?> _noLeaders = new("--no-leaders-onto") { Description = "Brokers that receive no leadership", HelpName = "1,2" };
    private readonly Option<string?> _destinations = new("--destinations") { Description = "The only brokers that receive replicas", HelpName = "1,2" };
    private readonly Option<double?> _diskLimit = new("--disk-limit") { Description = "Share of a disk that may be full (0.8)", HelpName = "SHARE" };
    private readonly Option<double?> _networkLimit = new("--network-limit") { Description = "Share of the network that may be used, each way (0.8)", HelpName = "SHARE" };
    private readonly Option<double?> _replicaLimit = new("--replica-limit") { Description = "Most replicas of one broker (10000)", HelpName = "N" };
    private readonly Option<string[]> _only = Many("--only", "Nothing else moves: a topic, or some partitions of it such as orders:0,3; may be repeated", "TOPIC[:N,N]");
    private readonly Option<string[]> _immovable = Many("--immovable", "Stays unless it is offline: a topic, or some partitions of it; may be repeated", "TOPIC[:N,N]");
    private readonly Option<string?> _minLeadersTopics = new("--min-leaders-topics") { Description = "Topics of which each broker shall lead some partitions: a regular expression over the whole name", HelpName = "REGEX" };
    private readonly Option<int?> _minLeaders = new("--min-leaders") { Description = "How many (1)", HelpName = "N" };
    private readonly Option<string[]> _brokerSets = Many("--broker-set", "Brokers that keep their topics among themselves, such as blue=1,2,3; may be repeated", "NAME=IDS");
    private readonly Option<bool> _noPolish = new("--no-polish") { Description = "Leave leadership as soon as the goals are met" };
    private readonly Option<bool> _mandatory = new("--mandatory-only") { Description = "Only what the mode must do; no balancing afterwards" };
    private readonly Option<string?> _bytes = new("--byte-budget") { Description = "Most to copy beyond what is mandatory, such as 500GB", HelpName = "SIZE" };
    private readonly Option<int?> _moves = new("--move-budget") { Description = "Most replicas moved beyond what is mandatory", HelpName = "N" };
    private readonly Option<long?> _seed = new("--seed") { Description = "The same input and seed give the same plan", HelpName = "N" };
    private readonly Option<string?> _deadline = new("--deadline") { Description = "The best plan until then is taken, such as 30s; without it 60s", HelpName = "TIME" };
    private readonly Option<string?> _throttle = new("--throttle") { Description = "Replication throttle per broker such as 50MB/s, or 0 for none", HelpName = "RATE" };
    private readonly Option<int?> _movesPerBroker = new("--moves-per-broker") { Description = "Most partitions a broker sends or receives at a time", HelpName = "N" };

    public Symbol[] All =>
    [
        _goals, _band, _diskLimit, _networkLimit, _replicaLimit, _excluded, _only, _immovable, _noReplicas, _noLeaders, _destinations, _minLeadersTopics, _minLeaders, _brokerSets,
        _noPolish, _mandatory, _bytes, _moves, _seed, _deadline, _throttle, _movesPerBroker,
    ];

    public CreatePlanRequest Read(Invocation run, string mode, IReadOnlyList<int>? brokers, Func<PlanOptionsDto, PlanOptionsDto> of)
    {
        var options = new PlanOptionsDto(
            Goals: Words(run.Get(_goals)),
            Band: run.Get(_band),
            DiskLimit: run.Get(_diskLimit),
            ReplicaLimit: run.Get(_replicaLimit),
            ExcludedTopics: run.Get(_excluded),
            NoReplicasOnto: Brokers(run.Get(_noReplicas), "--no-replicas-onto"),
            NoLeadersOnto: Brokers(run.Get(_noLeaders), "--no-leaders-onto"),
            Destinations: Brokers(run.Get(_destinations), "--destinations"),
            MandatoryOnly: run.Get(_mandatory) ? true : null,
            Immovable: Partitions(run.Get(_immovable), "--immovable"),
            Only: Partitions(run.Get(_only), "--only"),
            MinLeadersTopics: run.Get(_minLeadersTopics),
            MinLeaders: run.Get(_minLeaders),
            BrokerSets: Sets(run.Get(_brokerSets)),
            ByteBudget: WishWords.Size("--byte-budget", run.Get(_bytes)),
            MoveBudget: run.Get(_moves),
            DeadlineSeconds: Seconds(run.Get(_deadline)),
            Seed: run.Get(_seed),
            Polish: run.Get(_noPolish) ? false : null,
            NetworkLimit: run.Get(_networkLimit));
        return new CreatePlanRequest(mode, brokers, null, run.Get(_movesPerBroker), run.Get(_throttle) is { } rate ? PlanCommands.ReadRate(rate) : null, of(options));
    }

    /// <summary>Ids separated by commas; null where the option was not given.</summary>
    public static IReadOnlyList<int>? Brokers(string? text, string option) =>
        text is null ? null : Numbers(text) ?? throw new CliException($"{option} '{text}' is no list of brokers", "broker ids separated by commas", $"for example {option} 1,2");

    private static List<int>? Numbers(string text)
    {
        var found = new List<int>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            found.Add(number);
        }

        return found;
    }

    /// <summary>No topic of Kafka has a colon.</summary>
    private static PartitionsOfDto[]? Partitions(string[] texts, string option) => texts.Length == 0 ? null :
    [
        .. texts.Select(text => text.Split(':') switch
        {
            [{ Length: > 0 } topic] => new PartitionsOfDto(topic),
            [{ Length: > 0 } topic, var listed] when Numbers(listed) is { } numbers => new PartitionsOfDto(topic, numbers),
            _ => throw new CliException($"{option} '{text}' is no selection", "a topic, or a topic, a colon and partitions", $"for example {option} orders:0,3"),
        }),
    ];

    private static BrokerSetDto[]? Sets(string[] texts) => texts.Length == 0 ? null :
    [
        .. texts.Select(text => text.Split('=') is [{ Length: > 0 } name, var ids]
            ? new BrokerSetDto(name, Brokers(ids, "--broker-set")!)
            : throw new CliException($"--broker-set '{text}' is no set of brokers", "a name, an equals sign and broker ids", "for example --broker-set blue=1,2,3")),
    ];

    private static Option<string[]> Many(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => [] };

    private static string[]? Words(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Seconds out of 30s, 2m or a bare number.</summary>
    private static double? Seconds(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var (digits, unit) = text.Trim() is [.. var number, 's' or 'm'] whole ? (number, whole[^1] == 'm' ? 60 : 1) : (text.Trim(), 1);
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value * unit
            : throw new CliException($"--deadline '{text}' is no time", "seconds or minutes", "for example --deadline 30s");
    }
}
