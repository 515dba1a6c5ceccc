using ControlPlane.Contracts;
using ControlPlane.Ui.Api;

namespace ControlPlane.Ui.Tests;

/// <summary>The made-up fleet: pure functions of the cluster's name, the same at each call.</summary>
internal sealed class FakeFleet(Role role = Role.Admin, int clusters = 9)
{
    private const double GiB = 1024d * 1024 * 1024;

    private static readonly string[] Named = ["production", "troubled", "huge", "long", "stale", "empty", "broken", "denied", "demo"];

    public static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public Role Role => role;

    public IReadOnlyList<ClusterSummaryDto> Clusters { get; } = [.. Enumerable.Range(0, clusters).Select(i => Summary(i < Named.Length ? Named[i] : $"region-{i:000}"))];

    public string Long(string start) => start + "." + new string('x', 249 - start.Length - 9) + "-tail-01";

    public static ClusterSummaryDto Summary(string id)
    {
        var status = id switch { "troubled" or "broken" => StatusWord.Crit, "long" => StatusWord.Warn, "stale" or "denied" => StatusWord.Unknown, _ when id.GetHashCode(StringComparison.Ordinal) % 17 == 0 => StatusWord.Maint, _ => StatusWord.Ok };
        var sentence = id switch
        {
            "troubled" => "Broker 4 is down since 02:51; 3 partitions are offline and 41 under min ISR, most of them of payments.",
            "stale" => "No broker has answered for 9 m; the last picture is shown.",
            "long" => "Log dir /var/lib/kafka/data-1 of broker 2 is 84 % full.",
            _ => "All brokers are up, all partitions in sync.",
        };
        var isEmpty = id is "empty" or "denied";
        return new(id, id == "long" ? "A cluster with a display name that is much longer than anybody should choose" : id, id is "demo" or "troubled" ? ClusterKind.Simulated : ClusterKind.Kafka,
            new Dictionary<string, string> { ["env"] = "prod" }, status, sentence, "k7Q", "4.3", id == "denied" ? null : "kcp-1", isEmpty ? null : id == "stale" ? 553 : 3.2,
            id == "troubled" ? 5 : isEmpty ? null : 6, isEmpty ? null : 6, isEmpty ? null : 412, isEmpty ? null : 4800, id == "troubled" ? 3 : isEmpty ? null : 0, id == "troubled" ? 41 : isEmpty ? null : 0,
            id == "troubled" ? 212 : isEmpty ? null : 0, isEmpty ? null : id == "long" ? 123_456_789_012_345 : 184e6, isEmpty || id == "stale" ? null : 402e6, isEmpty ? null : 91_000, isEmpty ? null : id == "long" ? 0.84 : 0.61, isEmpty ? null : 38,
            isEmpty ? null : "checkout-service", isEmpty ? null : id == "long" ? 123_456_789_012_345 : 12_345, isEmpty ? 0 : 0.998);
    }

    public ClusterDto Settings(string id) => new(id, id, id is "demo" or "troubled" ? ClusterKind.Simulated : ClusterKind.Kafka, new Dictionary<string, string>(), id is "demo" or "troubled" ? null : new("k1:9092,k2:9092", "SASL_SSL", "SCRAM-SHA-512", "kcp", true, null, null, false, true, null, null, false, null), "k7Q", Now.AddDays(-20), Now, 3);

    public IEnumerable<BrokerDto> Brokers(string cluster) => cluster == "empty" ? [] : Enumerable.Range(1, cluster == "huge" ? 1000 : 6).Select(id => BrokerRow(cluster, id));

    public BrokerDetailDto Broker(string cluster, int id) => new(BrokerRow(cluster, id), cluster == "stale" ? null :
        [new(id, "/var/lib/kafka/data-0", StatusWord.Ok, null, (long)(2000 * GiB), (long)(780 * GiB), (long)(1200 * GiB), 1210), new(id, cluster == "long" ? "/" + Long("mnt") : "/var/lib/kafka/data-1", cluster == "troubled" ? StatusWord.Crit : StatusWord.Ok, cluster == "troubled" ? "KAFKA_STORAGE_ERROR" : null, null, null, (long)(900 * GiB), 1190)],
        cluster == "stale" ? null : Now.AddSeconds(-40), Findings(cluster));

    public IEnumerable<TopicDto> Topics(string cluster) => cluster == "empty" ? [] : Enumerable.Range(0, cluster == "huge" ? 10_000 : 64).Select(i => TopicRow(cluster, i));

    public TopicDetailDto Topic(string cluster, string name) => new(TopicRow(cluster, 1) with { Name = name }, cluster == "troubled" ? "3 of 12 partitions have no leader: broker 4 held their last in-sync replica." : "All 12 partitions are in sync; 2 groups read it.", Findings(cluster),
        cluster == "empty" ? [] : [new("checkout-service", "Stable", 12_345, 12, Judgement(3)), new(cluster == "long" ? Long("group") : "billing", "Empty", null, 4)], [1, 2, 3, 4, 5, 6]);

    public IEnumerable<PartitionDto> Partitions(string cluster, string topic) => Enumerable.Range(0, cluster == "huge" ? 10_000 : cluster == "empty" ? 0 : 12).Select(i => PartitionRow(cluster, topic, i));

    public IEnumerable<PartitionDto> Troubled(string cluster) => cluster is "troubled" or "long" or "huge" ? Partitions(cluster, cluster == "long" ? Long("payments") : "payments").Take(cluster == "huge" ? 10_000 : 5) : [];

    public IEnumerable<HostedReplicaDto> Hosted(string cluster, int broker) => Enumerable.Range(0, cluster == "huge" ? 10_000 : 40).Select(i => new HostedReplicaDto(cluster == "long" ? Long("payments") : $"orders.{i / 12}", i % 12, i % 3 == 0, i % 4 == 0, i != 7, cluster == "troubled" && i == 9, i == 11 ? "adding" : null, i == 5 ? null : (long)(i * 1.3e9), "/var/lib/kafka/data-0", i == 5 ? null : 1e6 * i));

    public IEnumerable<ConfigEntryDto> Configs(string cluster) => cluster == "empty" ? [] :
        [new("cleanup.policy", "delete", "Default", false, false, null), new("min.insync.replicas", "2", "TopicOverride", false, false, null), new("num.io.threads", "8", "StaticBroker", true, false, [new(1, "16"), new(2, "16"), new(3, null)]), new("retention.ms", "604800000", "DynamicBroker", false, false, []), new("ssl.keystore.password", null, "StaticBroker", true, true, null), new("sasl.oauthbearer.jwks.endpoint.url", new string('u', 400), "DynamicDefault", false, false, null)];

    public static string GroupsNotice => "Groups are polled, commits between two polls are not seen: this product may not read __consumer_offsets. Grant READ on the topic to its user.";

    public IEnumerable<GroupDto> Groups(string cluster) => cluster == "empty" ? [] : Enumerable.Range(0, cluster == "huge" ? 10_000 : 38).Select(i => GroupRow(cluster, i == 0 && cluster == "long" ? Long("group") : i == 0 ? "checkout-service" : $"service-{i:0000}", i));

    public GroupDetailDto Group(string cluster, string id) => !id.StartsWith("many-topics", StringComparison.Ordinal) ? OneTopic(cluster, id) : OneTopic(cluster, id) with
    {
        Partitions = [.. OneTopic(cluster, id).Partitions!.Select((row, i) => row with { Topic = (i % 3) switch { 0 => "orders", 1 => "payments", _ => "refunds" } })],
        HistoryTopics = ["orders", "payments"],
    };

    private GroupDetailDto OneTopic(string cluster, string id) => new(GroupRow(cluster, id, id.StartsWith("idle", StringComparison.Ordinal) ? 7 : 3), "The group consumes from 12 partitions and is 12.3 k messages behind, most of it on orders-7.",
        cluster == "stale" ? null : [.. Enumerable.Range(0, 3).Select(i => new GroupMemberDto($"consumer-{i}-8c1f0b1e-{new string('a', 24)}", i == 0 ? "pod-0" : null, cluster == "long" ? Long("client") : $"consumer-{i}", $"/10.0.3.{i}", ["orders-1", "orders-2"], 400 * i, id.StartsWith("streams", StringComparison.Ordinal) ? [new("active", "0", [i, i + 3], ["orders"]), new("standby", "1", [i], ["orders-by-key"])] : null))],
        cluster == "stale" ? null : [.. Enumerable.Range(0, 12).Select(i => new GroupPartitionDto(cluster == "long" ? Long("orders") : "orders", i, i == 4 ? null : 1_000_000 + i, i == 5 ? null : 1_000_400 + (i * 7), 0, i is 4 or 5 ? null : 400 + (i * 6), "m", $"consumer-{i % 3}", $"/10.0.3.{i % 3}", i != 6, i == 4 ? null : new PartitionJudgementDto(i < 7 ? "STOP" : "OK", i < 7 ? "silent" : "progressing", i < 7 ? "No commit for 9 m 12 s (45 s would be in order), 400 messages behind." : "It is 400 messages behind and making progress.", 0.93, 1, i < 7 ? 552 : 3, i == 2, i < 7 ? "never" : "done", null, 0, 50, [new(1_000_000, Now.AddSeconds(-5), 400)]), i is 4 or 5 ? null : 1_000_200, i is 4 or 5 ? null : 200))], cluster == "stale" ? null : Now.AddSeconds(-9), cluster is "troubled" or "long" ? new LagFeedDto("following", "Every commit is read from __consumer_offsets.", "The clock of broker 2 is 600 s ahead of ours; that is reckoned in.") : null);

    public ClusterOverviewDto Overview(string cluster) => new(Summary(cluster), new("kraft", cluster == "empty" ? null : 2, 17, [], []), Findings(cluster), [.. Brokers(cluster).Take(cluster == "huge" ? 1000 : 6)],
        new(cluster == "stale" ? 0.5 : 1, 0.998, 1, 1, 0.97),
        [new("metadata", 5, Now.AddSeconds(-3), 3.2, false, 0.04, 120_334, 9_000_000, 214_000_000, []), new("log dirs", 60, Now.AddSeconds(cluster == "stale" ? -553 : -31), cluster == "stale" ? 553 : 31, cluster == "stale", 0.9, 1204, 400_000, 98_000_000, cluster is "stale" or "long" ? [new(4, "DescribeLogDirs", "Timeout", "no answer within 10 s; look at its network and load")] : []), new("groups", 30, cluster == "empty" ? null : Now.AddSeconds(-9), null, false, null, 0, 0, 0, [])],
        cluster == "troubled" ? 14 : 0, 7, 0, cluster == "empty" ? null : Now.AddSeconds(cluster == "stale" ? -553 : -3), 4711);

    public static IReadOnlyList<ClusterEventDto> Events(string cluster) => cluster != "troubled" ? [] :
        [new(Now.AddMinutes(-11), "controller", "cluster", StatusWord.Ok, "Controller 2 is active, was 4."), new(Now.AddMinutes(-12), "leaders", "cluster", StatusWord.Crit, "212 partitions changed their leader, 3 of them have none now."), new(Now.AddMinutes(-12.1), "broker", "broker 4", StatusWord.Crit, "Broker 4 is down, was up: connections are refused."), new(Now.AddMinutes(-40), "broker", "broker 2", StatusWord.Maint, "Broker 2 is restarting, was shutting down: a controlled shutdown."), new(Now.AddHours(-20), "ownership", "cluster", StatusWord.Ok, "Process kcp-1 watches the cluster from here on (epoch 7).")];

    public HistoryDto History(string cluster, HistoryQuery query)
    {
        const int Points = 120;
        var series = query.Metrics.Select((metric, m) => new HistorySeriesDto(metric, query.Objects[0], UnitOf(metric), [.. Enumerable.Range(0, Points).Select(i => ValueOf(cluster, metric, m, i))], []));
        return new(query.From, query.To, (query.To - query.From).TotalSeconds / (Points - 1), cluster == "empty" ? [] : [.. series]);
    }

    private static double? ValueOf(string cluster, string metric, int m, int i) => (cluster, metric) switch
    {
        (_, _) when i is > 40 and < 55 => null, // nothing was measured then
        ("stale", _) when i > 90 => null,
        ("troubled", "offline_partitions") => i > 80 ? 3 : 0,
        ("troubled", "under_min_isr") => i > 78 ? 41 : 0,
        ("troubled", "under_replicated") => i > 76 ? 212 - i : 0,
        (_, "offline_partitions" or "under_min_isr" or "under_replicated") => 0,
        (_, "disk_used_ratio") => 0.5 + (i * 0.001),
        (_, "lag_status") => i is > 20 and < 40 ? 3 : i is > 60 and < 70 ? 2 : 1,
        ("long", _) => 123_456_789_012_345 * (1 + (0.2 * Math.Sin(i / 9.0))),
        (_, "time_lag") => 40 + (i * 7),
        (_, "disk_used_bytes") => (900 + i) * GiB,
        _ => (1 + m) * 9e7 * (1.2 + (0.4 * Math.Sin((i + (m * 9)) / 11.0)) + (0.06 * Math.Sin(i * 1.7))),
    };

    private static string UnitOf(string metric) => metric switch
    {
        "bytes_in" or "bytes_out" or "replication_bytes_in" => "bytes_per_second",
        "messages_in" => "messages_per_second",
        "disk_used_bytes" => "bytes",
        "disk_used_ratio" => "ratio",
        "lag" => "messages",
        "time_lag" => "seconds",
        "consume_rate" or "produce_rate" => "messages_per_second",
        "lag_status" => "burrow_status",
        _ => "count",
    };

    private static IReadOnlyList<FindingDto> Findings(string cluster) => cluster is not ("troubled" or "long") ? [] :
        [new(StatusWord.Crit, "broker-down", "broker:4", "Broker 4 refused connections since 02:51:07 and is fenced by the controller; it led 212 partitions.", Now.AddMinutes(-12)), new(StatusWord.Crit, "offline", "topic:payments", "3 partitions of payments have no leader: their last in-sync replica was on broker 4.", Now.AddMinutes(-12)), new(StatusWord.Warn, "disk", "broker:2", "Log dir /var/lib/kafka/data-1 of broker 2 is 84 % full and grows by 1.2 GiB an hour.", Now.AddHours(-5))];

    private static BrokerDto BrokerRow(string cluster, int id)
    {
        var isDown = cluster == "troubled" && id == 4;
        return new(id, cluster == "long" ? $"broker-{id}.{new string('h', 200)}.internal" : $"kafka-{id}.kafka.svc", 9092, $"rack-{id % 3}", isDown ? "Down" : "Active", isDown ? StatusWord.Crit : cluster == "stale" ? StatusWord.Unknown : StatusWord.Ok,
            Now.AddMinutes(-12), isDown ? "Connections are refused since 02:51:07 and the controller has fenced it." : "Answers in 4 ms and is not fenced.", isDown, id == 2, isDown ? null : 2400 - (id * 3), isDown ? 0 : 800 + id, 804, isDown ? 2400 : 0,
            isDown ? null : cluster == "long" ? 123_456_789_012_345 : 31e6 + (id * 1e6), isDown ? null : 62e6, cluster == "stale" || isDown ? null : 67e6, null, isDown ? null : 15_000, isDown ? null : (long)((1210 + (id * 40)) * GiB), cluster == "long" ? null : (long)(2000 * GiB), 2, isDown ? 1 : 0, isDown ? 0 : 1);
    }

    private TopicDto TopicRow(string cluster, int i) => new(cluster == "long" && i % 4 == 0 ? Long($"payments.{i}") : i == 0 ? "__consumer_offsets" : $"orders.events.v{i}", null, i == 0, cluster == "troubled" && i == 1 ? StatusWord.Crit : StatusWord.Ok, 12 + (i % 5), 3, i == 3, i == 2 ? null : 2, cluster == "troubled" && i == 1 ? 3 : 0, i == 2 ? null : 0, cluster == "troubled" && i == 1 ? 9 : 0, i % 4,
        i == 2 ? null : cluster == "long" ? 123_456_789_012_345 : 1e6 * (i % 90), 1000 * (i % 90), i % 3 == 0 ? null : 2e6, (long)(GiB * (i % 70)), cluster == "long" ? 123_456_789_012_345 : 1_000_000L * i, i % 5, i % 4);

    private static PartitionDto PartitionRow(string cluster, string topic, int i)
    {
        var isOffline = cluster == "troubled" && i < 3;
        ReplicaDto[] replicas = [.. Enumerable.Range(0, 3).Select(r => new ReplicaDto(((i + r) % 6) + 1, $"rack-{r}", r == 0 && !isOffline, !isOffline && !(cluster == "troubled" && r == 2), isOffline && r == 0, i == 7 && r == 2 ? "adding" : null, (long)(GiB * (i + 1)), "/var/lib/kafka/data-0"))];
        return new(topic, i, isOffline ? StatusWord.Crit : cluster == "troubled" ? StatusWord.Warn : StatusWord.Ok, isOffline ? null : (i % 6) + 1, 14, i % 4 != 0, replicas, replicas.Count(replica => replica.InSync), i == 2 ? null : 2, 0, isOffline ? null : cluster == "long" ? 123_456_789_012_345 : 1_000_000 + i, isOffline ? null : 1.1e6, isOffline ? null : 420, isOffline ? null : (long)(GiB * (i + 1)));
    }

    private static GroupDto GroupRow(string cluster, string id, int i) => new(id, i % 4 == 0 ? "consumer" : "classic", i == 5 ? null : i % 7 == 0 ? "Empty" : "Stable", "consumer", i == 5 ? null : 2, i == 5 ? null : 3, 2, 24, i == 5 ? null : cluster == "long" ? 123_456_789_012_345 : i * 1234, i == 5 ? null : i * 400, i == 5 ? null : "orders-7", i == 5 ? 24 : 0, i == 5 ? "Its coordinator, broker 4, does not answer." : null, i == 5 ? null : Judgement(i));

    private static GroupJudgementDto Judgement(int i) => (i % 9) switch
    {
        3 => new(StatusWord.Crit, "ERR", "7 of 24 partitions STOP, 12,300 messages behind, the oldest written 9 m 12 s ago; worst orders-7: No commit for 9 m 12 s (45 s would be in order). All 7 stuck partitions belong to one member; the others go on.", 552, false, 7, 1, "never", null, null, null, 410, 1200, "stuck-member", "All 7 stuck partitions belong to one member; the others go on.", 6, "6 members would hold it."),
        4 => new(StatusWord.Warn, "WARN", "2 of 24 partitions WARN, 4,936 messages behind, the oldest written at least 30 m 0 s ago.", 1800, true, 2, 0.9, "expected", 1320, 1100, null, 1900, 1200, null, null, 3, "3 members are enough."),
        _ => new(StatusWord.Ok, "OK", "Nothing is left to read.", 0, false, 0, 1, "done", null, null, null, 1200, 1200, null, null, 3, "3 members are enough."),
    };
}
