namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Replicas of each topic on each broker. The slots of a small topic lie side by side, so they are counted when asked for; only large topics
/// keep a row. A table of topics by brokers would have 400 million cells where 1.5 million are in use (optimizer.md 8).
/// </summary>
public sealed class TopicCounts
{
    /// <summary>Slots up to which counting is as fast as looking up: a few cache lines.</summary>
    private const int Small = 96;

    private readonly int[] _current;
    private readonly int[] _slotStart;
    private readonly int[] _row;
    private readonly int[] _counts;
    private readonly int _brokers;

    public TopicCounts(PlacementArrays arrays, int[] current)
    {
        (_current, _brokers) = (current, arrays.Alive.Length);
        _slotStart = SlotStarts(arrays);
        _row = new int[arrays.Topics];
        var rows = 0;
        for (var topic = 0; topic < arrays.Topics; topic++)
        {
            _row[topic] = _slotStart[topic + 1] - _slotStart[topic] > Small ? rows++ : -1;
        }

        _counts = new int[rows * _brokers];
        for (var topic = 0; topic < arrays.Topics; topic++)
        {
            for (var slot = _slotStart[topic]; _row[topic] >= 0 && slot < _slotStart[topic + 1]; slot++)
            {
                _counts[(_row[topic] * _brokers) + current[slot]]++;
            }
        }
    }

    public int this[int topic, int broker] => _row[topic] >= 0
        ? _counts[(_row[topic] * _brokers) + broker]
        : _current.AsSpan(_slotStart[topic].._slotStart[topic + 1]).Count(broker);

    /// <summary>Slots of a topic: all of its partitions' replicas.</summary>
    public (int Start, int End) SlotsOf(int topic) => (_slotStart[topic], _slotStart[topic + 1]);

    internal void Move(int topic, int from, int to)
    {
        if (_row[topic] >= 0)
        {
            _counts[(_row[topic] * _brokers) + from]--;
            _counts[(_row[topic] * _brokers) + to]++;
        }
    }

    /// <summary>First slot of each topic; its partitions follow each other.</summary>
    private static int[] SlotStarts(PlacementArrays arrays)
    {
        var starts = new int[arrays.Topics + 1];
        var partition = 0;
        for (var topic = 0; topic < arrays.Topics; topic++)
        {
            starts[topic] = arrays.Start[partition];
            while (partition < arrays.Topic.Length && arrays.Topic[partition] == topic)
            {
                partition++;
            }
        }

        starts[arrays.Topics] = arrays.Start[partition];
        return partition == arrays.Topic.Length ? starts : throw new ArgumentException("Partitions must be ordered by topic.", nameof(arrays));
    }
}
