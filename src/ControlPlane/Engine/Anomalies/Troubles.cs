using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>The partitions of a picture that are offline, under min ISR or under-replicated.</summary>
/// <param name="IsMinKnown">Whether min.insync.replicas is known of any partition.</param>
public sealed record Troubles(ClusterModel Model, ImmutableArray<TroubledPartition> Partitions, bool IsMinKnown)
{
    public static Troubles Of(ClusterModel model)
    {
        var counts = model.Counts;
        var isMinKnown = counts.UnderMinInSync is not null;
        if (counts is { OfflinePartitions: 0, UnderMinInSync: 0 or null, UnderReplicated: 0 })
        {
            return new Troubles(model, [], isMinKnown); // most rounds of most clusters: no pass at all
        }

        var table = model.Partitions;
        var found = ImmutableArray.CreateBuilder<TroubledPartition>();
        for (var partition = 0; partition < table.PartitionCount; partition++)
        {
            var state = PartitionCounts.StateOf(table, partition);
            if (state.IsOffline || state.IsUnderReplicated || state.IsUnderMinInSync == true)
            {
                found.Add(new TroubledPartition(partition, state));
            }
        }

        return new Troubles(model, found.ToImmutable(), isMinKnown);
    }
}

/// <summary>A partition index of the picture, and what is wrong with it.</summary>
public readonly record struct TroubledPartition(int Index, PartitionState State);
