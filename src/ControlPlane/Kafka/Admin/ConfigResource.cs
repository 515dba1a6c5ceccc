using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>What a config belongs to: a topic, a broker by id, or with an empty name the default of all brokers.</summary>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name)
{
    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);

    public static ConfigResource Broker(int id) => new(ConfigResourceType.Broker, id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static ConfigResource AllBrokers { get; } = new(ConfigResourceType.Broker, "");

    /// <summary>The broker that alone knows this resource; null where any does.</summary>
    internal int? OwnerId =>
        Type is ConfigResourceType.Broker or ConfigResourceType.BrokerLogger
        && int.TryParse(Name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id)
            ? id
            : null;

    public override string ToString() => Name.Length == 0 ? $"all brokers" : $"{Type} {Name}";
}

/// <summary>The change of one key.</summary>
public readonly record struct ConfigChange(string Key, ConfigOperation Operation, string? Value);

/// <summary>Configs by resource, and why those of others could not be had. Every resource asked for is in exactly one of the two.</summary>
public sealed record ConfigResults(
    IReadOnlyDictionary<ConfigResource, IReadOnlyList<DescribeConfigsResponse.Config>> Values, IReadOnlyDictionary<ConfigResource, KafkaClientException> Failures);
