using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Sampling;

/// <summary>Turns a picture into the numbers that history keeps. What is unknown is left out: a gap, not a zero.</summary>
internal static class HistoryFrames
{
    public static IReadOnlyList<HistoryFrame> Of(ClusterModel model, SamplingOptions options)
    {
        var series = new Dictionary<string, (List<string> Objects, List<float> Values)>(StringComparer.Ordinal);
        AddCluster(Add, model);
        foreach (var broker in model.Brokers)
        {
            AddBroker(Add, broker);
        }

        AddTopics(Add, model, options.HistoryTopics);
        AddGroups(Add, model, options.HistoryGroups);
        return
        [
            .. series.Select(entry => new HistoryFrame(entry.Key, options.History, model.At, entry.Value.Objects, entry.Value.Values)),
        ];

        void Add(string metric, string subject, double? value)
        {
            if (value is { } known && double.IsFinite(known))
            {
                if (!series.TryGetValue(metric, out var entry))
                {
                    series[metric] = entry = ([], []);
                }

                entry.Objects.Add(subject);
                entry.Values.Add((float)known);
            }
        }
    }

    private static void AddCluster(Action<string, string, double?> add, ClusterModel model)
    {
        var counts = model.Counts;
        add("bytes_in", HistoryFrame.TheCluster, counts.BytesIn);
        add("bytes_out", HistoryFrame.TheCluster, counts.BytesOut);
        add("messages_in", HistoryFrame.TheCluster, counts.MessagesIn);
        add("replication_bytes_in", HistoryFrame.TheCluster, Sum(model.Brokers.Select(broker => broker.Load.FollowerBytesIn)));
        add("under_replicated", HistoryFrame.TheCluster, counts.UnderReplicated);
        add("under_min_isr", HistoryFrame.TheCluster, counts.UnderMinInSync);
        add("offline_partitions", HistoryFrame.TheCluster, counts.OfflinePartitions);
        add("disk_used_bytes", HistoryFrame.TheCluster, Sum(model.Brokers.Select(UsedBytes)));
        add("disk_used_ratio", HistoryFrame.TheCluster, Max(model.Brokers.Select(UsedRatio)));
        var known = model.Brokers.Count(broker => broker.State is not BrokerState.Unknown);
        var up = model.Brokers.Count(broker => broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown);
        add("brokers_up", HistoryFrame.TheCluster, known == 0 ? null : up);
    }

    private static void AddBroker(Action<string, string, double?> add, Broker broker)
    {
        var name = $"broker:{broker.Id}";
        var load = broker.Load;
        add("bytes_in", name, load.LeaderBytesIn);
        add("bytes_out", name, load.BytesOut);
        add("messages_in", name, load.MessagesIn);
        add("replication_bytes_in", name, load.FollowerBytesIn);
        add("disk_used_bytes", name, UsedBytes(broker));
        add("disk_used_ratio", name, UsedRatio(broker));
    }

    private static void AddTopics(Action<string, string, double?> add, ClusterModel model, int limit)
    {
        var (table, load) = (model.Partitions, model.Load);
        var busiest = Enumerable.Range(0, table.TopicCount)
            .Select(topic => (Topic: topic, BytesIn: BrokerLoads.SumKnown(Span(load.BytesIn, table, topic))))
            .OrderByDescending(entry => entry.BytesIn ?? -1)
            .Take(limit);
        foreach (var (topic, bytesIn) in busiest)
        {
            var name = $"topic:{table.TopicName[topic]}";
            add("bytes_in", name, bytesIn);
            add("messages_in", name, BrokerLoads.SumKnown(Span(load.MessagesIn, table, topic)));
            add("bytes_out", name, BrokerLoads.SumKnown(Span(load.BytesOut, table, topic)));
            add("disk_used_bytes", name, TopicBytes(table, load, topic));
        }
    }

    /// <summary>Of groups in trouble first, then of those furthest behind. A group that was not judged has no verdict in history either.</summary>
    private static void AddGroups(Action<string, string, double?> add, ClusterModel model, int limit)
    {
        var groups = (model.Groups ?? []).Select(group => (group.Id, GroupLag.Of(model, group).Lag, Judged: model.Judgements.GetValueOrDefault(group.Id)))
            .Where(entry => entry.Lag is not null || entry.Judged is not null).ToList();
        foreach (var (id, lag, judged) in groups.OrderByDescending(entry => entry.Judged?.BadPartitions > 0).ThenByDescending(entry => entry.Lag).Take(limit))
        {
            var name = $"group:{id}";
            add("lag", name, lag);
            add("time_lag", name, judged?.TimeLagMs / 1000.0);
            add("consume_rate", name, judged?.ConsumeRate);
            add("produce_rate", name, judged?.ProduceRate);
            add("lag_status", name, judged is null ? null : judged.Word switch { "OK" => 1, "WARN" => 2, _ => 3 });
        }

        foreach (var (id, _, judged) in groups)
        {
            foreach (var topic in judged?.Topics ?? [])
            {
                var name = HistoryFrame.GroupTopic(id, topic.Topic);
                add("lag", name, topic.Lag);
                add("time_lag", name, topic.TimeLagMs / 1000.0);
                add("consume_rate", name, topic.ConsumeRate);
                add("produce_rate", name, topic.ProduceRate);
            }
        }

        var known = groups.Where(entry => entry.Lag is not null).ToList();
        add("lag", HistoryFrame.TheCluster, known.Count == 0 ? null : known.Sum(entry => entry.Lag));
        add("time_lag", HistoryFrame.TheCluster, groups.Max(entry => entry.Judged?.TimeLagMs / 1000.0));
    }

    private static ReadOnlySpan<float> Span(float[] values, PartitionTable table, int topic) =>
        values.AsSpan(table.TopicStart[topic]..table.TopicStart[topic + 1]);

    private static double? TopicBytes(PartitionTable table, LoadTable load, int topic)
    {
        var (sum, known) = (0.0, false);
        for (var slot = table.ReplicaStart[table.TopicStart[topic]]; slot < table.ReplicaStart[table.TopicStart[topic + 1]]; slot++)
        {
            if (load.ReplicaBytes[slot] >= 0)
            {
                (sum, known) = (sum + load.ReplicaBytes[slot], true);
            }
        }

        return known ? sum : null;
    }

    private static double UsedBytes(Broker broker) => broker.LogDirs is { } dirs ? dirs.Sum(dir => dir.ReplicaBytes) : double.NaN;

    /// <summary>The fullest volume decides: a broker with one full disk is full.</summary>
    private static double UsedRatio(Broker broker) => Max((broker.LogDirs ?? []).Select(dir => HealthRules.UsedRatio(dir) ?? double.NaN)) ?? double.NaN;

    private static double? Sum(IEnumerable<double> values)
    {
        var known = values.Where(double.IsFinite).ToList();
        return known.Count == 0 ? null : known.Sum();
    }

    private static double? Max(IEnumerable<double> values)
    {
        var known = values.Where(double.IsFinite).ToList();
        return known.Count == 0 ? null : known.Max();
    }
}
