using ControlPlane.Contracts;

namespace ControlPlane.Ui.Tests;

/// <summary>Made-up anomalies, plans, executions, alerts and healing: "troubled" has them, "huge" ten thousand moves, "long" long names, "empty" none.</summary>
internal sealed class FakeTroubles(FakeFleet fleet, FakeAnswers answers)
{
    private const double GiB = 1024d * 1024 * 1024;

    public static readonly Guid Trouble = Id(1), Over = Id(2), Proposed = Id(11), Stale = Id(12), Executing = Id(13), Done = Id(14), Running = Id(21), Ended = Id(22), Failed = Id(31), Unknown = Id(99), Hook = Id(41);

    private static DateTimeOffset Now => FakeFleet.Now;

    public static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public IEnumerable<AnomalyDto> Anomalies(string? cluster)
    {
        foreach (var id in cluster is null ? ["troubled", "long"] : new[] { cluster }.Where(one => one is "troubled" or "long" or "huge"))
        {
            yield return Anomaly(id, Trouble, isOver: false);
            yield return Anomaly(id, Id(3), isOver: false) with { Kind = "under-replicated", Subject = "cluster", State = "pending", Severity = "warning", Status = StatusWord.Warn, BrokerId = null, Sentence = "14 partitions are under-replicated for 40 s, not explained by a reassignment or a known broker failure.", Since = Now.AddSeconds(-40), ActiveAt = null };
            yield return Anomaly(id, Over, isOver: true);
        }
    }

    /// <summary>Of a consumer group: no replica is touched.</summary>
    public static readonly Guid Lagging = Id(4);

    public IncidentDto? Incident(string cluster, Guid id) => id == Lagging ? LagIncident(cluster) : Anomalies(cluster).FirstOrDefault(row => row.Id == id) is not { } anomaly ? null : new(
        anomaly,
        [new("last answer", "kafka-4.kafka.svc:9092 answered Metadata in 3 ms", Now.AddMinutes(-12)), new("connection", "refused by kafka-4.kafka.svc:9092, 9 times in a row", Now.AddSeconds(-4)), new("controller", "broker 4 is fenced since epoch 17", Now.AddMinutes(-11.8))],
        Blast(cluster, isOver: false),
        [
            new(Now.AddMinutes(-12), "broker", StatusWord.Crit, "Broker 4 gave its last answer.", $"c/{cluster}/brokers/4"), new(Now.AddMinutes(-11.9), "anomaly", StatusWord.Warn, "Broker 4 does not answer: pending.", null),
            new(Now.AddMinutes(-11.5), "anomaly", StatusWord.Crit, "Broker 4 is down: active, critical.", null), new(Now.AddMinutes(-11.4), "alert", StatusWord.Ok, "PagerDuty took the alert within 0.4 s.", $"deliveries/{Id(32)}"),
            new(Now.AddMinutes(-11.4), "healing", StatusWord.Warn, "Waits for the grace time of 30 m.", $"c/{cluster}/healing"), new(Now.AddMinutes(-6), "plan", StatusWord.Ok, "anna made a plan of 214 moves.", $"c/{cluster}/plans/{Proposed}"),
            new(Now.AddMinutes(-4), "execution", StatusWord.Maint, "The plan was approved by anna and is carried out.", $"c/{cluster}/executions/{Running}"),
        ],
        id == Over ? null : Decisions(cluster).First(),
        [.. Plans(cluster).Take(2)],
        [.. Executions(cluster).Take(1)],
        [.. Deliveries().Take(2)],
        id == Over ? [] :
        [
            new("watch-execution", "Watch the repair", "61 % of the bytes are copied; about 18 m left.", $"c/{cluster}/executions/{Running}", null),
            new("plan-fix-offline", "Plan a repair", "Restores 2,400 lost replicas on 5 living brokers, about 1.2 TiB.", null, null),
            new("heal-now", "Heal now", "Does not wait for the grace time of 30 m.", null, "Another execution is running; it must end first."),
            new("extend-grace", "Extend the grace time", "The system waits longer before it moves anything.", null, null),
            new("leave-alone", "Leave it alone", "Nothing is moved for this anomaly: for a broker that is being restarted.", null, null),
            new("show-broker", "Show broker 4", "Its load, log dirs and partitions.", $"c/{cluster}/brokers/4", null),
        ]);

    private IncidentDto LagIncident(string cluster)
    {
        var group = cluster == "long" ? fleet.Long("billing") : "billing";
        var anomaly = Anomaly(cluster, Lagging, isOver: false) with
        {
            Kind = "consumer-lag",
            Subject = $"group {group}",
            Severity = "error",
            BrokerId = null,
            Blast = new(0, 0, 0, 1, [], ["orders"], [group]),
            Sentence = $"Group {group}: STOP on 3 partitions, 1,234 messages behind, the oldest unread record waits 1 m 3 s. The group has no members: nobody reads.",
        };
        return new(anomaly, [new("verdict", "ERR, 100 % of the windows full", Now), new("orders-1", "It has 400 messages to read and has committed nothing for 1 m 3 s.", Now)], anomaly.Blast, [], null, [], [], [],
            [new("show-group", $"Show group {group}", "Its members, partitions and commits, with the charts at the time of the incident.", $"c/{cluster}/groups/billing?from=2026-05-01T11:30:00Z&to=2026-05-01T12:00:00Z", null)]);
    }

    public IEnumerable<PlanDto> Plans(string cluster) => cluster == "empty" ? [] : [PlanRow(cluster, Proposed, "proposed"), PlanRow(cluster, Stale, "stale"), PlanRow(cluster, Executing, "executing"), PlanRow(cluster, Done, "done")];

    public PlanDetailDto? Plan(string cluster, Guid id) => id == FakeOptimizer.Repair
        ? Plan(PlanRow(cluster, id, "proposed")) with { Findings = new FakeOptimizer(fleet).RepairFindings(cluster) }
        : id == FakeOptimizer.Plan || id == FakeOptimizer.Impossible
        ? Plan(PlanRow(cluster, id, "proposed") with { Mode = "rebalance", AnomalyId = null, LostBrokers = [], Unplaced = 0, Sentence = "Moves 1,873 replicas and 412 leaderships between 6 brokers and copies 1.2 TiB." }) with { Findings = new FakeOptimizer(fleet).Findings(cluster, id == FakeOptimizer.Impossible) }
        : Plans(cluster).FirstOrDefault(row => row.Id == id) is { } plan ? Plan(plan) : null;

    private PlanDetailDto Plan(PlanDto plan) => new(
        plan,
        [.. Enumerable.Range(1, plan.Cluster == "huge" ? 1000 : 6).Select(broker => new BrokerChangeDto(broker, $"rack-{broker % 3}", broker != 4, new(2400 - broker, broker == 4 ? 0 : 800 + broker, broker == 3 ? null : (long)((1210 + broker) * GiB), 31e6), new(broker == 4 ? 0 : 2880 - broker, broker == 4 ? 0 : 964 + (broker % 2), broker == 3 ? null : broker == 4 ? 0 : (long)((1460 + (broker * 80)) * GiB)!, null), plan.Cluster == "long" ? null : (long)(2000 * GiB), (long)(1700 * GiB), broker == 4 ? 0 : (long)(248 * GiB), broker == 4 ? 0 : (long)(240 * GiB)))],
        [new(StatusWord.Warn, "disk-headroom", "Broker 6 reaches 92 % of its disk while both copies exist."), new(StatusWord.Maint, "load", "The leaders of 41 partitions send 55 MB/s more while the copies run.")],
        [.. Enumerable.Range(0, plan.Unplaced).Select(i => new UnplacedReplicaDto(plan.Cluster == "long" ? fleet.Long("payments") : "payments", i, 4, "No living broker outside racks rack-0 and rack-1 has room."))],
        plan.IsSound ? [] : ["payments-3 would have two replicas in rack-1."]);

    public IEnumerable<PlannedMoveDto> PlannedMoves(string cluster) => Enumerable.Range(0, Count(cluster)).Select(i =>
        new PlannedMoveDto(i, Topic(cluster, i), i % 12, [4, 2, 1], [5, 2, 1], i == 5 ? null : (long)(GiB * (1 + (i % 40))), i < 41 ? "data-at-risk" : "offline", i < 41 ? "It has one replica left in sync; broker 5 is in the free rack and has the most room." : "Its replica on broker 4 is lost; broker 5 is in the free rack and has the most room."));

    public IEnumerable<ExecutionDto> Executions(string? cluster)
    {
        string?[] open = cluster is null ? ["troubled", "long", "production", "huge"] : [cluster];
        foreach (var id in open.Take(cluster is null ? answers.Running : 1).Where(one => one != "empty"))
        {
            if (cluster is null || (answers.Running > 0 && cluster is "troubled" or "long" or "huge"))
            {
                yield return Run(id!, Running, "running");
            }
        }

        if (cluster is not null and not "empty")
        {
            yield return Run(cluster, Ended, "done");
        }
    }

    public ExecutionDetailDto? Execution(string cluster, Guid id) => Executions(cluster).FirstOrDefault(row => row.Id == id) is not { } run ? null : new(
        run,
        [.. Enumerable.Range(0, cluster == "huge" ? 3000 : 9).Select(i => new JournalEntryDto(i, Now.AddMinutes(-4).AddSeconds(i), 17, "batch", StatusWord.Ok, $"Batch {i} of 30 moves was submitted to the controller."))],
        [new("broker 5", "follower.replication.throttled.rate", "55000000", null, run.FinishedAt is null ? "set" : "restored"), new($"topic {Topic(cluster, 0)}", "follower.replication.throttled.replicas", string.Join(',', Enumerable.Range(0, 40).Select(i => $"{i}:5")), "*", "set")],
        run.FinishedAt is null ? null : new(Now.AddMinutes(-1), false, 600, ["payments-3: expected 5, 2, 1; found 4, 2, 1"]));

    public IEnumerable<ExecutionMoveDto> ExecutionMoves(string cluster) => Enumerable.Range(0, Count(cluster)).Select(i =>
    {
        var state = i < 60 ? "done" : i < 90 ? "running" : i == 90 ? "failed" : "pending";
        return new ExecutionMoveDto(i, Topic(cluster, i), i % 12, [4, 2, 1], [5, 2, 1], state, (long)(GiB * 2), state is "done" ? (long)(GiB * 2) : state == "running" ? (long)GiB : null, state == "pending" ? null : Now.AddMinutes(-3), state == "done" ? Now.AddMinutes(-1) : null, i == 90 ? "Broker 5 ran out of room in /var/lib/kafka/data-1." : null);
    });

    public IEnumerable<AlertTargetDto> Targets() =>
    [
        new(Hook, "on-call", "pagerduty", true, "https://events.pagerduty.com", "error", null, true, StatusWord.Ok, null, 0, Now.AddMinutes(-11), Now.AddDays(-30), 3),
        new(Id(42), "team chat", "webhook", true, "https://hooks.example.org/services/" + new string('a', 120), "warning", ["production", "troubled"], true, StatusWord.Warn, "It answered 503 to the last 4 attempts; the next one is in 2 m.", 12, null, Now.AddDays(-3), 7),
    ];

    public IEnumerable<DeliveryDto> Deliveries() => Enumerable.Range(0, 400).Select(i => new DeliveryDto(i == 0 ? Failed : Id(31 + i), Hook, i % 2 == 0 ? "on-call" : "team chat", "pagerduty", "troubled", Trouble, i % 5 == 4 ? "resolve" : "trigger", $"kcp/troubled/broker-down/broker 4/{i}", "critical",
        i == 3 ? $"Topic {fleet.Long("payments")} is under min ISR" : "Broker 4 of troubled is down: 41 partitions under min ISR, 3 offline", i == 0 ? "failed" : i == 1 ? "queued" : "delivered", i == 0 ? StatusWord.Crit : i == 1 ? StatusWord.Warn : StatusWord.Ok, i == 0 ? 9 : 1, Now.AddMinutes(-11 - i), i == 1 ? Now.AddMinutes(2) : null, i > 1 ? Now.AddMinutes(-10 - i) : null, i > 1 ? 0.42 : null, i == 0 ? "HTTP 400 invalid key" : "HTTP 202"));

    public DeliveryDetailDto? Delivery(Guid id) => Deliveries().FirstOrDefault(row => row.Id == id) is not { } sent ? null : new(sent, """{"routing_key":"(secret)","event_action":"trigger","payload":{"summary":"Broker 4 of troubled is down","severity":"critical"}}""",
        [new(1, Now.AddMinutes(-11), 0.42, "retry", 503, "The receiver is overloaded; tried again after its Retry-After of 5 s.", null), new(2, Now.AddMinutes(-10), 10, "retry", null, "No answer within 10 s.", null), new(3, Now.AddMinutes(-9), 0.3, "refused", 400, "The receiver refuses the key.", "{\"status\":\"invalid event\"}")]);

    public HealingPolicyDto Policy(string cluster) => new(cluster, [new("broker-down", cluster is "troubled" or "long" ? "heal" : "observe", 1800, true), new("under-replicated", "observe", 0, false)],
        cluster == "stale" ? Now.AddHours(2) : null, cluster == "stale" ? "anna" : null, cluster == "stale" ? "Planned work on the network" : null, 0.95, 1, 5);

    public IEnumerable<HealingDecisionDto> Decisions(string cluster) => cluster == "empty" ? [] : Enumerable.Range(0, 6).Select(i => new HealingDecisionDto(i, cluster, Now.AddMinutes(-i - 1), Trouble, "broker-down", "broker 4", i == 0 ? "waiting" : i == 1 ? "blocked" : "waiting", i == 1 ? StatusWord.Warn : StatusWord.Maint,
        i == 1 ? "Blocked: another reassignment is running." : "Heals when the grace time of 30 m is over.", i == 1 ? null : TimeProvider.System.GetUtcNow().AddMinutes(18.4),
        [new("not-paused", true, "Healing is not paused."), new("completeness", true, "99.8 % of the partitions are known, at least 95 % are needed."), new("no-other-reassignment", i != 1, i == 1 ? "14 reassignments are running that are not ours." : "No reassignment is running."), new("brokers-down", i == 1 ? null : true, i == 1 ? "Not asked: the one before does not pass." : "1 broker is down, at most 1 may be.")], null, null));

    private string Topic(string cluster, int i) => cluster == "long" ? fleet.Long($"payments.{i / 12}") : $"orders.{i / 12}";

    private static int Count(string cluster) => cluster == "huge" ? 10_000 : 214;

    private AnomalyDto Anomaly(string cluster, Guid id, bool isOver) => new(id, cluster, "broker-down", "broker 4", isOver ? "resolved" : "active", "critical", isOver ? StatusWord.Ok : StatusWord.Crit,
        "Broker 4 is down since 02:51:07: it refuses connections and the controller has fenced it; 41 partitions are under min ISR, 3 have no leader.", 4, isOver ? Now.AddDays(-2) : Now.AddMinutes(-12), isOver ? Now.AddDays(-2) : Now.AddMinutes(-11.9), isOver ? Now.AddDays(-2).AddMinutes(7) : Now.AddSeconds(-4), Now.AddMinutes(-11.5), isOver ? Now.AddDays(-2).AddMinutes(7) : null, Blast(cluster, isOver));

    private BlastRadiusDto Blast(string cluster, bool isOver) => isOver ? new(0, 0, 0, 0, [], [], []) : new(3, 41, cluster == "long" ? null : 212, 18,
        [.. Enumerable.Range(0, cluster == "huge" ? 300 : 41).Select(i => new TouchedPartitionDto(cluster == "long" ? fleet.Long("payments") : "payments", i, i < 3 ? 0 : 1, 3, i == 7 ? null : 2))], cluster == "long" ? [fleet.Long("payments")] : ["payments", "orders", "clicks", "users", "audit", "mail", "search"], cluster == "long" ? null : ["checkout-service", "billing"]);

    private PlanDto PlanRow(string cluster, Guid id, string state) => new(id, cluster, "fix-offline", state, state switch { "stale" => StatusWord.Warn, "executing" => StatusWord.Maint, _ => StatusWord.Ok }, "9f2c41d07b3a8e55", $"Moves 214 replicas off broker 4 onto 5 living brokers and copies 1.2 TiB, the 41 partitions with data at risk first.",
        state == "stale" ? "Broker 4 came back 2 m ago, and payments has 4 new partitions." : null, Now.AddMinutes(-6), "anna", Trouble, [4], 214, cluster == "long" ? 40 : 2, cluster == "long" ? 123_456_789_012_345 : (long)(1228 * GiB), 5400, 5, 55_000_000, cluster != "long", state is "executing" or "done" ? Now.AddMinutes(-4) : null, state is "executing" or "done" ? "anna" : null, state is "executing" or "done" ? "Broker 4 is beyond repair" : null, state switch { "executing" => Running, "done" => Ended, _ => null });

    private static ExecutionDto Run(string cluster, Guid id, string state) => new(id, Executing, cluster, state, state == "running" ? StatusWord.Maint : StatusWord.Ok, state == "running" ? "214 of 600 moves are done, 30 in flight; about 18 m left." : "600 moves done in 42 m; one partition differs from the plan.", "anna", "kcp-1", Now.AddMinutes(-44), state == "running" ? null : Now.AddMinutes(-2),
        600, state == "running" ? 214 : 600, state == "running" ? 30 : 0, state == "running" ? 1 : 0, (long)(1228 * GiB), (long)((state == "running" ? 749 : 1228) * GiB), state == "running" ? 55.2e6 : null, state == "running" ? 1090 : null, 5, 55_000_000, state == "running" ? [] : ["leader.replication.throttled.rate of broker 4 could not be removed: the broker is down."]);
}
