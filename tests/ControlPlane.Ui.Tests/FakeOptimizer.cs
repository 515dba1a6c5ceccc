using ControlPlane.Contracts;
using ControlPlane.Ui.Api;

namespace ControlPlane.Ui.Tests;

/// <summary>Made-up runs of the optimizer, their plans, what-if, size and heatmap: "troubled" can't be balanced, "huge" has a thousand brokers, "stale" has unknown loads.</summary>
internal sealed class FakeOptimizer(FakeFleet fleet)
{
    private const double GiB = 1024d * 1024 * 1024;

    public static readonly Guid Plan = FakeTroubles.Id(15), Impossible = FakeTroubles.Id(16), Repair = FakeTroubles.Id(17), Searching = FakeTroubles.Id(51), Found = FakeTroubles.Id(52), NoWay = FakeTroubles.Id(53), Balanced = FakeTroubles.Id(54), Cut = FakeTroubles.Id(55), Broke = FakeTroubles.Id(56);

    private static readonly string[] Lanes = ["cpu", "bytes-in", "bytes-out", "disk", "replicas", "leaders", "leader-bytes-in", "potential-bytes-out"];

    private static DateTimeOffset Now => FakeFleet.Now;

    public IEnumerable<OptimizerRunDto> Runs(string cluster) => cluster == "empty" ? [] : cluster == "troubled"
        ? [Run(cluster, NoWay), Run(cluster, Cut), Run(cluster, Broke)]
        : [Run(cluster, Found), Run(cluster, Balanced), Run(cluster, Cut)];

    public OptimizerRunDto? Find(string cluster, Guid id) => id == Searching || Runs(cluster).Any(row => row.Id == id) || id == NoWay || id == Balanced ? Run(cluster, id) : null;

    public PlanFindingsDto Findings(string cluster, bool isImpossible) => new(
        isImpossible ? "infeasible" : "ok", cluster == "stale", 1873, 412, (long)(1228 * GiB), (long)(14 * GiB), isImpossible ? null : new((long)(1192 * GiB), 1790),
        Goals(isImpossible), Loads(cluster, Fleet(cluster)), isImpossible ? Proofs : [], Notes(cluster), 1.42, Wish("rebalance"));

    /// <summary>Of a plan that restores what is lost and nothing else: goals that were violated before stay so.</summary>
    public PlanFindingsDto RepairFindings(string cluster) => Findings(cluster, isImpossible: false) with
    {
        ReplicaMoves = 214,
        LeaderMoves = 0,
        DirBytes = 0,
        Bound = null,
        Goals = [new("RackAwareGoal", true, "partitions", 14, 14, 0.02, 0.02), new("DiskUsageDistributionGoal", false, "brokers", 4, 4, 0.55, 0.51), new("ReplicaDistributionGoal", false, "brokers", 1, 2, 0.11, 0.14)],
        Notes = ["CPU is not measured by any source at present: CPU goals are not judged."],
        Request = new("fix-offline", [4], null, 10, 50_000_000),
    };

    public WhatIfDto WhatIf(string cluster, WhatIfRequest request)
    {
        var isImpossible = cluster == "troubled";
        return new(cluster, Now.AddSeconds(-40), isImpossible ? StatusWord.Crit : StatusWord.Warn,
            isImpossible ? "It does not fit: the disks of rack-2 lack 1.4 TiB. 2 brokers of 2 TiB in rack-2 would make it fit." : "It holds, but not without a plan: broker 5 would fill 97 % of its disk. A plan of 1.2 TiB brings every broker under 80 %.",
            [.. request.Changes.Select(change => $"{change.Kind}: {change.Rack ?? change.Topics ?? string.Join(", ", change.Brokers ?? [])} {change.Factor}{change.Count}{change.ReplicationFactor}".Trim())],
            false, isImpossible ? 12 : 0, 41, isImpossible ? "infeasible" : "ok", cluster == "stale", 1873, 412, (long)(1228 * GiB), Goals(isImpossible), Loads(cluster, Fleet(cluster)), isImpossible ? Proofs : [], Bottlenecks(cluster), Notes(cluster));
    }

    public RightsizingDto Rightsizing(string cluster) => new(cluster, Now.AddSeconds(-40),
        cluster switch { "troubled" => "under", "huge" => "over", "stale" or "empty" => "unknown", _ => "right" },
        cluster switch { "troubled" => StatusWord.Crit, "huge" => StatusWord.Warn, "stale" or "empty" => StatusWord.Unknown, _ => StatusWord.Ok },
        cluster switch
        {
            "troubled" => "Too small: the disks of rack-2 lack 1.4 TiB. 2 brokers of 2 TiB in rack-2 would do.",
            "huge" => "Too large: 38 of 1,000 brokers can go and every goal is still met.",
            "stale" or "empty" => "It can't be told: no load was measured yet.",
            _ => "The right size: no broker can go, none is needed. The disk decides.",
        },
        cluster switch { "huge" => 38, "stale" or "empty" => null, _ => 0 }, cluster == "huge" ? [.. Enumerable.Range(963, 38)] : [], cluster == "troubled" ? Proofs[0].Remedy : null, cluster is "stale" or "empty" ? null : "disk",
        cluster == "empty" ? [] : [new("cpu", "percent", cluster == "stale" ? null : 211, 600, 420, 5, cluster == "stale" ? null : 0.62), new("disk", "bytes", 7260 * GiB, 12000 * GiB, 9600 * GiB, 5, 0.97), new("bytes-in", "bytes-per-second", 184e6, 750e6, 600e6, 2, 0.4), new("bytes-out", "bytes-per-second", cluster == "stale" ? null : 402e6, null, null, null, null), new("replicas", "count", 14_400, null, 60_000, 1, 0.24)],
        cluster == "empty" ? [] : [new("rack-0", 2, 0, "disk", 0.71), new("rack-1", 2, 0, "disk", 0.74), new(cluster == "long" ? fleet.Long("rack") : "rack-2", 1, 1, "disk", 0.97), new(null, 1, 0, null, null)],
        cluster == "empty" ? [] : Bottlenecks(cluster), cluster == "empty" ? [] : ["rack-2 is 1 broker short of an even share: every topic with 3 replicas keeps a whole copy there."]);

    public HeatmapDto Heatmap(string cluster, HeatmapQuery query)
    {
        var brokers = Fleet(cluster);
        var total = cluster == "huge" ? 10_000 : cluster == "empty" ? 0 : query.By == "topic" ? 64 : 500;
        var rows = Enumerable.Range(query.Offset, Math.Max(0, Math.Min(query.Limit, total - query.Offset))).Select(i => Row(cluster, query, i, brokers.Length)).ToArray();
        return new(cluster, Now.AddSeconds(-4), query.By, query.Colour, query.Colour switch { "bytesIn" => "bytes-per-second", "size" => "bytes", "lag" => "messages", _ => "count" }, brokers, rows, total,
            rows.SelectMany(row => row.Values).Max(), [.. brokers.Select((_, i) => i == 2 && query.Colour == "bytesIn" ? null : (double?)(800 + (i * 7)))]);
    }

    public IEnumerable<MoveGroupDto> Groups(string cluster, string by) => cluster == "empty" ? [] : by == "broker"
        ? Fleet(cluster).Select((row, i) => new MoveGroupDto(row.BrokerId.ToString(System.Globalization.CultureInfo.InvariantCulture), 214 - (i % 200), 12, (long)(240 * GiB), (long)(220 * GiB)))
        : Enumerable.Range(0, cluster == "huge" ? 10_000 : 18).Select(i => new MoveGroupDto(cluster == "long" ? fleet.Long($"payments.{i}") : $"orders.{i}", 12, i % 3, i == 3 ? null : (long)(GiB * (90 - (i % 80))), null));

    private static BrokerPlaceDto[] Fleet(string cluster) => cluster == "empty" ? [] : [.. Enumerable.Range(1, cluster == "huge" ? 1000 : 6).Select(id => new BrokerPlaceDto(id, $"rack-{id % 3}", cluster == "troubled" && id == 4 ? "dead" : id == 6 ? "new" : "alive"))];

    private static IReadOnlyList<GoalOutcomeDto> Goals(bool isImpossible) =>
    [
        new("RackAwareGoal", true, "partitions", 14, 0, 0.02, 0), new("ReplicaCapacityGoal", true, "brokers", 0, 0, 0, 0), new("DiskCapacityGoal", true, "brokers", 1, isImpossible ? 2 : 0, 0.17, isImpossible ? 0.09 : 0),
        new("ReplicaDistributionGoal", false, "brokers", 3, 0, 0.31, 0), new("LeaderReplicaDistributionGoal", false, "brokers", 4, 0, 0.62, 0), new("DiskUsageDistributionGoal", false, "brokers", 4, 1, 0.55, 0.004), new("NetworkInboundDistributionGoal", false, "brokers", 2, 0, 0.11, 0), new("TopicReplicaDistributionGoal", false, "pairs of topic and broker", 212, 0, 3.4, 0),
    ];

    private static IReadOnlyList<InfeasibilityProofDto> Proofs { get; } =
    [
        new("DiskCapacityGoal", 1400 * GiB, "With 3 replicas rack-2 has to hold a whole copy of everything, 2.9 TiB, and its disks may hold 1.5 TiB.", new("brokers", 2, 2000 * GiB, true, "2 brokers of 2 TiB in rack-2: the optimizer was run with them and met every goal.")),
        new("RackAwareGoal", 1, "Topic audit has 4 replicas and there are 3 racks.", new("racks", 1, null, false, "1 more rack, or 3 replicas of audit.")),
    ];

    private static IReadOnlyList<string> Notes(string cluster) => cluster == "stale" ? ["The rates of 212 partitions were not measured; the mean of their topic was assumed.", "The search was ended by its deadline of 60 s."] : ["CPU of followers is Cruise Control's estimate: no broker tells it."];

    private static IReadOnlyList<BottleneckDto> Bottlenecks(string cluster) =>
        [new("broker", "5", "disk", 0.97, StatusWord.Crit, "Broker 5 has filled 97 % of what its disk may hold."), new("rack", "rack-2", "disk", 0.91, StatusWord.Warn, "rack-2 has one broker fewer than the others and holds a whole copy of everything."), new("broker", "2", "bytes-in", 0.62, StatusWord.Ok, $"Broker 2 of {cluster} takes in the most.")];

    private static CreatePlanRequest Wish(string mode) => new(mode, null, null, 10, 50_000_000, new(ExcludedTopics: "__.*", NoLeadersOnto: [3]));

    private static BrokerLoadsDto Loads(string cluster, BrokerPlaceDto[] brokers) => new(brokers, [.. Lanes.Select((lane, l) => Lane(cluster, lane, l, brokers.Length))]);

    private static LaneLoadsDto Lane(string cluster, string lane, int l, int brokers)
    {
        var (unit, scale, capacity) = lane switch { "cpu" => ("percent", 40d, (double?)100), "disk" => ("bytes", 1200 * GiB, 2000 * GiB), "replicas" => ("count", 2400d, null), "leaders" => ("count", 800d, null), _ => ("bytes-per-second", 31e6, 125e6) };
        var isUnknown = cluster == "stale" && lane is "cpu" or "potential-bytes-out";
        double?[] All(Func<int, double?> value) => [.. Enumerable.Range(0, brokers).Select(value)];
        return new(lane, unit, All(i => isUnknown ? null : scale * (0.6 + (0.13 * (((i * 5) + l) % 7)))), All(i => isUnknown ? null : scale * (0.96 + (0.015 * (((i * 3) + l) % 6)))),
            All(_ => cluster == "stale" ? null : capacity), All(_ => cluster == "stale" ? null : capacity * 0.8), All(_ => l == 7 ? null : scale * 0.91), All(_ => l == 7 ? null : scale * 1.09));
    }

    private HeatRowDto Row(string cluster, HeatmapQuery query, int i, int brokers)
    {
        int[] at = [.. Enumerable.Range(0, 3).Select(r => (i + (r * (1 + (i % 4)))) % brokers).Distinct().Order()];
        var topic = cluster == "long" ? fleet.Long($"payments.{i / 12}") : query.By == "topic" ? $"orders.events.v{i}" : $"orders.{i / 12}";
        double?[] values = [.. at.Select((_, r) => i % 11 == 5 && query.Colour != "replicas" ? null : (double?)(query.Colour switch { "leaders" => r == 0 ? 1 : 0, "replicas" => 1, "bytesIn" => 4e6 / (1 + (i % 40)), "size" => GiB * (40 - (i % 40)), _ => 1000 * (i % 7) }))];
        return new(topic, query.By == "topic" ? null : i % 12, query.By == "topic" ? null : at[0] + 1, values.Contains(null) ? null : values.Sum(), at, values);
    }

    private static OptimizerRunDto Run(string cluster, Guid id)
    {
        var (state, status, outcome, sentence) = id == Searching ? ("running", StatusWord.Maint, null, "Round 7 of balance: 14 of 500 brokers are outside their bands, 1,612 moves of 1.1 TiB so far.")
            : id == NoWay ? ("done", StatusWord.Crit, "infeasible", "It can't be done: the disks of rack-2 lack 1.4 TiB.")
            : id == Balanced ? ("done", StatusWord.Ok, "ok", "Nothing to do: every goal is met.")
            : id == Cut ? ("cancelled", StatusWord.Warn, "not-found", "Stopped by anna after 12 s: the best plan until then moves 900 replicas and leaves 3 brokers outside.")
            : id == Broke ? ("failed", StatusWord.Crit, null, "The picture of the cluster went away while it ran.")
            : ("done", StatusWord.Ok, (string?)"ok", "Every goal is met with 1,873 moves of 1.2 TiB, 3 % above the least possible.");
        OptimizerPhaseDto[] phases = [new("mandatory", 1, 812.4, 96, 212, (long)(120 * GiB), 0.1), new("racks", 1, 790, 92, 226, (long)(140 * GiB), 0.2), new("leadership", 4, 401.5, 60, 638, (long)(140 * GiB), 0.5), new("balance", 7, 12.25, 14, 1612, (long)(1100 * GiB), 0.9)];
        return new(id, cluster, id == NoWay ? "rack-repair" : "rebalance", state, status, sentence, phases[^1].Phase, 7, 12.25, 14, 1612, (long)(1100 * GiB), phases, id == Searching ? TimeProvider.System.GetUtcNow().AddSeconds(-1) : Now.AddMinutes(-8), "anna", state == "running" ? null : Now.AddMinutes(-7.9), 60,
            id == Found || id == Cut ? Plan : null, outcome, id == NoWay ? Proofs : [], Wish(id == NoWay ? "rack-repair" : "rebalance"));
    }
}
