using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>Asks leaders for last stable offsets and single records, through our wire client.</summary>
internal sealed class RealPartitionQuestions(KafkaAdmin admin, ClusterQuestions questions) : IPartitionQuestions
{
    public Task<Sampled<LastStableOffsets>> FetchLastStableAsync(IReadOnlyCollection<(string Topic, int Partition)> partitions, CancellationToken cancellationToken) => questions.AskAsync(
        "ListOffsets",
        async token =>
        {
            OffsetQuery[] queries = [.. partitions.Select(one => new OffsetQuery(one.Topic, one.Partition, null))];
            var found = await admin.FetchOffsetsAsync(queries, OffsetTimestamp.Latest, IsolationLevel.ReadCommitted, token);
            return new Part<LastStableOffsets>(
                new LastStableOffsets(found.Offsets.Where(one => one.Offset is not null).ToImmutableDictionary(one => (one.Topic, one.Partition), one => one.Offset!.Value)),
                SampleFailures.Of("ListOffsets", found.Failures));
        },
        cancellationToken);

    public Task<Sampled<RecordTimes>> FetchRecordTimesAsync(IReadOnlyCollection<RecordPosition> places, CancellationToken cancellationToken) => questions.AskAsync(
        "Fetch",
        async token =>
        {
            var (times, failures) = await admin.FetchRecordTimesAsync([.. places.Select(one => (one.Topic, one.Partition, one.Offset))], token);
            return new Part<RecordTimes>(
                new RecordTimes(times.ToImmutableDictionary(one => new RecordPosition(one.Key.Topic, one.Key.Partition, one.Key.Offset), one => one.Value)), SampleFailures.Of("Fetch", failures));
        },
        cancellationToken);
}
