using ControlPlane.Engine.Lag.Memory;

namespace ControlPlane.Engine.Lag.Store;

/// <summary>
/// Log end offsets of the partitions that groups read: the last polls as they were, and behind them a curve that grows coarser with age, so that
/// a day of history costs a handful of points. Any thread may call.
/// </summary>
public sealed class EndOffsetStore
{
    private readonly int _recent;

    /// <summary>Starts empty.</summary>
    /// <param name="recent">Polls that are kept as they were.</param>
    public EndOffsetStore(int recent = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(recent, 2);
        _recent = recent;
    }

    /// <summary>Points older than the recent polls; each is about twice as old as the next one.</summary>
    public const int History = 10;

    /// <summary>Beyond it a time lag is told as "at least".</summary>
    private const long LongestMs = 2 * 86_400_000L;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<(string Name, TopicCurves? Curves)> _topics = [];
    private readonly Dictionary<int, Guid> _made = [];
    private (long From, long Until) _blind;

    /// <summary>Most points of a partition.</summary>
    public int Points => _recent + History;

    public int Recent => _recent;

    /// <summary>Names so far.</summary>
    public int Topics
    {
        get
        {
            lock (_gate)
            {
                return _topics.Count;
            }
        }
    }

    /// <summary>While nobody of us looked, in ms: between what an earlier process remembered and our first poll. Zeros where there was no such time.</summary>
    public (long From, long Until) Blind
    {
        get
        {
            lock (_gate)
            {
                return _blind.Until > 0 ? _blind : default;
            }
        }
    }

    /// <summary>Which topic of that name it is; zero where brokers give topics no id.</summary>
    public void Identify(int topic, Guid id)
    {
        lock (_gate)
        {
            _made[topic] = id;
        }
    }

    /// <summary>The topics that were identified, by name.</summary>
    public IReadOnlyList<(string Name, int Number, Guid Id)> Identified()
    {
        lock (_gate)
        {
            return [.. _made.Select(pair => (_topics[pair.Key].Name, pair.Key, pair.Value))];
        }
    }

    /// <summary>A number for a topic's name; names keep theirs for good.</summary>
    public int IdOf(ReadOnlySpan<char> topic)
    {
        lock (_gate)
        {
            var ids = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
            if (ids.TryGetValue(topic, out var id))
            {
                return id;
            }

            _topics.Add((topic.ToString(), null));
            return ids[topic] = _topics.Count - 1;
        }
    }

    /// <summary>-1 for a topic nobody has named yet.</summary>
    public int Find(string topic)
    {
        lock (_gate)
        {
            return _ids.GetValueOrDefault(topic, -1);
        }
    }

    public string NameOf(int topic)
    {
        lock (_gate)
        {
            return _topics[topic].Name;
        }
    }

    /// <summary>Takes one poll; what is not newer than the last one is left out.</summary>
    public void Add(int topic, int partition, long endOffset, long time, long logStartOffset = CommitWindow.Unknown)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        if (endOffset < 0)
        {
            return; // not known this time
        }

        lock (_gate)
        {
            var (name, curves) = _topics[topic];
            if (curves is null)
            {
                _topics[topic] = (name, curves = new TopicCurves(_recent, History));
            }

            curves.Add(partition, endOffset, time, logStartOffset, LongestMs);
            _blind = _blind is { From: > 0, Until: 0 } ? (_blind.From, Math.Max(_blind.From, time)) : _blind;
        }
    }

    /// <summary>The topic is gone, or another one has its name now: what was known of it is void.</summary>
    public void Forget(int topic)
    {
        lock (_gate)
        {
            _topics[topic] = (_topics[topic].Name, null);
            _made.Remove(topic);
        }
    }

    /// <summary>The newest end offset; unknown where there was no poll.</summary>
    public long Newest(int topic, int partition)
    {
        lock (_gate)
        {
            return _topics[topic].Curves?.Newest(partition) ?? CommitWindow.Unknown;
        }
    }

    /// <summary>Points oldest first; returns how many. The last <see cref="Recent"/> of them are the last polls.</summary>
    public int Read(int topic, int partition, Span<long> times, Span<long> offsets, out long logStartOffset)
    {
        lock (_gate)
        {
            logStartOffset = CommitWindow.Unknown;
            return _topics[topic].Curves?.Read(partition, times, offsets, out logStartOffset) ?? 0;
        }
    }

    /// <summary>What is known is of this moment; the next poll ends the time that nobody saw.</summary>
    internal void BlindSince(long time)
    {
        lock (_gate)
        {
            _blind = (_blind.Until > 0 ? time : Math.Max(_blind.From, time), 0);
        }
    }

    internal void Remember(MemoryWriter to, int topic, long now)
    {
        lock (_gate)
        {
            if (_topics[topic] is { Curves: { } curves, Name: var name })
            {
                to.Text(name);
                to.Number(_made.TryGetValue(topic, out var id) ? 1UL : 0);
                to.Id(id);
                curves.Remember(to, now);
            }
        }
    }

    internal void Recall(ref MemoryReader from, long now)
    {
        var (name, isMade, id, curves) = (from.Text(), from.Index(2) == 1, from.Id(), new TopicCurves(_recent, History));
        curves.Recall(ref from, now);
        var topic = IdOf(name);
        lock (_gate)
        {
            if (_topics[topic].Curves is null)
            {
                _topics[topic] = (name, curves);
                if (isMade)
                {
                    _made[topic] = id;
                }
            }
        }
    }
}
