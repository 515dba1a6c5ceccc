namespace ControlPlane.Engine.Lag.Judging;

/// <summary>Counts how often each group was rebalanced lately. Any thread may call.</summary>
/// <remarks>Bounded: a group keeps the times of its last rebalances only, and one that is quiet is dropped.</remarks>
public sealed class RebalanceCount
{
    public const long WindowMs = 10 * 60_000;

    /// <summary>Members of a deployment that start one after another are one rebalance.</summary>
    private const long OneMs = 15_000;

    /// <summary>After a rest of this length whatever there was is over.</summary>
    private const long RestMs = 3 * 60_000;

    private const int Most = 16;
    private const int CleanEvery = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Seen> _groups = new(StringComparer.Ordinal);
    private int _sinceClean;

    /// <summary>A group's generation, epoch or set of members as it stands now; a rebalance where it is another than before.</summary>
    public void Saw(string group, long generation, long now)
    {
        lock (_gate)
        {
            if (++_sinceClean >= CleanEvery)
            {
                Clean(now);
            }

            if (!_groups.TryGetValue(group, out var seen))
            {
                _groups[group] = new Seen(generation);
                return;
            }

            seen.LastSeen = Math.Max(seen.LastSeen, now);
            if (seen.Generation == generation)
            {
                return;
            }

            seen.Generation = generation;
            if (seen.Times.Count == 0 || now - seen.Times[^1] >= OneMs)
            {
                seen.Times.Add(now);
                seen.Times.RemoveRange(0, Math.Max(0, seen.Times.Count - Most));
            }
        }
    }

    public void Forget(string group)
    {
        lock (_gate)
        {
            _groups.Remove(group);
        }
    }

    /// <summary>Rebalances within the window; 0 once it rests, null for a group that was never seen.</summary>
    public int? Recent(string group, long now)
    {
        lock (_gate)
        {
            return !_groups.TryGetValue(group, out var seen) ? null
                : seen.Times.Count == 0 || now - seen.Times[^1] > RestMs ? 0
                : seen.Times.Count(time => now - time <= WindowMs);
        }
    }

    /// <summary>What was quiet for a window says nothing; its next generation begins anew.</summary>
    private void Clean(long now)
    {
        _sinceClean = 0;
        foreach (var quiet in _groups.Where(one => now - one.Value.LastSeen > WindowMs).Select(one => one.Key).ToArray())
        {
            _groups.Remove(quiet);
        }
    }

    private sealed class Seen(long generation)
    {
        public long Generation { get; set; } = generation;

        public long LastSeen { get; set; }

        public List<long> Times { get; } = [];
    }
}
