using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Brokers by topics or partitions of one picture. What is not known is null and never counted as nothing.</summary>
/// <param name="model">The picture.</param>
/// <param name="colour">What a cell tells.</param>
/// <param name="chosen">By topic whether it is shown; null: all.</param>
internal sealed class Heatmap(ClusterModel model, string colour, bool[]? chosen)
{
    private readonly PartitionTable _table = model.Partitions;
    private readonly double[] _lags = colour == "lag" ? Lags(model) : [];

    public static string[] Colours { get; } = ["leaders", "replicas", "bytesIn", "size", "lag"];

    public HeatmapDto Make(bool byPartition, int offset, int limit)
    {
        var rows = byPartition
            ? Enumerable.Range(0, _table.PartitionCount).Where(p => chosen?[_table.Topic[p]] != false).Select(p => new Row(_table.Topic[p], p, p + 1))
            : Enumerable.Range(0, _table.TopicCount).Where(t => chosen?[t] != false).Select(t => new Row(t, _table.TopicStart[t], _table.TopicStart[t + 1]));
        var all = rows.Select(row => (Row: row, Total: TotalOf(row))).OrderByDescending(one => double.IsNaN(one.Total) ? -1 : one.Total).ThenBy(one => one.Row.First).ToArray();
        HeatRowDto[] page = [.. all.Skip(offset).Take(limit).Select(one => Pack(one.Row, one.Total, byPartition))];
        var cells = page.SelectMany(row => row.Values).OfType<double>().ToArray();
        return new HeatmapDto(
            model.Id.Value,
            model.At,
            byPartition ? "partition" : "topic",
            colour,
            colour switch { "bytesIn" => "bytes-per-second", "size" => "bytes", "lag" => "messages", _ => "count" },
            [.. model.Brokers.Select(broker => new BrokerPlaceDto(broker.Id, broker.Rack, Engine.Analyzer.FixOfflineRules.IsDown(broker) ? "dead" : Engine.Analyzer.FixOfflineRules.MayReceive(broker) ? "alive" : "excluded"))],
            page,
            all.Length,
            cells.Length == 0 ? null : cells.Max(),
            BrokerTotals(all.Select(one => one.Row)));
    }

    /// <summary>Lag of the group that is furthest behind on each partition; NaN where no group tells.</summary>
    private static double[] Lags(ClusterModel model)
    {
        var lags = new double[model.Partitions.PartitionCount];
        Array.Fill(lags, double.NaN);
        foreach (var commit in (model.Groups ?? []).SelectMany(group => group.Offsets ?? []))
        {
            if (GroupLag.Of(model, commit) is { } lag)
            {
                var partition = model.Partitions.TopicStart[model.Partitions.FindTopic(commit.Topic)] + commit.Partition;
                lags[partition] = double.IsNaN(lags[partition]) ? lag : Math.Max(lags[partition], lag);
            }
        }

        return lags;
    }

    /// <summary>Of one replica; null where this broker has no part in it, NaN where that is unknown.</summary>
    private double? ValueOf(int partition, int slot)
    {
        var leads = _table.Leader[partition] == _table.ReplicaBroker[slot];
        return colour switch
        {
            "replicas" => 1,
            "leaders" => leads ? 1 : null,
            "bytesIn" => partition < model.Load.BytesIn.Length ? model.Load.BytesIn[partition] : double.NaN,
            "size" => slot < model.Load.ReplicaBytes.Length && model.Load.ReplicaBytes[slot] >= 0 ? model.Load.ReplicaBytes[slot] : double.NaN,
            _ => leads ? _lags[partition] : null,
        };
    }

    private double TotalOf(Row row)
    {
        var (sum, known) = (0.0, false);
        for (var partition = row.First; partition < row.End; partition++)
        {
            for (var slot = _table.ReplicaStart[partition]; slot < _table.ReplicaStart[partition + 1]; slot++)
            {
                if (ValueOf(partition, slot) is { } value && !double.IsNaN(value))
                {
                    (sum, known) = (sum + value, true);
                }
            }
        }

        return known ? sum : double.NaN;
    }

    private HeatRowDto Pack(Row row, double total, bool isPartition)
    {
        var cells = new SortedDictionary<int, double>();
        for (var partition = row.First; partition < row.End; partition++)
        {
            for (var slot = _table.ReplicaStart[partition]; slot < _table.ReplicaStart[partition + 1]; slot++)
            {
                if (ValueOf(partition, slot) is { } value)
                {
                    var broker = _table.ReplicaBroker[slot];
                    // One unknown replica does not hide the known ones beside it.
                    cells[broker] = !cells.TryGetValue(broker, out var before) || double.IsNaN(before) ? value : double.IsNaN(value) ? before : before + value;
                }
            }
        }

        return new HeatRowDto(
            _table.TopicName[row.Topic],
            isPartition ? _table.NumberOf(row.First) : null,
            isPartition && _table.Leader[row.First] >= 0 ? model.Brokers[_table.Leader[row.First]].Id : null,
            Known.Rate(total),
            [.. cells.Keys],
            [.. cells.Values.Select(Known.Rate)]);
    }

    private double?[] BrokerTotals(IEnumerable<Row> rows)
    {
        var totals = new double[model.Brokers.Length];
        Array.Fill(totals, double.NaN);
        foreach (var row in rows)
        {
            for (var partition = row.First; partition < row.End; partition++)
            {
                for (var slot = _table.ReplicaStart[partition]; slot < _table.ReplicaStart[partition + 1]; slot++)
                {
                    if (ValueOf(partition, slot) is { } value && !double.IsNaN(value))
                    {
                        ref var total = ref totals[_table.ReplicaBroker[slot]];
                        total = double.IsNaN(total) ? value : total + value;
                    }
                }
            }
        }

        return [.. totals.Select(Known.Rate)];
    }

    private readonly record struct Row(int Topic, int First, int End);
}
