using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ControlPlane.Lag;

/// <summary>How many offsets each group has committed, as they were followed by this process: a counter that begins anew with it.</summary>
internal sealed class CommitCounts
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _counts = new(StringComparer.Ordinal);

    public void Add(string group) => Interlocked.Increment(ref _counts.GetOrAdd(group, static _ => new StrongBox<long>()).Value);

    public void Forget(string group) => _counts.TryRemove(group, out _);

    /// <summary>Null of a group that has committed nothing since.</summary>
    public long? Of(string group) => _counts.TryGetValue(group, out var count) ? Interlocked.Read(ref count.Value) : null;
}
