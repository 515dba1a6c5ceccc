using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Topics of a picture with sums over their partitions, in flat arrays: -1 and NaN are unknown.</summary>
internal sealed class TopicRows
{
    public static readonly SortFields<TopicRows> Fields = new(
        SortFields<TopicRows>.Number("name", (_, row) => row), // the table is sorted by name
        SortFields<TopicRows>.Number("status", (rows, row) => Known.Urgency(rows.StatusOf(row))),
        SortFields<TopicRows>.Number("partitions", (rows, row) => rows._table.PartitionsOf(row)),
        SortFields<TopicRows>.Number("replicationFactor", (rows, row) => rows._replication[row]),
        SortFields<TopicRows>.Number("minInSync", (rows, row) => OrUnknown(rows._table.TopicMinInSync[row])),
        SortFields<TopicRows>.Number("offlinePartitions", (rows, row) => rows._offline[row]),
        SortFields<TopicRows>.Number("underMinInSync", (rows, row) => rows._table.TopicMinInSync[row] < 0 ? double.NaN : rows._underMin[row]),
        SortFields<TopicRows>.Number("underReplicated", (rows, row) => rows._under[row]),
        SortFields<TopicRows>.Number("notPreferredLeader", (rows, row) => rows._notPreferred[row]),
        SortFields<TopicRows>.Number("bytesIn", (rows, row) => rows._bytesIn[row]),
        SortFields<TopicRows>.Number("messagesIn", (rows, row) => rows._messagesIn[row]),
        SortFields<TopicRows>.Number("bytesOut", (rows, row) => rows._bytesOut[row]),
        SortFields<TopicRows>.Number("bytes", (rows, row) => OrUnknown(rows._bytes[row])),
        SortFields<TopicRows>.Number("messages", (rows, row) => OrUnknown(rows._messages[row])),
        SortFields<TopicRows>.Number("overrides", (rows, row) => rows.OverridesOf(row) ?? double.NaN),
        SortFields<TopicRows>.Number("groups", (rows, row) => rows._groups?.ReadersOf(row) ?? double.NaN));

    private readonly ClusterModel _model;
    private readonly PartitionTable _table;
    private readonly PartitionRows _partitions;
    private readonly GroupRows? _groups;
    private readonly short[] _replication;
    private readonly bool[] _mixed;
    private readonly int[] _offline;
    private readonly int[] _underMin;
    private readonly int[] _under;
    private readonly int[] _notPreferred;
    private readonly double[] _bytesIn;
    private readonly double[] _messagesIn;
    private readonly double[] _bytesOut;
    private readonly long[] _bytes;
    private readonly long[] _messages;

    public TopicRows(ClusterModel model, PartitionRows partitions, GroupRows? groups)
    {
        (_model, _table, _partitions, _groups) = (model, model.Partitions, partitions, groups);
        var count = _table.TopicCount;
        (_replication, _mixed) = (new short[count], new bool[count]);
        (_offline, _underMin, _under, _notPreferred) = (new int[count], new int[count], new int[count], new int[count]);
        (_bytesIn, _messagesIn, _bytesOut) = (new double[count], new double[count], new double[count]);
        (_bytes, _messages) = (new long[count], new long[count]);
        Span<int> factors = stackalloc int[32];
        for (var topic = 0; topic < count; topic++)
        {
            Count(topic, factors);
            Sum(topic);
        }

        Sorted = new SortedRows<TopicRows>(this, count, Fields);
    }

    public SortedRows<TopicRows> Sorted { get; }

    public PartitionStates StatesOf(int topic)
    {
        var states = PartitionStates.None;
        for (var partition = _table.TopicStart[topic]; partition < _table.TopicStart[topic + 1]; partition++)
        {
            states |= _partitions.States[partition];
        }

        return states;
    }

    public StatusWord StatusOf(int topic) =>
        _offline[topic] > 0 || _underMin[topic] > 0 ? StatusWord.Crit
        : _under[topic] > 0 ? StatusWord.Warn
        : StatusWord.Ok;

    public TopicDto Make(int topic) => new(
        _table.TopicName[topic],
        _table.TopicId[topic] == Guid.Empty ? null : KafkaUuid.Format(_table.TopicId[topic]),
        _table.TopicInternal[topic],
        StatusOf(topic),
        _table.PartitionsOf(topic),
        _replication[topic],
        _mixed[topic],
        Known.Count((int)_table.TopicMinInSync[topic]),
        _offline[topic],
        _table.TopicMinInSync[topic] < 0 ? null : _underMin[topic],
        _under[topic],
        _notPreferred[topic],
        Known.Rate(_bytesIn[topic]),
        Known.Rate(_messagesIn[topic]),
        Known.Rate(_bytesOut[topic]),
        Known.Count(_bytes[topic]),
        Known.Count(_messages[topic]),
        OverridesOf(topic),
        _groups?.ReadersOf(topic));

    private static double OrUnknown(long value) => value < 0 ? double.NaN : value;

    private int? OverridesOf(int topic) =>
        _model.Configs.TopicsAt is null ? null
        : _model.Configs.TopicOverrides.TryGetValue(_table.TopicName[topic], out var overrides) ? overrides.Length
        : 0;

    private void Count(int topic, Span<int> factors)
    {
        factors.Clear();
        for (var partition = _table.TopicStart[topic]; partition < _table.TopicStart[topic + 1]; partition++)
        {
            var states = _partitions.States[partition];
            _offline[topic] += (states & PartitionStates.Offline) != PartitionStates.None ? 1 : 0;
            _underMin[topic] += (states & PartitionStates.UnderMinInSync) != PartitionStates.None ? 1 : 0;
            _under[topic] += (states & PartitionStates.UnderReplicated) != PartitionStates.None ? 1 : 0;
            _notPreferred[topic] += (states & PartitionStates.NotPreferred) != PartitionStates.None ? 1 : 0;
            factors[Math.Min(_table.ReplicaStart[partition + 1] - _table.ReplicaStart[partition], factors.Length - 1)]++;
        }

        var kinds = 0;
        for (var factor = 0; factor < factors.Length; factor++)
        {
            kinds += factors[factor] > 0 ? 1 : 0;
            _replication[topic] = factors[factor] > factors[_replication[topic]] ? (short)factor : _replication[topic];
        }

        _mixed[topic] = kinds > 1;
    }

    private void Sum(int topic)
    {
        var load = _model.Load;
        for (var partition = _table.TopicStart[topic]; partition < _table.TopicStart[topic + 1]; partition++)
        {
            if (_table.Leader[partition] >= 0)
            {
                // Nothing flows through a partition without a leader: its missing rate is no gap in the sum.
                _bytesIn[topic] += PartitionRows.At(load.BytesIn, partition);
                _messagesIn[topic] += PartitionRows.At(load.MessagesIn, partition);
                _bytesOut[topic] += PartitionRows.At(load.BytesOut, partition);
            }

            var (start, end) = (PartitionRows.At(load.LogStartOffset, partition), PartitionRows.At(load.LogEndOffset, partition));
            _messages[topic] = _messages[topic] < 0 || start < 0 || end < 0 ? -1 : _messages[topic] + Math.Max(0, end - start);
            var bytes = _partitions.BytesOf(partition);
            _bytes[topic] = _bytes[topic] < 0 || bytes < 0 ? -1 : _bytes[topic] + bytes;
        }
    }
}
