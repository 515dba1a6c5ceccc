using System.Collections.Immutable;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Clusters;

/// <summary>A record of a partition.</summary>
internal readonly record struct RecordPosition(string Topic, int Partition, long Offset);

/// <summary>Last stable offsets of the partitions that could be read.</summary>
internal sealed record LastStableOffsets(ImmutableDictionary<(string Topic, int Partition), long> ByPartition);

/// <summary>When records were written by their own stamps, in ms; those that could be read.</summary>
internal sealed record RecordTimes(ImmutableDictionary<RecordPosition, long> ByPlace);

/// <summary>The port to one cluster for what is asked of a few partitions when somebody looks closely.</summary>
internal interface IPartitionQuestions
{
    /// <summary>Where a reader of committed records has to stop.</summary>
    Task<Sampled<LastStableOffsets>> FetchLastStableAsync(IReadOnlyCollection<(string Topic, int Partition)> partitions, CancellationToken cancellationToken);

    /// <summary>The stamps of the first records at or after these offsets.</summary>
    Task<Sampled<RecordTimes>> FetchRecordTimesAsync(IReadOnlyCollection<RecordPosition> places, CancellationToken cancellationToken);
}
