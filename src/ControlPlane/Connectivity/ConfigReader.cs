using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Protocol;
using ConfigSource = ControlPlane.Engine.Model.ConfigSource;

namespace ControlPlane.Connectivity;

/// <summary>Reads configs of brokers and topics.</summary>
internal static class ConfigReader
{
    private const string Api = "DescribeConfigs";
    private const string MinInSync = "min.insync.replicas";

    public static async Task<Part<BrokerConfigsSample>> BrokersAsync(KafkaAdmin admin, IReadOnlyList<int> brokerIds, CancellationToken cancellationToken)
    {
        var results = await admin.FetchConfigsAsync([.. brokerIds.Select(ConfigResource.Broker)], null, cancellationToken);
        var sample = new BrokerConfigsSample(results.Values.ToImmutableDictionary(pair => IdOf(pair.Key), pair => Entries(pair.Value)));
        return new Part<BrokerConfigsSample>(IsNothing(results) ? null : sample, Failures(results));
    }

    public static async Task<Part<TopicConfigsSample>> TopicsAsync(KafkaAdmin admin, IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        var results = await admin.FetchConfigsAsync([.. topics.Select(ConfigResource.Topic)], null, cancellationToken);
        var overrides = ImmutableDictionary.CreateBuilder<string, ImmutableArray<ConfigEntry>>(StringComparer.Ordinal);
        var minInSync = ImmutableDictionary.CreateBuilder<string, short>(StringComparer.Ordinal);
        foreach (var (resource, configs) in results.Values)
        {
            var own = Entries(configs.Where(config => config.ConfigSource == Kafka.Protocol.ConfigSource.TopicConfig));
            if (!own.IsEmpty)
            {
                overrides[resource.Name] = own;
            }

            var text = configs.FirstOrDefault(config => config.Name == MinInSync).Value;
            minInSync[resource.Name] = short.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : (short)-1;
        }

        var sample = new TopicConfigsSample(overrides.ToImmutable(), minInSync.ToImmutable());
        return new Part<TopicConfigsSample>(IsNothing(results) ? null : sample, Failures(results));
    }

    public static async Task<Part<IReadOnlyList<ConfigEntry>>> TopicAsync(KafkaAdmin admin, string topic, CancellationToken cancellationToken)
    {
        var results = await admin.FetchConfigsAsync([ConfigResource.Topic(topic)], null, cancellationToken);
        return results.Values.TryGetValue(ConfigResource.Topic(topic), out var configs)
            ? new Part<IReadOnlyList<ConfigEntry>>(Entries(configs), [])
            : new Part<IReadOnlyList<ConfigEntry>>(null, Failures(results));
    }

    private static ImmutableArray<ConfigEntry> Entries(IEnumerable<DescribeConfigsResponse.Config> configs) =>
    [
        .. configs
            .Select(config => new ConfigEntry(config.Name, config.IsSensitive ? null : config.Value, SourceOf(config.ConfigSource), config.ReadOnly, config.IsSensitive))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal),
    ];

    private static ConfigSource SourceOf(Kafka.Protocol.ConfigSource source) => source switch
    {
        Kafka.Protocol.ConfigSource.TopicConfig => ConfigSource.TopicOverride,
        Kafka.Protocol.ConfigSource.DynamicBrokerConfig => ConfigSource.DynamicBroker,
        Kafka.Protocol.ConfigSource.DynamicDefaultBrokerConfig => ConfigSource.DynamicDefault,
        Kafka.Protocol.ConfigSource.StaticBrokerConfig => ConfigSource.StaticBroker,
        Kafka.Protocol.ConfigSource.DefaultConfig => ConfigSource.Default,
        _ => ConfigSource.Unknown,
    };

    private static int IdOf(ConfigResource resource) => int.Parse(resource.Name, NumberStyles.None, CultureInfo.InvariantCulture);

    private static bool IsNothing(ConfigResults results) => results.Values.Count == 0 && results.Failures.Count > 0;

    /// <summary>The same failure of many topics is told once.</summary>
    private static ImmutableArray<SampleFailure> Failures(ConfigResults results) => SampleFailures.Bounded(
    [
        .. results.Failures.GroupBy(pair => (SampleFailures.KindOf(pair.Value), pair.Key.Type)).Select(same =>
        {
            var (resource, exception) = same.First();
            var failure = SampleFailures.Of(resource.Type == ConfigResourceType.Broker ? IdOf(resource) : null, Api, exception);
            return same.Count() == 1 ? failure : failure with { Message = $"{failure.Message} ({same.Count() - 1} more alike)" };
        }),
    ]);
}
