using System.CommandLine;
using System.Globalization;
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
    private readonly Option<bool> _mandatory = new("--mandatory-only") { Description = "Only what the mode must do; no balancing afterwards" };
    private readonly Option<long?> _bytes = new("--byte-budget") { Description = "Most bytes copied beyond what is mandatory", HelpName = "BYTES" };
    private readonly Option<int?> _moves = new("--move-budget") { Description = "Most replicas moved beyond what is mandatory", HelpName = "N" };
    private readonly Option<long?> _seed = new("--seed") { Description = "The same input and seed give the same plan", HelpName = "N" };
    private readonly Option<string?> _deadline = new("--deadline") { Description = "The best plan until then is taken, such as 30s; without it 60s", HelpName = "TIME" };
    private readonly Option<string?> _throttle = new("--throttle") { Description = "Replication throttle per broker such as 50MB/s, or 0 for none", HelpName = "RATE" };
    private readonly Option<int?> _movesPerBroker = new("--moves-per-broker") { Description = "Most partitions a broker sends or receives at a time", HelpName = "N" };

    public Symbol[] All => [_goals, _band, _excluded, _noReplicas, _noLeaders, _destinations, _mandatory, _bytes, _moves, _seed, _deadline, _throttle, _movesPerBroker];

    public CreatePlanRequest Read(Invocation run, string mode, IReadOnlyList<int>? brokers, Func<PlanOptionsDto, PlanOptionsDto> of)
    {
        var options = new PlanOptionsDto(
            Goals: Words(run.Get(_goals)),
            Band: run.Get(_band),
            ExcludedTopics: run.Get(_excluded),
            NoReplicasOnto: Brokers(run.Get(_noReplicas), "--no-replicas-onto"),
            NoLeadersOnto: Brokers(run.Get(_noLeaders), "--no-leaders-onto"),
            Destinations: Brokers(run.Get(_destinations), "--destinations"),
            MandatoryOnly: run.Get(_mandatory),
            ByteBudget: run.Get(_bytes),
            MoveBudget: run.Get(_moves),
            DeadlineSeconds: Seconds(run.Get(_deadline)),
            Seed: run.Get(_seed));
        return new CreatePlanRequest(mode, brokers, null, run.Get(_movesPerBroker), run.Get(_throttle) is { } rate ? PlanCommands.ReadRate(rate) : null, of(options));
    }

    /// <summary>Ids separated by commas; null where the option was not given.</summary>
    public static IReadOnlyList<int>? Brokers(string? text, string option)
    {
        if (text is null)
        {
            return null;
        }

        var ids = new List<int>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            ids.Add(int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new CliException($"{option} '{text}' is no list of brokers", "broker ids separated by commas", $"for example {option} 1,2"));
        }

        return ids;
    }

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
