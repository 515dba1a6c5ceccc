using System.Collections.Concurrent;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag;

/// <summary>The commits and end offsets that this process keeps of the clusters it owns, for whoever wants the evidence behind a judgement.</summary>
internal sealed class LagBooks
{
    private readonly ConcurrentDictionary<ClusterId, LagBook> _books = new();

    public LagBook? Find(ClusterId cluster) => _books.GetValueOrDefault(cluster);

    public void Open(ClusterId cluster, LagBook book) => _books[cluster] = book;

    /// <summary>Only the book that was opened: another owner of this process may have opened a newer one.</summary>
    public void Close(ClusterId cluster, LagBook book) => _books.TryRemove(new(cluster, book));
}

/// <summary>What is kept of one cluster.</summary>
internal sealed record LagBook(EndOffsetStore Ends, LagShard Shard);
