using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Records;

namespace ControlPlane.Kafka.Tail;

/// <summary>One partition that is followed. Its leader's loop changes it; the lookup gives it its leader; anybody may ask for its status.</summary>
internal sealed class PartitionTail(int partition, IPartitionSink sink, TimeProvider time)
{
    private const int TriesOfBroken = 3;

    private readonly Lock _turn = new(); // of the sink: the lookup may restart us while an answer is being taken
    private readonly Lock _gate = new();
    private long? _position;
    private int _lastEpoch = -1;
    private long? _endAtStart;
    private long? _highWatermark;
    private bool _caughtUp;
    private string? _problem;
    private int _failures;
    private int _brokenReads;
    private long _notBefore = time.GetTimestamp();

    public int Partition => partition;

    /// <summary>Null: to be looked up.</summary>
    public int? LeaderId { get; private set; }

    public int LeaderEpoch { get; private set; } = -1;

    /// <summary>Null: where it begins and ends is to be asked first.</summary>
    public long? Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>Where to go on, and the leader epoch of the batch before it (-1: not known): a leader whose log has another batch there says so (KIP-595).</summary>
    public TailPlace? Place
    {
        get
        {
            lock (_gate)
            {
                return _position is { } position ? new TailPlace(position, _lastEpoch) : null;
            }
        }
    }

    public bool MayBeAsked => time.GetTimestamp() >= _notBefore;

    public PartitionTailStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new PartitionTailStatus(partition, LeaderId, _position, _endAtStart, _highWatermark, _caughtUp, _problem);
            }
        }
    }

    public void LedBy(int? leaderId, int leaderEpoch)
    {
        lock (_gate)
        {
            (LeaderId, LeaderEpoch) = (leaderId, leaderEpoch);
            _problem = leaderId is null ? "The partition has no leader." : _problem;
        }
    }

    /// <summary>Begins at a position, with the log as it is now.</summary>
    public void Begin(TailPlace place, long end)
    {
        lock (_turn)
        {
            lock (_gate)
            {
                (_position, _lastEpoch, _endAtStart, _caughtUp) = (place.Offset, place.LeaderEpoch, end, false);
            }

            JudgeCaughtUp();
        }
    }

    /// <summary>The place is gone: asks again where the log begins.</summary>
    public void Restart()
    {
        lock (_turn)
        {
            sink.Restart();
            lock (_gate)
            {
                (_position, _lastEpoch, _endAtStart, _caughtUp, _highWatermark) = (null, -1, null, false, null);
            }
        }
    }

    /// <summary>Hands on what was fetched from an offset. False where the answer brought bytes and no progress.</summary>
    public bool Take(in FetchResponse.PartitionData data, long asked)
    {
        lock (_turn)
        {
            if (Position != asked)
            {
                return true; // begun elsewhere since: these are not the records wanted next
            }

            var outcome = data.Records is { Length: > 0 } records ? sink.Take(records, asked, _brokenReads >= TriesOfBroken) : new(asked, StoppedAtBroken: false);
            Advance(data, outcome);
            JudgeCaughtUp();
            return outcome.NextOffset > asked || data.Records is not { Length: > 0 };
        }
    }

    /// <summary>Left alone for a while, longer with each failure in a row.</summary>
    public void Fail(string problem, TimeSpan? pause = null)
    {
        lock (_gate)
        {
            _problem = problem;
            var delay = pause ?? BackOff.Default.DelayAfter(++_failures, 0.5);
            _notBefore = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        }
    }

    private void Advance(in FetchResponse.PartitionData data, ChunkOutcome outcome)
    {
        _brokenReads = outcome.StoppedAtBroken ? _brokenReads + 1 : 0;
        lock (_gate)
        {
            (_position, _highWatermark) = (outcome.NextOffset, data.HighWatermark < 0 ? null : data.HighWatermark);
            _lastEpoch = outcome.LeaderEpoch ?? _lastEpoch;
            (_problem, _failures) = (outcome.StoppedAtBroken ? $"A batch at offset {outcome.NextOffset} has a wrong checksum; it is fetched again." : null, 0);
            if (_endAtStart > data.HighWatermark && data.HighWatermark >= 0)
            {
                _endAtStart = data.HighWatermark; // the log lost its end to another leader
            }
        }
    }

    private void JudgeCaughtUp()
    {
        lock (_gate)
        {
            if (_caughtUp || _position is not { } position || position < _endAtStart)
            {
                return;
            }

            _caughtUp = true;
        }

        sink.CaughtUp();
    }
}
