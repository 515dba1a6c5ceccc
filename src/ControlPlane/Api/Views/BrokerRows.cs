using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Brokers of a picture with what they host.</summary>
internal sealed class BrokerRows
{
    public static readonly SortFields<BrokerRows> Fields = new(
        SortFields<BrokerRows>.Number("id", (rows, row) => rows.All[row].Id),
        SortFields<BrokerRows>.Word("host", (rows, row) => rows.All[row].Host),
        SortFields<BrokerRows>.Word("rack", (rows, row) => rows.All[row].Rack),
        SortFields<BrokerRows>.Word("state", (rows, row) => rows.All[row].State),
        SortFields<BrokerRows>.Number("status", (rows, row) => Known.Urgency(rows.All[row].Status)),
        SortFields<BrokerRows>.Number("since", (rows, row) => rows.All[row].Since?.ToUnixTimeMilliseconds() ?? double.NaN),
        SortFields<BrokerRows>.Number("replicas", (rows, row) => rows.All[row].Replicas ?? double.NaN),
        SortFields<BrokerRows>.Number("leaders", (rows, row) => rows.All[row].Leaders ?? double.NaN),
        SortFields<BrokerRows>.Number("preferredLeaders", (rows, row) => rows.All[row].PreferredLeaders ?? double.NaN),
        SortFields<BrokerRows>.Number("outOfSyncReplicas", (rows, row) => rows.All[row].OutOfSyncReplicas ?? double.NaN),
        SortFields<BrokerRows>.Number("bytesIn", (rows, row) => rows.All[row].BytesIn ?? double.NaN),
        SortFields<BrokerRows>.Number("replicationBytesIn", (rows, row) => rows.All[row].ReplicationBytesIn ?? double.NaN),
        SortFields<BrokerRows>.Number("bytesOut", (rows, row) => rows.All[row].BytesOut ?? double.NaN),
        SortFields<BrokerRows>.Number("replicationBytesOut", (rows, row) => rows.All[row].ReplicationBytesOut ?? double.NaN),
        SortFields<BrokerRows>.Number("messagesIn", (rows, row) => rows.All[row].MessagesIn ?? double.NaN),
        SortFields<BrokerRows>.Number("diskUsedBytes", (rows, row) => rows.All[row].DiskUsedBytes ?? double.NaN),
        SortFields<BrokerRows>.Number("diskTotalBytes", (rows, row) => rows.All[row].DiskTotalBytes ?? double.NaN),
        SortFields<BrokerRows>.Number("logDirs", (rows, row) => rows.All[row].LogDirs ?? double.NaN),
        SortFields<BrokerRows>.Number("offlineLogDirs", (rows, row) => rows.All[row].OfflineLogDirs ?? double.NaN));

    public BrokerRows(ClusterModel model)
    {
        var hosted = new Hosted[model.Brokers.Length];
        Count(model.Partitions, hosted);
        var isKnown = model.Partitions.TopicCount > 0 || model.Samples.Any(sample => sample.Kind == SampleKind.Topology && sample.LastSuccess is not null);
        All = [.. model.Brokers.Select((broker, index) => Make(model, broker, isKnown ? hosted[index] : null))];
        Sorted = new SortedRows<BrokerRows>(this, All.Length, Fields);
    }

    public BrokerDto[] All { get; }

    public SortedRows<BrokerRows> Sorted { get; }

    public static StatusWord StatusOf(Broker broker) => broker.State switch
    {
        BrokerState.Unknown => StatusWord.Unknown,
        BrokerState.Down or BrokerState.Unresponsive => StatusWord.Crit,
        BrokerState.Restarting or BrokerState.ShuttingDown => StatusWord.Maint,
        BrokerState.Active when OfflineDirs(broker) > 0 => StatusWord.Crit,
        BrokerState.Active => StatusWord.Ok,
        BrokerState.Starting => StatusWord.Warn,
        _ => throw new InvalidOperationException($"Unhandled broker state {broker.State}"),
    };

    public static string Subject(int brokerId) => string.Create(CultureInfo.InvariantCulture, $"broker {brokerId}");

    /// <summary>Capacity and use of all disks of a broker; null unless each of them told both.</summary>
    public static (long Used, long Total)? Disk(Broker broker)
    {
        if (broker.LogDirs is not { Length: > 0 } dirs)
        {
            return null;
        }

        long used = 0, sum = 0;
        foreach (var dir in dirs)
        {
            if (dir is not { TotalBytes: { } total, UsableBytes: { } usable })
            {
                return null;
            }

            used += total - usable;
            sum += total;
        }

        return (used, sum);
    }

    private static int? OfflineDirs(Broker broker) => broker.LogDirs?.Count(dir => dir.Error is not null);

    private static void Count(PartitionTable table, Hosted[] hosted)
    {
        for (var partition = 0; partition < table.PartitionCount; partition++)
        {
            var start = table.ReplicaStart[partition];
            for (var slot = start; slot < table.ReplicaStart[partition + 1]; slot++)
            {
                ref var at = ref hosted[table.ReplicaBroker[slot]];
                at.Replicas++;
                at.OutOfSync += (table.ReplicaFlags[slot] & ReplicaFlags.InSync) == ReplicaFlags.None ? 1 : 0;
                at.Preferred += slot == start ? 1 : 0;
            }

            if (table.Leader[partition] >= 0)
            {
                hosted[table.Leader[partition]].Leaders++;
            }
        }
    }

    private static BrokerDto Make(ClusterModel model, Broker broker, Hosted? hosted)
    {
        var disk = Disk(broker);
        return new BrokerDto(
            broker.Id,
            broker.Host,
            broker.Port,
            broker.Rack,
            broker.State.ToString(),
            StatusOf(broker),
            broker.Since,
            broker.Evidence,
            broker.IsFenced,
            model.Controller.ActiveId == broker.Id,
            hosted?.Replicas,
            hosted?.Leaders,
            hosted?.Preferred,
            hosted?.OutOfSync,
            Known.Rate(broker.Load.LeaderBytesIn),
            Known.Rate(broker.Load.FollowerBytesIn),
            Known.Rate(broker.Load.BytesOut),
            Known.Rate(broker.Load.ReplicationBytesOut),
            Known.Rate(broker.Load.MessagesIn),
            disk?.Used,
            disk?.Total,
            broker.LogDirs?.Length,
            OfflineDirs(broker),
            broker.Load.Completeness);
    }

    private struct Hosted
    {
        public int Replicas;
        public int Leaders;
        public int Preferred;
        public int OutOfSync;
    }
}
