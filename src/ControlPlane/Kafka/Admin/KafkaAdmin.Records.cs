using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Records;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    /// <summary>A leader answers with a whole first batch however large that is; more than one is not wanted.</summary>
    private const int BytesForOneRecord = 1_024;

    /// <summary>
    /// When the first record at or after each offset was written, in ms, by its own stamp. Missing: the offset is beyond the log, nothing is left of
    /// the batch but markers, or the leader did not answer. A batch that can't be unpacked counts by the first stamp of its header.
    /// </summary>
    public async Task<(IReadOnlyDictionary<(string Topic, int Partition, long Offset), long> Times, IReadOnlyDictionary<int, KafkaClientException> Failures)> FetchRecordTimesAsync(
        IReadOnlyCollection<(string Topic, int Partition, long Offset)> places, CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        var metadata = await FetchMetadataAsync([.. places.Select(place => place.Topic).Distinct(StringComparer.Ordinal)], cancellationToken);
        var leaders = metadata.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (Topic: topic, Partition: partition))
            .Where(one => one.Partition.LeaderId >= 0)
            .ToDictionary(one => (one.Topic.Name ?? "", one.Partition.PartitionIndex), one => (one.Partition.LeaderId, one.Topic.TopicId));
        var byLeader = places.Where(place => leaders.ContainsKey((place.Topic, place.Partition))).ToLookup(place => leaders[(place.Topic, place.Partition)].LeaderId);
        var answers = await EachAsync(
            [.. byLeader.Select(leader => leader.Key)],
            async (id, stop) =>
            {
                var times = new List<((string Topic, int Partition, long Offset) Place, long Time)>();
                foreach (var place in byLeader[id])
                {
                    if (await TimeOfAsync(id, place, leaders[(place.Topic, place.Partition)].TopicId, stop) is { } time)
                    {
                        times.Add((place, time));
                    }
                }

                return times;
            },
            cancellationToken);
        return (answers.Values.Values.SelectMany(times => times).ToDictionary(one => one.Place, one => one.Time), answers.Failures);
    }

    private async Task<long?> TimeOfAsync(int brokerId, (string Topic, int Partition, long Offset) place, Guid topicId, CancellationToken cancellationToken)
    {
        var request = new FetchRequest([new FetchRequest.FetchTopic(place.Topic, topicId, [new FetchRequest.FetchPartition(place.Partition, place.Offset, BytesForOneRecord)])])
        {
            MaxWaitMs = 0,
            MinBytes = 1,
            MaxBytes = BytesForOneRecord,
        };
        var response = await ReadAsync(() => network.SendToBrokerAsync(brokerId, request, RequestLane.Bulk, cancellationToken), cancellationToken);
        ThrowIfError(response.ErrorCode, null, brokerId, ApiKey.Fetch);
        var answer = response.Responses.SelectMany(topic => topic.Partitions).FirstOrDefault();
        return answer is { ErrorCode: ErrorCode.None, Records: { Length: > 0 } records } ? FirstTime(records, place.Offset) : null;
    }

    private static long? FirstTime(ReadOnlySpan<byte> records, long offset)
    {
        var reader = new RecordBatchReader(records, RecordLimits.Default);
        var first = new FirstRecord();
        while (reader.Next(offset, ref first, out var outcome))
        {
            if (first.Timestamp is { } time)
            {
                return time;
            }

            if (outcome != BatchOutcome.Read && reader.Current is { Magic: 2, IsControl: false, BaseTimestamp: > 0 } batch && batch.LastOffset >= offset)
            {
                return batch.HasAppendTime ? batch.MaxTimestamp : batch.BaseTimestamp;
            }
        }

        return null;
    }

    /// <summary>Keeps the stamp of the first record it is given.</summary>
    private struct FirstRecord : IRecordVisitor
    {
        public long? Timestamp { get; private set; }

        public void Take(in RecordBatch batch, scoped in KafkaRecord record) => Timestamp ??= record.Timestamp;

        public readonly void EndTransaction(long producerId, bool isCommit, long offset)
        {
            // a marker is no record that somebody waits for
        }
    }
}
