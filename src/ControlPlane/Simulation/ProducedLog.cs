using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>How a topic is produced to and kept.</summary>
/// <param name="Profile">Which of the waves its rate follows.</param>
internal readonly record struct TopicLoad(int Profile, int MessageBytes, int RetentionSeconds, DateTimeOffset Born);

/// <summary>
/// Offsets of all partitions as closed forms of time: end = base + rate x wave integral since the anchor. Only a partition that starts
/// or stops taking writes is touched; time passing touches none.
/// </summary>
internal sealed class ProducedLog
{
    /// <summary>Old data goes in segments; this many of them make up the retention.</summary>
    private const int SegmentsKept = 16;

    private readonly LoadWaves _waves;
    private readonly PartitionTable _layout;
    private readonly TopicLoad[] _topics;
    private readonly float[] _rate;
    private readonly double[] _base;
    private readonly double[] _anchor;
    private readonly bool[] _accepting;
    private readonly double[] _integral = new double[LoadWaves.Profiles];
    private DateTimeOffset _integralAt = DateTimeOffset.MinValue;

    /// <summary>Every partition takes writes since the birth of its topic.</summary>
    /// <param name="rate">Mean records per second by partition.</param>
    public ProducedLog(LoadWaves waves, PartitionTable layout, TopicLoad[] topics, float[] rate)
    {
        (_waves, _layout, _topics, _rate) = (waves, layout, topics, rate);
        (_base, _anchor, _accepting) = (new double[rate.Length], new double[rate.Length], new bool[rate.Length]);
        for (var topic = 0; topic < topics.Length; topic++)
        {
            var born = waves.IntegralAt(topics[topic].Profile, topics[topic].Born);
            var partitions = layout.TopicStart[topic]..layout.TopicStart[topic + 1];
            _anchor.AsSpan(partitions).Fill(born);
            _accepting.AsSpan(partitions).Fill(true);
        }
    }

    public TopicLoad TopicOf(int partition) => _topics[_layout.Topic[partition]];

    public TopicLoad Topic(int topic) => _topics[topic];

    /// <summary>Mean records per second.</summary>
    public double MeanRate(int partition) => _rate[partition];

    public bool IsAccepting(int partition) => _accepting[partition];

    /// <summary>Records per second written right now.</summary>
    public double RateNow(int partition, DateTimeOffset now) =>
        _accepting[partition] ? _rate[partition] * _waves.RateAt(TopicOf(partition).Profile, now) : 0;

    /// <summary>Log end as a position with fractions, so that progress in small steps doesn't get lost.</summary>
    public double EndPosition(int partition, DateTimeOffset at)
    {
        if (at != _integralAt)
        {
            _waves.IntegralsAt(at, _integral);
            _integralAt = at;
        }

        return EndPosition(partition, _integral);
    }

    /// <summary>For many partitions at one moment that isn't now: the wave integrals are computed once by the caller.</summary>
    public double EndPosition(int partition, ReadOnlySpan<double> integrals)
    {
        var passed = integrals[TopicOf(partition).Profile] - _anchor[partition];
        return _accepting[partition] && passed > 0 ? _base[partition] + (_rate[partition] * passed) : _base[partition];
    }

    public long End(int partition, DateTimeOffset at) => (long)EndPosition(partition, at);

    /// <summary>Log start for that end: retention in records at the mean rate, dropped segment by segment.</summary>
    public long Start(int partition, double end)
    {
        var kept = Math.Max(SegmentsKept, (double)_rate[partition] * TopicOf(partition).RetentionSeconds);
        var segment = Math.Max(1, Math.Floor(kept / SegmentsKept));
        return (long)Math.Max(0, Math.Floor((end - kept) / segment) * segment);
    }

    public void SetAccepting(int partition, bool accepting, DateTimeOffset now)
    {
        if (_accepting[partition] == accepting)
        {
            return;
        }

        _base[partition] = EndPosition(partition, now);
        _anchor[partition] = _integral[TopicOf(partition).Profile];
        _accepting[partition] = accepting;
    }

    public void IntegralsAt(DateTimeOffset at, Span<double> byProfile) => _waves.IntegralsAt(at, byProfile);
}
