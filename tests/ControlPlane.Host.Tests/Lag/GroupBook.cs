using System.Collections.Concurrent;
using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>What a listener knows after all events: the offsets, the groups and their last state.</summary>
internal sealed class GroupBook : IGroupEvents
{
    public ConcurrentDictionary<(string Group, string Topic, int Partition), OffsetCommitted> Offsets { get; } = [];

    /// <summary>Null: only offsets are known of it.</summary>
    public ConcurrentDictionary<string, GroupState?> Groups { get; } = [];

    public ConcurrentQueue<string> DeletedGroups { get; } = [];

    public int Restarts { get; private set; }

    public Dictionary<(string Topic, int Partition), long> OffsetsOf(string group) =>
        Offsets.Where(pair => pair.Key.Group == group).ToDictionary(pair => (pair.Key.Topic, pair.Key.Partition), pair => pair.Value.Offset);

    public void Committed(in OffsetCommitted commit)
    {
        Offsets[(commit.Group, commit.Topic, commit.Partition)] = commit;
        Groups.TryAdd(commit.Group, null);
    }

    public void Deleted(in OffsetDeleted offset) =>
        Assert.True(Offsets.TryRemove((offset.Group, offset.Topic, offset.Partition), out _), $"{offset} was never committed");

    public void Changed(GroupState group) => Groups[group.Group] = group;

    public void GroupDeleted(string group)
    {
        Groups.TryRemove(group, out _);
        DeletedGroups.Enqueue(group);
    }

    public void Restarted() => Restarts++;
}
