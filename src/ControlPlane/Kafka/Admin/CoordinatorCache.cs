using System.Collections.Concurrent;

namespace ControlPlane.Kafka.Admin;

/// <summary>
/// Which broker coordinates which group, as far as we asked; forgotten as soon as that broker denies it. And how much each group
/// had to tell last time, so that a request never asks for more than an answer should hold.
/// </summary>
internal sealed class CoordinatorCache
{
    private const int MaxGroups = 1_000_000; // names of groups that vanished must not pile up for ever

    private readonly ConcurrentDictionary<string, int> _byGroup = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _partitions = new(StringComparer.Ordinal);

    public int? Find(string group) => _byGroup.TryGetValue(group, out var id) ? id : null;

    public void Remember(string group, int brokerId) => Set(_byGroup, group, brokerId);

    public void Forget(string group) => _byGroup.TryRemove(group, out _);

    /// <summary>Partitions that the group had committed on when it was last asked.</summary>
    public int? PartitionsOf(string group) => _partitions.TryGetValue(group, out var count) ? count : null;

    public void RememberPartitions(string group, int count) => Set(_partitions, group, count);

    private static void Set(ConcurrentDictionary<string, int> map, string group, int value)
    {
        if (!map.TryGetValue(group, out var known))
        {
            if (map.Count >= MaxGroups)
            {
                map.Clear();
            }

            map[group] = value;
        }
        else if (known != value)
        {
            map[group] = value;
        }
    }
}
