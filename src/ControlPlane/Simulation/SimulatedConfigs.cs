using System.Globalization;

namespace ControlPlane.Simulation;

/// <summary>How one entry of a config is altered.</summary>
internal enum ConfigOperation
{
    Set,
    Delete,
    Append,
    Subtract,
}

/// <summary>One alteration; the value is null for Delete.</summary>
internal sealed record ConfigAlteration(string Name, ConfigOperation Operation, string? Value);

/// <summary>
/// Dynamic broker configs and topic overrides with the semantics of IncrementalAlterConfigs, and the replication throttles that
/// follow from them. Only entries that have an effect in the simulated world can be altered.
/// </summary>
/// <param name="defaultMinInSync">The brokers' min.insync.replicas, for topics without an override.</param>
internal sealed class SimulatedConfigs(PartitionStore partitions, short defaultMinInSync)
{
    public const string LeaderRate = "leader.replication.throttled.rate";
    public const string FollowerRate = "follower.replication.throttled.rate";
    public const string LeaderReplicas = "leader.replication.throttled.replicas";
    public const string FollowerReplicas = "follower.replication.throttled.replicas";
    public const string MinInSync = "min.insync.replicas";
    public const string InvalidConfig = "INVALID_CONFIG";
    private const string Wildcard = "*";

    /// <summary>Overrides that may be set on a topic here, with the check of their value.</summary>
    private static readonly Dictionary<string, Func<string, bool>> TopicEntries = new(StringComparer.Ordinal)
    {
        [LeaderReplicas] = IsReplicaList,
        [FollowerReplicas] = IsReplicaList,
        [MinInSync] = value => short.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0,
    };

    private readonly SortedDictionary<int, SortedDictionary<string, string>> _brokers = [];
    private readonly Dictionary<string, SortedDictionary<string, string>> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Topic, string Key), ThrottledReplicas> _throttled = [];

    public short DefaultMinInSync { get; } = defaultMinInSync;

    /// <summary>Bytes per second of all throttled replicas it leads together; null: no throttle.</summary>
    public double? LeaderThrottle(int broker) => Rate(broker, LeaderRate);

    public double? FollowerThrottle(int broker) => Rate(broker, FollowerRate);

    public bool IsLeaderThrottled(int partition, int broker) => IsListed(partition, broker, LeaderReplicas);

    public bool IsFollowerThrottled(int partition, int broker) => IsListed(partition, broker, FollowerReplicas);

    public IReadOnlyDictionary<string, string> DynamicOf(int broker) =>
        _brokers.TryGetValue(broker, out var entries) ? entries : SortedDictionaryOf();

    public IReadOnlyDictionary<string, string> OverridesOf(string topic) =>
        _topics.TryGetValue(topic, out var entries) ? entries : SortedDictionaryOf();

    /// <summary>Null, or Kafka's error name. Either all alterations apply or none.</summary>
    public string? AlterBroker(int broker, IReadOnlyList<ConfigAlteration> alterations)
    {
        if (!alterations.All(IsValidForBroker))
        {
            return InvalidConfig;
        }

        foreach (var alteration in alterations)
        {
            if (alteration.Operation == ConfigOperation.Delete)
            {
                _brokers.GetValueOrDefault(broker)?.Remove(alteration.Name);
            }
            else
            {
                EntriesOf(_brokers, broker)[alteration.Name] = alteration.Value!;
            }
        }

        return null;
    }

    /// <summary>Null, or Kafka's error name. Either all alterations apply or none.</summary>
    public string? AlterTopic(string topic, IReadOnlyList<ConfigAlteration> alterations)
    {
        var index = partitions.Layout.FindTopic(topic);
        if (index < 0)
        {
            return "UNKNOWN_TOPIC_OR_PARTITION";
        }

        var next = new SortedDictionary<string, string>(_topics.GetValueOrDefault(topic) ?? [], StringComparer.Ordinal);
        foreach (var alteration in alterations)
        {
            if (!TryAlter(next, alteration))
            {
                return InvalidConfig;
            }
        }

        _topics[topic] = next;
        _throttled.Remove((topic, LeaderReplicas));
        _throttled.Remove((topic, FollowerReplicas));
        partitions.SetTopicMinInSync(index, next.TryGetValue(MinInSync, out var value) ? short.Parse(value, CultureInfo.InvariantCulture) : DefaultMinInSync);
        return null;
    }

    /// <summary>Overrides a topic has from the beginning.</summary>
    public void Preset(string topic, string name, string value)
    {
        if (!_topics.TryGetValue(topic, out var entries))
        {
            _topics.Add(topic, entries = SortedDictionaryOf());
        }

        entries[name] = value;
    }

    private static bool TryAlter(SortedDictionary<string, string> entries, ConfigAlteration alteration)
    {
        var (name, operation, value) = alteration;
        if (!TopicEntries.TryGetValue(name, out var isValid))
        {
            return false;
        }

        if (operation == ConfigOperation.Delete)
        {
            entries.Remove(name);
            return true;
        }

        if (value is null || !isValid(value))
        {
            return false;
        }

        if (operation == ConfigOperation.Set)
        {
            entries[name] = value;
            return true;
        }

        if (name is not (LeaderReplicas or FollowerReplicas))
        {
            return false; // only lists can be appended to
        }

        var old = entries.GetValueOrDefault(name, "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        var given = value.Split(',', StringSplitOptions.RemoveEmptyEntries);

        // Kafka's own traps: a wildcard doesn't mix with entries, and taking the last entry out leaves an empty override behind.
        var result = operation == ConfigOperation.Append ? [.. old.Union(given, StringComparer.Ordinal)] : old.Except(given, StringComparer.Ordinal).ToArray();
        entries[name] = string.Join(',', result);
        return IsReplicaList(entries[name]);
    }

    private static bool IsReplicaList(string value) =>
        value.Length == 0 || value == Wildcard || value.Split(',').All(entry => ThrottledReplicas.TryParse(entry, out _));

    private static bool IsValidForBroker(ConfigAlteration alteration) =>
        alteration.Name is LeaderRate or FollowerRate
        && (alteration.Operation == ConfigOperation.Delete
            || (alteration.Operation == ConfigOperation.Set
                && long.TryParse(alteration.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _)));

    private static SortedDictionary<string, string> EntriesOf(SortedDictionary<int, SortedDictionary<string, string>> all, int broker)
    {
        if (!all.TryGetValue(broker, out var entries))
        {
            all.Add(broker, entries = SortedDictionaryOf());
        }

        return entries;
    }

    private static SortedDictionary<string, string> SortedDictionaryOf() => new(StringComparer.Ordinal);

    private double? Rate(int broker, string name) =>
        _brokers.TryGetValue(broker, out var entries) && entries.TryGetValue(name, out var value)
            ? long.Parse(value, CultureInfo.InvariantCulture)
            : null;

    private bool IsListed(int partition, int broker, string key)
    {
        var layout = partitions.Layout;
        var topic = layout.TopicName[layout.Topic[partition]];
        if (!_topics.TryGetValue(topic, out var entries) || !entries.TryGetValue(key, out var value))
        {
            return false;
        }

        if (!_throttled.TryGetValue((topic, key), out var listed))
        {
            _throttled.Add((topic, key), listed = new ThrottledReplicas(value));
        }

        return listed.Contains(layout.NumberOf(partition), broker);
    }
}

/// <summary>A parsed list of "partition:broker", or the wildcard.</summary>
internal sealed class ThrottledReplicas
{
    private readonly HashSet<(int Partition, int Broker)>? _listed;

    public ThrottledReplicas(string value)
    {
        if (value != "*")
        {
            _listed = [];
            foreach (var entry in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (TryParse(entry, out var replica))
                {
                    _listed.Add(replica);
                }
            }
        }
    }

    public bool Contains(int partition, int broker) => _listed is null || _listed.Contains((partition, broker));

    /// <summary>No spaces, no signs: Kafka compares entries byte for byte.</summary>
    public static bool TryParse(string entry, out (int Partition, int Broker) replica)
    {
        var colon = entry.IndexOf(':', StringComparison.Ordinal);
        replica = default;
        return colon > 0
            && int.TryParse(entry.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out replica.Partition)
            && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out replica.Broker);
    }
}
