using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Analyzer;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Api.Resources;

/// <summary>
/// Makes an ask of the desk out of a request. What a mode can't use is refused, never ignored; what depends on the cluster is checked by the desk.
/// </summary>
internal static class OptimizerAsks
{
    public const double DefaultDeadline = 60;
    private const double MostDeadline = 600;
    private const int MostItems = 10_000;

    /// <summary>The ask of the desk.</summary>
    /// <exception cref="ProblemException">Something of it can't be accepted.</exception>
    public static OptimizerAsk Of(CreatePlanRequest request)
    {
        if (!PlanModes.TryParse(request.Mode, out var mode))
        {
            throw Refusal("mode", $"'{Shorten(request.Mode)}' is not a mode. Expected: {string.Join(", ", PlanModes.All)}.");
        }

        var options = request.Options ?? new PlanOptionsDto();
        CheckMode(mode, request.Brokers, options);
        var wish = Wish(mode, request.Brokers, options);
        return new OptimizerAsk(
            wish,
            Limits(request.MovesPerBroker, request.ThrottleBytesPerSecond, ExecutionLimits.Default),
            TimeSpan.FromSeconds(Within(options.DeadlineSeconds ?? DefaultDeadline, 1, MostDeadline, "options.deadlineSeconds")),
            JsonSerializer.Serialize(request, Answer.TypeInfo<CreatePlanRequest>()))
        {
            Anomaly = request.AnomalyId,
            Immovable = Partitions(options.Immovable, "options.immovable") ?? [],
            Only = Partitions(options.Only, "options.only"),
        };
    }

    /// <summary>The limits asked for, else those given; 0 of a throttle is none.</summary>
    public static ExecutionLimits Limits(int? movesPerBroker, long? throttle, ExecutionLimits otherwise)
    {
        Within(movesPerBroker ?? 1, 1, PlanLimits.MostMovesPerBroker, "movesPerBroker");
        if (throttle is not (null or 0) and < PlanLimits.LeastThrottle)
        {
            throw Refusal("throttleBytesPerSecond", string.Create(CultureInfo.InvariantCulture, $"{throttle} is too slow: Kafka would hold back ordinary replication as well. Expected: 0 for none, or at least {PlanLimits.LeastThrottle}."));
        }

        return new ExecutionLimits(movesPerBroker ?? otherwise.MovesPerBroker, throttle switch { null => otherwise.ThrottleBytesPerSecond, 0 => null, var rate => rate });
    }

    public static BandSettings Bands(double? band, double? diskLimit = null, double? replicaLimit = null, double? networkLimit = null)
    {
        var bands = new BandSettings();
        return bands with
        {
            Spread = Within(band ?? bands.Spread, 0.001, 10, "options.band"),
            SolveSpread = Math.Min(bands.SolveSpread, band ?? bands.SolveSpread),
            DiskLimit = Within(diskLimit ?? bands.DiskLimit, 0.01, 1, "options.diskLimit"),
            NetworkLimit = Within(networkLimit ?? bands.NetworkLimit, 0.01, 1, "options.networkLimit"),
            ReplicaLimit = Within(replicaLimit ?? bands.ReplicaLimit, 1, 1e9, "options.replicaLimit"),
        };
    }

    public static ProblemException Refusal(string field, string why) => new(PlanProblems.BadWish(field, why));

    /// <summary>The engine's word for a field in the words of the contract.</summary>
    public static string FieldOf(string field) =>
        field is "brokers" or "mode" or "model" || field.StartsWith("options.", StringComparison.Ordinal) || field.StartsWith("changes", StringComparison.Ordinal) ? field
        : field is "threads" or "solveBand" or "cpuLimit" or "networkLimit" ? "options"
        : $"options.{field}";

    public static T Within<T>(T value, T least, T most, string field)
        where T : IComparable<T>, IFormattable =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0 && value is not double.NaN
            ? value
            : throw Refusal(field, string.Create(CultureInfo.InvariantCulture, $"{value} is not possible. Expected: {least} to {most}."));

    private static void CheckMode(PlanMode mode, IReadOnlyList<int>? brokers, PlanOptionsDto options)
    {
        RefuseIf(brokers is { Count: 0 }, "brokers", "The list is empty. Expected: at least one broker id, or the field left out.");
        RefuseIf(
            brokers is not null && mode is not (PlanMode.AddBrokers or PlanMode.RemoveBrokers or PlanMode.DemoteBrokers or PlanMode.DiskBalance or PlanMode.FixOffline),
            "brokers", $"{PlanModes.Word(mode)} is about the whole cluster. Expected: brokers only with add-brokers, remove-brokers, demote-brokers, disk-balance or fix-offline.");
        Only(options.OnlyOntoNamed, "onlyOntoNamed", PlanMode.AddBrokers);
        Only(options.ReplicationFactor is not null, "replicationFactor", PlanMode.ReplicationFactor);
        Only(options.Topics is not null, "topics", PlanMode.ReplicationFactor);
        Only(options.Dirs is not null, "dirs", PlanMode.RemoveDirs);
        Only(options.Limits is not null, "limits", PlanMode.MinimalRepair);
        RefuseIf(options.MinLeaders is not null && options.MinLeadersTopics is null, "options.minLeaders", "It needs minLeadersTopics.");
        RefuseIf(mode == PlanMode.ReplicationFactor && (options.ReplicationFactor is null || options.Topics is null), "options.replicationFactor", "replication-factor needs topics and replicationFactor.");
        RefuseIf(mode == PlanMode.RemoveDirs && options.Dirs is not { Count: > 0 }, "options.dirs", "remove-dirs needs at least one broker and path.");
        RefuseIf(mode == PlanMode.MinimalRepair && options.Limits is not { Count: > 0 }, "options.limits", "minimal-repair needs at least one limit, such as disk 0.75 of broker 4.");

        void Only(bool isGiven, string field, PlanMode may) =>
            RefuseIf(isGiven && mode != may, $"options.{field}", $"{PlanModes.Word(mode)} can't use it. Expected: only with {PlanModes.Word(may)}.");
    }

    private static OptimizerWish Wish(PlanMode mode, IReadOnlyList<int>? brokers, PlanOptionsDto options) => new()
    {
        Mode = PlanModes.ToOptimizer(mode),
        Brokers = List(brokers, "brokers"),
        Goals = List(options.Goals, "options.goals"),
        Bands = Bands(options.Band, options.DiskLimit, options.ReplicaLimit, options.NetworkLimit),
        OnlyOntoNamed = options.OnlyOntoNamed,
        MandatoryOnly = options.MandatoryOnly ?? mode == PlanMode.FixOffline,
        ExcludedTopics = Pattern(options.ExcludedTopics, "options.excludedTopics"),
        NoReplicasOnto = List(options.NoReplicasOnto, "options.noReplicasOnto"),
        NoLeadersOnto = List(options.NoLeadersOnto, "options.noLeadersOnto"),
        Destinations = List(options.Destinations, "options.destinations"),
        Topics = Pattern(options.Topics, "options.topics"),
        ReplicationFactor = options.ReplicationFactor is { } replicas ? Within(replicas, 1, short.MaxValue, "options.replicationFactor") : 0,
        Dirs = [.. List(options.Dirs, "options.dirs").Select(dir => (dir.Broker, dir.Path))],
        Limits = [.. List(options.Limits, "options.limits").Select((limit, at) => Limit(limit, string.Create(CultureInfo.InvariantCulture, $"options.limits[{at}]")))],
        MinLeadersTopics = Pattern(options.MinLeadersTopics, "options.minLeadersTopics"),
        MinLeaders = Within(options.MinLeaders ?? 1, 0, int.MaxValue, "options.minLeaders"),
        BrokerSets = Sets(options.BrokerSets),
        ByteBudget = options.ByteBudget is { } bytes ? Within(bytes, 0, long.MaxValue, "options.byteBudget") : null,
        MoveBudget = options.MoveBudget is { } moves ? Within(moves, 0, int.MaxValue, "options.moveBudget") : null,
        Seed = (ulong)Within(options.Seed ?? 1, 0, long.MaxValue, "options.seed"),
        Polish = options.Polish ?? true,
    };

    private static RepairLimit Limit(RepairLimitDto limit, string field)
    {
        var lane = LoadWords.Find(limit.Lane);
        RefuseIf(lane < 0, $"{field}.lane", $"'{Shorten(limit.Lane)}' is not a load. Expected: {string.Join(", ", LoadWords.All)}.");
        RefuseIf(!(limit.Limit >= 0) || double.IsInfinity(limit.Limit), $"{field}.limit", "Expected: a share of the capacity such as 0.75, or a count for replicas and leaders.");
        return new RepairLimit(lane, limit.Limit, List(limit.Brokers, $"{field}.brokers"));
    }

    private static ImmutableDictionary<int, string> Sets(IReadOnlyList<BrokerSetDto>? sets)
    {
        var byBroker = ImmutableDictionary.CreateBuilder<int, string>();
        foreach (var set in List(sets, "options.brokerSets"))
        {
            foreach (var broker in set.Brokers)
            {
                RefuseIf(byBroker.TryGetValue(broker, out var other) && other != set.Name, "options.brokerSets", $"Broker {broker} is in the sets '{other}' and '{set.Name}'. Expected: one set each.");
                byBroker[broker] = set.Name;
            }
        }

        return byBroker.ToImmutable();
    }

    private static IReadOnlyList<PartitionsOf>? Partitions(IReadOnlyList<PartitionsOfDto>? some, string field)
    {
        RefuseIf(some is { Count: 0 } && field == "options.only", field, "The selection is empty. Expected: at least one topic, or the field left out.");
        return some is null ? null : [.. List(some, field).Select(one => new PartitionsOf(one.Topic, one.Partitions))];
    }

    private static ImmutableArray<T> List<T>(IReadOnlyList<T>? items, string field)
    {
        RefuseIf(items?.Count > MostItems, field, $"It has {items?.Count} entries. Expected: at most {MostItems}.");
        return items is null ? [] : [.. items];
    }

    private static string? Pattern(string? pattern, string field)
    {
        const int longest = 1_000;
        RefuseIf(pattern?.Length is 0 or > longest, field, $"Expected: a regular expression of 1 to {longest} characters over the whole name.");
        return pattern;
    }

    private static void RefuseIf(bool wrong, string field, string why)
    {
        if (wrong)
        {
            throw Refusal(field, why);
        }
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
