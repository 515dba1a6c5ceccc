using System.Runtime.InteropServices;

namespace ControlPlane.Engine.Lag.Feed;

/// <summary>A partition that a group has an offset of, by places in the feed's name tables.</summary>
internal readonly record struct OffsetKey(int Group, int Topic, int Partition);

/// <summary>Commits of transactions that have not ended, by producer: one producer has one transaction at a time.</summary>
internal sealed class OpenTransactions
{
    private readonly Dictionary<long, Dictionary<OffsetKey, CommitRecord>> _byProducer = [];

    /// <summary>Commits, over all producers.</summary>
    public int Count { get; private set; }

    public IEnumerable<(long ProducerId, OffsetKey Key, CommitRecord Commit)> All =>
        _byProducer.SelectMany(pair => pair.Value, (pair, commit) => (pair.Key, commit.Key, commit.Value));

    /// <summary>False where it replaces an earlier commit of the same transaction.</summary>
    public bool Add(long producerId, OffsetKey key, in CommitRecord commit)
    {
        ref var transaction = ref CollectionsMarshal.GetValueRefOrAddDefault(_byProducer, producerId, out _);
        transaction ??= [];
        var isNew = !transaction.ContainsKey(key);
        transaction[key] = commit;
        Count += isNew ? 1 : 0;
        return isNew;
    }

    /// <summary>Forgets commits of a partition older than a record that deletes them; returns how many there were.</summary>
    public int Drop(OffsetKey key, long recordOffset)
    {
        var dropped = 0;
        foreach (var transaction in _byProducer.Values)
        {
            if (transaction.TryGetValue(key, out var commit) && commit.RecordOffset < recordOffset && transaction.Remove(key))
            {
                dropped++;
            }
        }

        Count -= dropped;
        return dropped;
    }

    public IReadOnlyCollection<KeyValuePair<OffsetKey, CommitRecord>> End(long producerId)
    {
        if (!_byProducer.Remove(producerId, out var transaction))
        {
            return [];
        }

        Count -= transaction.Count;
        return transaction;
    }

    public IReadOnlyCollection<KeyValuePair<OffsetKey, CommitRecord>> EndAll() => [.. _byProducer.Keys.ToList().SelectMany(End)];
}
