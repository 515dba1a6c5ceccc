using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>Makes the next published picture from a merged state: brokers, counts, completeness, freshness, verdict.</summary>
public static class ModelBuilder
{
    public static ClusterModel Build(ClusterState before, ClusterState merged, SampleMessage? round, DateTimeOffset now)
    {
        var model = merged.Model with
        {
            Generation = before.Model.Generation + 1,
            At = now,
            Samples = round is null ? merged.Model.Samples : Note(merged.Model.Samples, round),
        };
        model = WithFigures(before.Model, model, merged);
        return model with { Health = HealthRules.Evaluate(model, now) };
    }

    /// <summary>Passes over partitions and replicas, so only done anew where their arrays are new.</summary>
    private static ClusterModel WithFigures(ClusterModel before, ClusterModel model, ClusterState merged)
    {
        var sameTable = ReferenceEquals(before.Partitions, model.Partitions) && !before.Brokers.IsEmpty;
        var sameLoad = sameTable && ReferenceEquals(before.Load, model.Load) && before.Brokers.Length == merged.Brokers.Length;
        var loads = sameLoad ? [] : BrokerLoads.Of(model.Partitions, model.Load, merged.Brokers.Length);
        model = model with { Brokers = Brokers(before, merged, sameLoad, loads) };
        var partitions = sameTable && before.Counts.UnderReplicated is not null
            ? before.Counts
            : model.KafkaClusterId is null && model.Partitions.TopicCount == 0 && !HasSucceeded(model, SampleKind.Topology)
                ? ClusterCounts.Unknown
                : PartitionCounts.Of(model.Partitions);
        var totals = sameLoad ? (before.Counts.BytesIn, before.Counts.MessagesIn, before.Counts.BytesOut) : LoadTotals(model.Load);
        return model with
        {
            Counts = partitions with
            {
                Reassigning = model.Reassigning?.Length,
                OfflineLogDirs = OfflineLogDirs(model),
                BytesIn = totals.BytesIn,
                MessagesIn = totals.MessagesIn,
                BytesOut = totals.BytesOut,
            },
            Completeness = Completeness(before, model, sameLoad),
        };
    }

    private static ImmutableArray<Broker> Brokers(ClusterModel before, ClusterState merged, bool sameLoad, BrokerLoad[] loads)
    {
        var brokers = ImmutableArray.CreateBuilder<Broker>(merged.Brokers.Length);
        for (var i = 0; i < merged.Brokers.Length; i++)
        {
            var tracked = merged.Brokers[i];
            var load = sameLoad ? before.Brokers[i].Load : loads[i];
            var liveness = tracked.Liveness;
            brokers.Add(new Broker(tracked.Id, tracked.Host, tracked.Port, tracked.Rack, liveness.State, liveness.Since, liveness.Evidence, tracked.IsFenced)
            {
                LogDirs = tracked.LogDirs,
                LogDirsAt = tracked.LogDirsAt,
                Load = load,
            });
        }

        return brokers.MoveToImmutable();
    }

    /// <summary>Sums of what is known; null where nothing is.</summary>
    private static (double? BytesIn, double? MessagesIn, double? BytesOut) LoadTotals(LoadTable load) =>
        (BrokerLoads.SumKnown(load.BytesIn), BrokerLoads.SumKnown(load.MessagesIn), BrokerLoads.SumKnown(load.BytesOut));

    private static int? OfflineLogDirs(ClusterModel model)
    {
        int? count = null;
        foreach (var broker in model.Brokers)
        {
            if (broker.LogDirs is { } dirs)
            {
                count = (count ?? 0) + dirs.Count(dir => dir.Error is not null);
            }
        }

        return count;
    }

    private static Completeness Completeness(ClusterModel before, ClusterModel model, bool sameLoad)
    {
        var answering = model.Brokers.Count(broker => broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown);
        var brokers = model.Brokers.IsEmpty ? 0 : (double)answering / model.Brokers.Length;
        if (sameLoad)
        {
            return before.Completeness with { Brokers = brokers };
        }

        var load = model.Load;
        return new Completeness(
            brokers,
            HasSucceeded(model, SampleKind.Topology) ? 1 : 0,
            Share(load.ReplicaBytes),
            Share(load.LogEndOffset),
            load.BytesIn.Length == 0 ? 0 : (double)load.BytesIn.Count(rate => !float.IsNaN(rate)) / load.BytesIn.Length);
    }

    private static double Share(long[] values) => values.Length == 0 ? 0 : (double)values.Count(value => value >= 0) / values.Length;

    private static bool HasSucceeded(ClusterModel model, SampleKind kind) =>
        model.Samples.Any(sample => sample.Kind == kind && sample.LastSuccess is not null);

    private static ImmutableArray<SampleStatus> Note(ImmutableArray<SampleStatus> samples, SampleMessage round)
    {
        var before = samples.FirstOrDefault(sample => sample.Kind == round.Kind);
        var status = new SampleStatus(
            round.Kind,
            round.Interval,
            round.At,
            round.HasValue ? round.At : before?.LastSuccess,
            round.Took,
            round.Failures)
        {
            Cost = round.Cost,
        };
        return before is null
            ? [.. samples.Append(status).OrderBy(sample => sample.Kind)]
            : samples.Replace(before, status);
    }
}
