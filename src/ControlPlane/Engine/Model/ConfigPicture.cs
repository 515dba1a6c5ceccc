using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>Where a config value comes from, in Kafka's order of precedence.</summary>
public enum ConfigSource
{
    Unknown = 0,
    TopicOverride = 1,
    DynamicBroker = 2,
    DynamicDefault = 3,
    StaticBroker = 4,
    Default = 5,
}

/// <summary>One config entry. The value is null where Kafka hides it (sensitive).</summary>
public sealed record ConfigEntry(string Name, string? Value, ConfigSource Source, bool ReadOnly, bool Sensitive);

/// <summary>Configs as last read: all entries of brokers, overrides of topics.</summary>
/// <param name="Brokers">By Kafka node id; a broker that is absent was not read.</param>
/// <param name="TopicOverrides">By topic name; a topic that is absent was not read or has none (see <paramref name="TopicsAt"/>).</param>
public sealed record ConfigPicture(
    ImmutableDictionary<int, ImmutableArray<ConfigEntry>> Brokers,
    ImmutableDictionary<string, ImmutableArray<ConfigEntry>> TopicOverrides,
    DateTimeOffset? BrokersAt,
    DateTimeOffset? TopicsAt)
{
    public static ConfigPicture Empty { get; } = new(
        ImmutableDictionary<int, ImmutableArray<ConfigEntry>>.Empty,
        ImmutableDictionary<string, ImmutableArray<ConfigEntry>>.Empty,
        null,
        null);
}
