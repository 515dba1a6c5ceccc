using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What a plan changes on each broker, and what crosses the network for it.</summary>
internal static class BrokerChanges
{
    public static ImmutableArray<BrokerChange> Of(FixOfflineRun run, ImmutableArray<PlannedMove> moves)
    {
        var (model, after) = (run.Model, run.Placement);
        var before = new Placement(after.Arrays);
        var (receive, send) = Traffic(run, moves);
        var changes = ImmutableArray.CreateBuilder<BrokerChange>(model.Brokers.Length);
        for (var b = 0; b < model.Brokers.Length; b++)
        {
            var (broker, capacity) = (model.Brokers[b], after.Arrays.DiskCapacity[b]);
            // Nothing is freed before the end: what a broker gives away stays until its move is done.
            long? peak = run.Built.UnknownSizes < model.Partitions.PartitionCount
                ? (long)(before.LoadOf(b, Lane.Disk) + after.Arrays.DiskForeign[b]) + receive[b]
                : null;
            changes.Add(new BrokerChange(
                broker.Id, broker.Rack, FixOfflineRules.IsAlive(broker), Burden(run, before, b), Burden(run, after, b),
                double.IsNaN(capacity) ? null : (long)capacity, peak, receive[b], send[b]));
        }

        return changes.MoveToImmutable();
    }

    private static BrokerBurden Burden(FixOfflineRun run, Placement placement, int broker) => new(
        placement.CountOf(broker),
        (int)Math.Round(placement.LoadOf(broker, Lane.Leaders)),
        run.Built.UnknownSizes < run.Model.Partitions.PartitionCount ? (long)placement.LoadOf(broker, Lane.Disk) : null,
        run.Built.RatesAreKnown ? placement.LoadOf(broker, Lane.BytesIn) : null);

    /// <summary>The leader sends each new copy. Sizes that are unknown count as estimated: a disk must not be promised room it lacks.</summary>
    private static (long[] Receive, long[] Send) Traffic(FixOfflineRun run, ImmutableArray<PlannedMove> moves)
    {
        var (receive, send) = (new long[run.Model.Brokers.Length], new long[run.Model.Brokers.Length]);
        foreach (var move in moves)
        {
            var partition = run.Table.TopicStart[run.Table.FindTopic(move.Topic)] + move.Partition;
            var size = (long)run.Placement.DiskOf(partition);
            foreach (var id in move.After.Where(id => !move.Before.Contains(id)))
            {
                receive[run.Model.FindBroker(id)] += size;
                var leader = run.Table.Leader[partition];
                var source = leader >= 0 && FixOfflineRules.IsAlive(run.Model.Brokers[leader]) ? leader : run.Model.FindBroker(move.After[0]);
                send[source] += size;
            }
        }

        return (receive, send);
    }
}
