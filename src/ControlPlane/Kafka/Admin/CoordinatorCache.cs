using System.Collections.Concurrent;

namespace ControlPlane.Kafka.Admin;

/// <summary>Which broker coordinates which group, as far as we asked; forgotten as soon as that broker denies it.</summary>
internal sealed class CoordinatorCache
{
    private const int MaxGroups = 1_000_000; // names of groups that vanished must not pile up for ever

    private readonly ConcurrentDictionary<string, int> _byGroup = new(StringComparer.Ordinal);

    public int? Find(string group) => _byGroup.TryGetValue(group, out var id) ? id : null;

    public void Remember(string group, int brokerId)
    {
        if (_byGroup.Count >= MaxGroups)
        {
            _byGroup.Clear();
        }

        _byGroup[group] = brokerId;
    }

    public void Forget(string group) => _byGroup.TryRemove(group, out _);
}
