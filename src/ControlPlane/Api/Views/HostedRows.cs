using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>The replica slots of one broker; made per request, one pass over the slots of the cluster.</summary>
internal sealed class HostedRows
{
    public static readonly SortFields<HostedRows> Fields = new(
        SortFields<HostedRows>.Number("topic", (_, row) => row), // slots follow topics by name and partitions by number
        SortFields<HostedRows>.Number("partition", (rows, row) => rows._table.NumberOf(rows._hosted[row].Partition)),
        SortFields<HostedRows>.Number("isLeader", (rows, row) => rows.IsLeader(row) ? 0 : 1),
        SortFields<HostedRows>.Number("isPreferredLeader", (rows, row) => rows.IsPreferred(row) ? 0 : 1),
        SortFields<HostedRows>.Number("inSync", (rows, row) => rows.Has(row, ReplicaFlags.InSync) ? 1 : 0),
        SortFields<HostedRows>.Number("isOffline", (rows, row) => rows.Has(row, ReplicaFlags.Offline) ? 0 : 1),
        SortFields<HostedRows>.Word("logDir", (rows, row) => rows._view.Partitions.LogDirOf(rows._hosted[row].Slot)),
        SortFields<HostedRows>.Number("bytes", (rows, row) => PartitionRows.At(rows._view.Model.Load.ReplicaBytes, rows._hosted[row].Slot) is var bytes and >= 0 ? bytes : double.NaN),
        SortFields<HostedRows>.Number("bytesIn", (rows, row) => PartitionRows.At(rows._view.Model.Load.BytesIn, rows._hosted[row].Partition)));

    private readonly ClusterView _view;
    private readonly PartitionTable _table;
    private readonly int _broker;
    private readonly List<(int Partition, int Slot)> _hosted = [];

    public HostedRows(ClusterView view, int broker)
    {
        (_view, _table, _broker) = (view, view.Model.Partitions, broker);
        for (var partition = 0; partition < _table.PartitionCount; partition++)
        {
            for (var slot = _table.ReplicaStart[partition]; slot < _table.ReplicaStart[partition + 1]; slot++)
            {
                if (_table.ReplicaBroker[slot] == broker)
                {
                    _hosted.Add((partition, slot));
                }
            }
        }
    }

    public (List<HostedReplicaDto> Items, int Total) Page(Paging paging, string? search, string? role)
    {
        Func<int, bool>? filter = search is null && role is null ? null : row => MatchesRole(row, role)
            && (search is null || _table.TopicName[_table.Topic[_hosted[row].Partition]].Contains(search, StringComparison.OrdinalIgnoreCase));
        return new SortedRows<HostedRows>(this, _hosted.Count, Fields).Page(paging, filter, Make);
    }

    private bool MatchesRole(int row, string? role) => role switch
    {
        "leader" => IsLeader(row),
        "follower" => !IsLeader(row),
        "out-of-sync" => !Has(row, ReplicaFlags.InSync),
        _ => true,
    };

    private bool IsLeader(int row) => _table.Leader[_hosted[row].Partition] == _broker;

    private bool IsPreferred(int row) => _table.ReplicaStart[_hosted[row].Partition] == _hosted[row].Slot;

    private bool Has(int row, ReplicaFlags flag) => (_table.ReplicaFlags[_hosted[row].Slot] & flag) != ReplicaFlags.None;

    private HostedReplicaDto Make(int row)
    {
        var (partition, slot) = _hosted[row];
        return new HostedReplicaDto(
            _table.TopicName[_table.Topic[partition]],
            _table.NumberOf(partition),
            IsLeader(row),
            IsPreferred(row),
            Has(row, ReplicaFlags.InSync),
            Has(row, ReplicaFlags.Offline),
            PartitionRows.Reassigning(_table.ReplicaFlags[slot]),
            Known.Count(PartitionRows.At(_view.Model.Load.ReplicaBytes, slot)),
            _view.Partitions.LogDirOf(slot),
            Known.Rate(PartitionRows.At(_view.Model.Load.BytesIn, partition)));
    }
}
