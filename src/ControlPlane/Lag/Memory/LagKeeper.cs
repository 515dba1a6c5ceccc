using System.Security.Cryptography;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Storage;

namespace ControlPlane.Lag.Memory;

/// <summary>Writes one owned cluster's lag, again and again: a partition of the offsets topic in which nothing was committed is not written twice.</summary>
internal sealed class LagKeeper(LagMemoryStore store, LagMemoryMeter meter, TimeProvider time)
{
    /// <summary>So many times as long as writing took is waited before the next time.</summary>
    public const int ShareOfTime = 19;

    /// <summary>On the way out; the lease is given back after five seconds.</summary>
    public static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(4);

    private readonly Dictionary<int, long> _saved = [];
    private readonly Dictionary<(MemoryKind Kind, int Part), string> _written = [];
    private readonly MemoryWriter _writer = new();

    public async Task SaveAsync(ClusterLease lease, LagBook book, IOffsetsFeed? feed, CancellationToken cancellationToken)
    {
        var (began, at, bytes) = (time.GetTimestamp(), time.GetUtcNow(), 0L);
        if (feed is not null)
        {
            bytes += await SaveFollowedAsync(lease, book, feed, at, cancellationToken);
        }

        bytes += await SaveWindowsAsync(lease, MemoryKind.PolledWindows, book.Polled, at, cancellationToken);
        bytes += await SaveWindowsAsync(lease, MemoryKind.ShareWindows, book.Shares, at, cancellationToken);
        var part = 0;
        for (var topic = 0; topic < book.Ends.Topics; part++)
        {
            _writer.Clear();
            topic = EndsMemory.Write(_writer, book.Ends, topic, at.ToUnixTimeMilliseconds());
            bytes += await SaveAsync(lease, MemoryKind.EndOffsets, part, at, cancellationToken);
        }

        await store.ConfirmAsync(lease, (int)MemoryKind.EndOffsets, [], part, at, cancellationToken);
        meter.Saved(lease.Cluster, bytes, time.GetElapsedTime(began));
    }

    private async Task<long> SaveFollowedAsync(ClusterLease lease, LagBook book, IOffsetsFeed feed, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (positions, unchanged, bytes) = (feed.Positions, new List<int>(), 0L);
        foreach (var (partition, position) in positions)
        {
            if (_saved.TryGetValue(partition, out var saved) && saved == position)
            {
                unchanged.Add(partition);
            }
            else if (Capture(book, feed, partition) is { } captured)
            {
                bytes += await SaveAsync(lease, MemoryKind.OffsetsPartition, partition, at, cancellationToken);
                _saved[partition] = captured;
            }
        }

        if (positions.Count > 0)
        {
            await store.ConfirmAsync(lease, (int)MemoryKind.OffsetsPartition, [.. unchanged], positions.Max(one => one.Partition) + 1, at, cancellationToken);
        }

        return bytes;
    }

    /// <summary>Windows that are polled; where there are none, because commits are followed, those of before are forgotten.</summary>
    private async Task<long> SaveWindowsAsync(ClusterLease lease, MemoryKind kind, LagShard? shard, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (part, bytes, unchanged) = (0, 0L, new List<int>());
        for (var place = 0; place < (shard?.Places ?? 0); part++)
        {
            _writer.Clear();
            place = WindowsMemory.Write(_writer, shard!, place);
            var hash = Convert.ToHexString(SHA256.HashData(_writer.Written));
            if (_written.TryGetValue((kind, part), out var before) && before == hash)
            {
                unchanged.Add(part);
                continue;
            }

            bytes += await SaveAsync(lease, kind, part, at, cancellationToken);
            _written[(kind, part)] = hash;
        }

        foreach (var gone in _written.Keys.Where(one => one.Kind == kind && one.Part >= part).ToArray())
        {
            _written.Remove(gone);
        }

        await store.ConfirmAsync(lease, (int)kind, [.. unchanged], part, at, cancellationToken);
        return bytes;
    }

    /// <summary>Null while the log is read anew. Groups and windows are of one moment: the partition's records wait for this copy, and for nothing else.</summary>
    private long? Capture(LagBook book, IOffsetsFeed feed, int partition)
    {
        long? position = null;
        feed.TryCapture(partition, taken =>
        {
            _writer.Clear();
            new FeedMemory(partition, taken.TopicId, taken.Offset, taken.Groups) { LeaderEpoch = taken.LeaderEpoch }.Write(_writer, book.Followed);
            position = taken.Offset;
        });
        return position;
    }

    private async Task<int> SaveAsync(ClusterLease lease, MemoryKind kind, int part, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var body = MemoryFrame.Seal(kind, _writer.Written);
        await store.SaveAsync(lease, new LagMemoryPart((int)kind, part, at, body), cancellationToken);
        return body.Length;
    }
}
