using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>A feed of an offsets topic that reads nothing and knows where it is.</summary>
internal sealed class StillFeed(Guid topic) : IOffsetsFeed
{
    private readonly SortedDictionary<int, (long Position, Dictionary<string, long> Groups)> _partitions = [];

    public OffsetsFeedStatus Status { get; set; } = new(true, null, 0);

    public Guid TopicId => topic;

    public long Records => 0;

    public IReadOnlyList<(int Partition, long Position)> Positions => [.. _partitions.Select(pair => (pair.Key, pair.Value.Position))];

    public Task RunAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The place of one more record of a group.</summary>
    public long Next(int partition, string group)
    {
        var (position, groups) = _partitions.GetValueOrDefault(partition, (0, []));
        groups[group] = position;
        _partitions[partition] = (position + 1, groups);
        return position;
    }

    public bool TryCapture(int partition, Action<OffsetsPosition> take)
    {
        var (position, groups) = _partitions[partition];
        take(new OffsetsPosition(partition, position, new GroupFeedSnapshot([.. groups.Select(pair => new OffsetPlace(pair.Key, "orders", 0, pair.Value))], [])) { TopicId = topic, LeaderEpoch = 7 });
        return true;
    }
}
