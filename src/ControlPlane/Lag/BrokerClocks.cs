using System.Collections.Concurrent;
using System.Globalization;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag;

/// <summary>The clocks of the brokers that stamp commits, against ours: each leads some partitions of the offsets topic.</summary>
internal sealed class BrokerClocks
{
    private const string OffsetsTopic = "__consumer_offsets";

    private readonly ConcurrentDictionary<int, ClockSkew> _byBroker = new();
    private volatile int[] _leaders = [];
    private volatile bool _isLive;

    /// <summary>What is read now has just been written: the feed has caught up.</summary>
    public bool IsLive
    {
        get => _isLive;
        set => _isLive = value;
    }

    /// <summary>Brokers whose clocks are apart from ours, and how far they are ahead of it.</summary>
    public IReadOnlyList<(int BrokerId, TimeSpan Ahead)> Skewed =>
        [.. _byBroker.Where(one => one.Value.Milliseconds != 0).OrderBy(one => one.Key).Select(one => (one.Key, TimeSpan.FromMilliseconds(-one.Value.Milliseconds)))];

    /// <summary>Null where all clocks agree.</summary>
    public string? Sentence => Skewed is not { Count: > 0 } skewed ? null
        : $"The clock of {string.Join(", ", skewed.Select(one => string.Create(CultureInfo.InvariantCulture, $"broker {one.BrokerId} is {Math.Abs(one.Ahead.TotalSeconds):N0} s {(one.Ahead > TimeSpan.Zero ? "ahead of" : "behind")} ours")))}; that is reckoned in.";

    /// <summary>Who leads which partition of the offsets topic.</summary>
    public void Look(ClusterModel model)
    {
        var (table, topic) = (model.Partitions, model.Partitions.FindTopic(OffsetsTopic));
        if (topic < 0)
        {
            return;
        }

        var leaders = new int[table.PartitionsOf(topic)];
        for (var i = 0; i < leaders.Length; i++)
        {
            var leader = table.Leader[table.TopicStart[topic] + i];
            leaders[i] = leader >= 0 && leader < model.Brokers.Length ? model.Brokers[leader].Id : -1;
        }

        _leaders = leaders;
    }

    /// <summary>Takes the stamp of a commit; how far our clock is ahead of the one that made it, in ms.</summary>
    /// <param name="isLate">It was stamped long before it was written, as with a transaction that ends later.</param>
    public long Take(int partition, long stamp, long now, bool isLate)
    {
        if (LeaderOf(partition) is not { } broker)
        {
            return 0;
        }

        var skew = _byBroker.GetOrAdd(broker, _ => new ClockSkew());
        skew.Take(stamp, now, _isLive && !isLate);
        return skew.Milliseconds;
    }

    /// <summary>How far our clock is ahead of the one that stamps this group's commits, in ms.</summary>
    public long SkewOf(string group) =>
        _leaders is { Length: > 0 } leaders && LeaderOf(PartitionOf(group, leaders.Length)) is { } broker && _byBroker.TryGetValue(broker, out var skew) ? skew.Milliseconds : 0;

    /// <summary>Kafka's rule: the hash of the name as Java makes it.</summary>
    public static int PartitionOf(string group, int partitions)
    {
        var hash = 0;
        foreach (var letter in group)
        {
            hash = unchecked((31 * hash) + letter);
        }

        return hash == int.MinValue ? 0 : Math.Abs(hash) % partitions;
    }

    private int? LeaderOf(int partition) => _leaders is var leaders && partition < leaders.Length && leaders[partition] >= 0 ? leaders[partition] : null;
}
