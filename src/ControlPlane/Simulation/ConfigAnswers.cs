using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>Configs of brokers and topics with their sources.</summary>
internal static class ConfigAnswers
{
    private const string Api = "DescribeConfigs";

    /// <summary>Topic configs and their defaults in Kafka 4.3, as far as the simulated world or a person would look at them.</summary>
    private static readonly ImmutableArray<(string Name, string Value)> TopicDefaults =
    [
        ("cleanup.policy", "delete"), ("compression.type", "producer"), ("delete.retention.ms", "86400000"), ("file.delete.delay.ms", "60000"),
        ("flush.messages", "9223372036854775807"), (SimulatedConfigs.FollowerReplicas, ""), (SimulatedConfigs.LeaderReplicas, ""),
        ("max.message.bytes", "1048588"), ("message.timestamp.type", "CreateTime"), ("min.cleanable.dirty.ratio", "0.5"),
        (SimulatedConfigs.MinInSync, "1"), ("retention.bytes", "-1"), ("retention.ms", "604800000"), ("segment.bytes", "1073741824"),
        ("segment.ms", "604800000"), ("unclean.leader.election.enable", "false"),
    ];

    public static Sampled<BrokerConfigsSample> Brokers(SimulatedKafka kafka, IReadOnlyList<int> brokerIds)
    {
        var round = new AnswerRound(kafka);
        var byBroker = ImmutableDictionary.CreateBuilder<int, ImmutableArray<ConfigEntry>>();
        foreach (var id in brokerIds)
        {
            var entries = kafka.HasBroker(id) ? BrokerEntries(kafka, id) : [];
            if (round.Ask(id, Api, WireCost.Configs(1, entries.Length)))
            {
                byBroker[id] = entries;
            }
        }

        return round.Result(byBroker.Count > 0 || brokerIds.Count == 0 ? new BrokerConfigsSample(byBroker.ToImmutable()) : null);
    }

    public static Sampled<TopicConfigsSample> Topics(SimulatedKafka kafka, IReadOnlyList<string> topics)
    {
        var round = new AnswerRound(kafka);
        if (!round.AskAny(Api, WireCost.Configs(topics.Count, 4 * topics.Count)))
        {
            return round.Result<TopicConfigsSample>(null);
        }

        var overrides = ImmutableDictionary.CreateBuilder<string, ImmutableArray<ConfigEntry>>(StringComparer.Ordinal);
        var minInSync = ImmutableDictionary.CreateBuilder<string, short>(StringComparer.Ordinal);
        foreach (var topic in topics)
        {
            var index = kafka.World.Partitions.Layout.FindTopic(topic);
            if (index < 0)
            {
                round.Fail(null, Api, FailureKind.Error, Unknown(topic));
                continue;
            }

            minInSync[topic] = kafka.World.Partitions.TopicMinInSync(index);
            if (kafka.Configs.OverridesOf(topic) is { Count: > 0 } own)
            {
                overrides[topic] = [.. own.Select(entry => new ConfigEntry(entry.Key, entry.Value, ConfigSource.TopicOverride, ReadOnly: false, Sensitive: false))];
            }
        }

        return round.Result(new TopicConfigsSample(overrides.ToImmutable(), minInSync.ToImmutable()));
    }

    public static Sampled<IReadOnlyList<ConfigEntry>> Topic(SimulatedKafka kafka, string topic)
    {
        var round = new AnswerRound(kafka);
        if (!round.AskAny(Api, WireCost.Configs(1, TopicDefaults.Length)))
        {
            return round.Result<IReadOnlyList<ConfigEntry>>(null);
        }

        if (kafka.World.Partitions.Layout.FindTopic(topic) < 0)
        {
            round.Fail(null, Api, FailureKind.Error, Unknown(topic));
            return round.Result<IReadOnlyList<ConfigEntry>>(null);
        }

        var own = kafka.Configs.OverridesOf(topic);
        var entries = TopicDefaults
            .Where(entry => !own.ContainsKey(entry.Name))
            .Select(entry => Inherited(kafka, entry.Name, entry.Value))
            .Concat(own.Select(entry => new ConfigEntry(entry.Key, entry.Value, ConfigSource.TopicOverride, ReadOnly: false, Sensitive: false)))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .ToList();
        return round.Result<IReadOnlyList<ConfigEntry>>(entries);
    }

    private static ConfigEntry Inherited(SimulatedKafka kafka, string name, string value) => name switch
    {
        SimulatedConfigs.MinInSync => new ConfigEntry(name, kafka.Configs.DefaultMinInSync.ToString(CultureInfo.InvariantCulture), ConfigSource.StaticBroker, ReadOnly: false, Sensitive: false),
        "retention.ms" => new ConfigEntry(name, (LoadPlan.DefaultRetentionSeconds * 1_000L).ToString(CultureInfo.InvariantCulture), ConfigSource.StaticBroker, ReadOnly: false, Sensitive: false),
        _ => new ConfigEntry(name, value, ConfigSource.Default, ReadOnly: false, Sensitive: false),
    };

    private static ImmutableArray<ConfigEntry> BrokerEntries(SimulatedKafka kafka, int id)
    {
        var (broker, spec) = (kafka.Broker(id), kafka.World.Spec);
        var text = CultureInfo.InvariantCulture;
        var voters = string.Join(',', Enumerable.Range(0, 3).Select(i => string.Create(text, $"{ControllerQuorum.FirstId + i}@controller-{i + 1}.demo:9093")));
        List<ConfigEntry> entries =
        [
            Static("advertised.listeners", string.Create(text, $"PLAINTEXT://{broker.Host}:{broker.Port}")),
            Static("broker.rack", broker.Rack ?? ""),
            Static("controller.quorum.voters", voters),
            Static("default.replication.factor", spec.ReplicationFactor.ToString(text)),
            Static("listeners", "PLAINTEXT://:9092"),
            Static("log.dirs", string.Join(',', broker.LogDirs.Select(dir => dir.Path))),
            Static("log.retention.ms", (LoadPlan.DefaultRetentionSeconds * 1_000L).ToString(text)),
            Static(SimulatedConfigs.MinInSync, kafka.Configs.DefaultMinInSync.ToString(text)),
            Static("node.id", id.ToString(text)),
            Static("num.partitions", spec.PartitionsPerTopic.ToString(text)),
            Static("process.roles", "broker"),
            Default("auto.create.topics.enable", "true"),
            Default("auto.leader.rebalance.enable", "true"),
            Default("broker.heartbeat.interval.ms", "2000"),
            Default("broker.session.timeout.ms", ((long)BrokerLives.SessionTimeout.TotalMilliseconds).ToString(text)),
            Default("leader.imbalance.check.interval.seconds", "300"),
            Default("num.io.threads", "8"),
            Default("num.network.threads", "3"),
            Default("num.replica.fetchers", "1"),
            Default("offsets.topic.num.partitions", "50"),
            Default("replica.lag.time.max.ms", ((long)Replication.ReplicaLagTimeMax.TotalMilliseconds).ToString(text)),
            Default("unclean.leader.election.enable", "false"),
            new("ssl.keystore.password", null, ConfigSource.Default, ReadOnly: false, Sensitive: true),
        ];
        entries.AddRange(kafka.Configs.DynamicOf(id).Select(entry => new ConfigEntry(entry.Key, entry.Value, ConfigSource.DynamicBroker, ReadOnly: false, Sensitive: false)));
        return [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    private static ConfigEntry Static(string name, string value) => new(name, value, ConfigSource.StaticBroker, ReadOnly: true, Sensitive: false);

    private static ConfigEntry Default(string name, string value) => new(name, value, ConfigSource.Default, ReadOnly: true, Sensitive: false);

    private static string Unknown(string topic) => $"UNKNOWN_TOPIC_OR_PARTITION: the cluster has no topic '{topic}'; it may have been deleted, so list the topics anew";
}
