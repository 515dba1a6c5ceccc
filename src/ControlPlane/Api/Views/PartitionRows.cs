using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>States a partition can be listed by; a partition may be in several.</summary>
[Flags]
internal enum PartitionStates : byte
{
    None = 0,
    Offline = 1,
    UnderMinInSync = 2,
    UnderReplicated = 4,
    NotPreferred = 8,
    Reassigning = 16,
}

/// <summary>Partitions of a picture with their states, and their rows for the contract.</summary>
internal sealed class PartitionRows
{
    public static readonly SortFields<PartitionRows> Fields = new(
        SortFields<PartitionRows>.Number("partition", (rows, row) => rows._table.NumberOf(row)),
        SortFields<PartitionRows>.Word("topic", (rows, row) => rows._table.TopicName[rows._table.Topic[row]]),
        SortFields<PartitionRows>.Number("status", (rows, row) => Known.Urgency(rows.StatusOf(row))),
        SortFields<PartitionRows>.Number("leader", (rows, row) => rows._table.Leader[row] < 0 ? double.NaN : rows._model.Brokers[rows._table.Leader[row]].Id),
        SortFields<PartitionRows>.Number("inSync", (rows, row) => rows.InSync[row]),
        SortFields<PartitionRows>.Number("logEndOffset", (rows, row) => At(rows._model.Load.LogEndOffset, row) is var end and >= 0 ? end : double.NaN),
        SortFields<PartitionRows>.Number("bytesIn", (rows, row) => At(rows._model.Load.BytesIn, row)),
        SortFields<PartitionRows>.Number("messagesIn", (rows, row) => At(rows._model.Load.MessagesIn, row)),
        SortFields<PartitionRows>.Number("bytes", (rows, row) => rows.BytesOf(row) is var bytes and >= 0 ? bytes : double.NaN));

    private readonly ClusterModel _model;
    private readonly PartitionTable _table;

    public PartitionRows(ClusterModel model)
    {
        _model = model;
        _table = model.Partitions;
        States = new PartitionStates[_table.PartitionCount];
        InSync = new short[_table.PartitionCount];
        for (var partition = 0; partition < States.Length; partition++)
        {
            States[partition] = Judge(partition);
        }

        foreach (var partition in model.Reassigning ?? [])
        {
            States[partition] |= PartitionStates.Reassigning;
        }
    }

    public PartitionStates[] States { get; }

    public short[] InSync { get; }

    public static float At(float[] values, int index) => index < values.Length ? values[index] : float.NaN;

    public static long At(long[] values, int index) => index < values.Length ? values[index] : -1;

    public StatusWord StatusOf(int partition) => States[partition] switch
    {
        var states when (states & (PartitionStates.Offline | PartitionStates.UnderMinInSync)) != PartitionStates.None => StatusWord.Crit,
        var states when (states & PartitionStates.UnderReplicated) != PartitionStates.None => StatusWord.Warn,
        _ => StatusWord.Ok,
    };

    /// <summary>Bytes on disk over all replicas; -1 where the size of one is unknown.</summary>
    public long BytesOf(int partition)
    {
        var sum = 0L;
        for (var slot = _table.ReplicaStart[partition]; slot < _table.ReplicaStart[partition + 1]; slot++)
        {
            var bytes = At(_model.Load.ReplicaBytes, slot);
            if (bytes < 0)
            {
                return -1;
            }

            sum += bytes;
        }

        return sum;
    }

    public PartitionDto Make(int partition)
    {
        var topic = _table.Topic[partition];
        var leader = _table.Leader[partition];
        return new PartitionDto(
            _table.TopicName[topic],
            _table.NumberOf(partition),
            StatusOf(partition),
            leader < 0 ? null : _model.Brokers[leader].Id,
            _table.LeaderEpoch[partition],
            (States[partition] & PartitionStates.NotPreferred) == PartitionStates.None && leader >= 0,
            Replicas(partition),
            InSync[partition],
            Known.Count((int)_table.TopicMinInSync[topic]),
            Known.Count(At(_model.Load.LogStartOffset, partition)),
            Known.Count(At(_model.Load.LogEndOffset, partition)),
            Known.Rate(At(_model.Load.BytesIn, partition)),
            Known.Rate(At(_model.Load.MessagesIn, partition)),
            Known.Count(BytesOf(partition)));
    }

    public string? LogDirOf(int slot)
    {
        var index = slot < _model.Load.ReplicaLogDir.Length ? _model.Load.ReplicaLogDir[slot] : (short)-1;
        return index >= 0 && _model.Brokers[_table.ReplicaBroker[slot]].LogDirs is { } dirs && index < dirs.Length ? dirs[index].Path : null;
    }

    public static string? Reassigning(ReplicaFlags flags) =>
        (flags & ReplicaFlags.Adding) != ReplicaFlags.None ? "adding" : (flags & ReplicaFlags.Removing) != ReplicaFlags.None ? "removing" : null;

    private ReplicaDto[] Replicas(int partition)
    {
        var start = _table.ReplicaStart[partition];
        var replicas = new ReplicaDto[_table.ReplicaStart[partition + 1] - start];
        for (var place = 0; place < replicas.Length; place++)
        {
            var slot = start + place;
            var broker = _model.Brokers[_table.ReplicaBroker[slot]];
            var flags = _table.ReplicaFlags[slot];
            replicas[place] = new ReplicaDto(
                broker.Id,
                broker.Rack,
                _table.ReplicaBroker[slot] == _table.Leader[partition],
                (flags & ReplicaFlags.InSync) != ReplicaFlags.None,
                (flags & ReplicaFlags.Offline) != ReplicaFlags.None,
                Reassigning(flags),
                Known.Count(At(_model.Load.ReplicaBytes, slot)),
                LogDirOf(slot));
        }

        return replicas;
    }

    private PartitionStates Judge(int partition)
    {
        var state = PartitionCounts.StateOf(_table, partition);
        InSync[partition] = (short)state.InSync;
        return (state.IsOffline ? PartitionStates.Offline : PartitionStates.None)
            | (state.IsUnderReplicated ? PartitionStates.UnderReplicated : PartitionStates.None)
            | (state.IsUnderMinInSync == true ? PartitionStates.UnderMinInSync : PartitionStates.None)
            | (state is { IsOffline: false, IsLeaderPreferred: false } ? PartitionStates.NotPreferred : PartitionStates.None);
    }
}
