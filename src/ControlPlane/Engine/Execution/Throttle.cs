using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace ControlPlane.Engine.Execution;

/// <summary>One config key of one topic or broker that a throttle of ours stands in.</summary>
/// <param name="Topic">Null for a broker's.</param>
/// <param name="Broker">Null for a topic's.</param>
public readonly record struct ThrottleKey(string? Topic, int? Broker, string Key)
{
    public const string LeaderReplicas = "leader.replication.throttled.replicas";
    public const string FollowerReplicas = "follower.replication.throttled.replicas";
    public const string LeaderRate = "leader.replication.throttled.rate";
    public const string FollowerRate = "follower.replication.throttled.rate";

    [JsonIgnore]
    public string Resource => Topic is null ? string.Create(CultureInfo.InvariantCulture, $"broker {Broker}") : $"topic {Topic}";

    public override string ToString() => $"{Key} of {Resource}";
}

/// <summary>Whether a throttle stands.</summary>
public enum ThrottleState
{
    /// <summary>Stored as to be set, with what stood before; not seen standing yet.</summary>
    Recorded,
    Set,

    /// <summary>Kafka took its removal; not seen gone yet.</summary>
    Removed,

    /// <summary>To be removed as soon as its broker answers again.</summary>
    Owed,
    Restored,
}

/// <summary>An entry of the ledger: what is ours, and what stood there before.</summary>
/// <param name="Values">Of a topic's list: our entries. Of a rate: every value we asked for, the present one last.</param>
/// <param name="Before">Null where nothing was set.</param>
public sealed record Throttle(ThrottleKey Key, ImmutableArray<string> Values, string? Before, ThrottleState State, DateTimeOffset RecordedAt)
{
    /// <summary>Since when a change of it that got no answer may still arrive; null: every one was answered.</summary>
    public DateTimeOffset? UncertainSince { get; init; }

    public bool IsOpen => State != ThrottleState.Restored;

    public string Value => Key.Topic is null ? Values[^1] : string.Join(',', Values);

    /// <summary>Whether this much of ours is in what the cluster shows.</summary>
    public bool StandsIn(string? observed) => Key.Topic is null
        ? observed == Values[^1]
        : observed == "*" || Values.All(ThrottleList.Parse(observed).Contains);
}

/// <summary>The value of a throttled replica list: entries "partition:broker", compared byte for byte.</summary>
public static class ThrottleList
{
    public static ImmutableHashSet<string> Parse(string? value) =>
        [.. (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)];

    public static string Entry(int partition, int broker) => string.Create(CultureInfo.InvariantCulture, $"{partition}:{broker}");
}
