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

    /// <summary>Most points of a partition.</summary>
    public int Points => _recent + History;

    public int Recent => _recent;

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
        }
    }

    /// <summary>The topic is gone, or another one has its name now: what was known of it is void.</summary>
    public void Forget(int topic)
    {
        lock (_gate)
        {
            _topics[topic] = (_topics[topic].Name, null);
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
}
