using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const int MaxPages = 100_000; // 2,000 partitions each; a broker that never ends must not keep us

    /// <summary>
    /// Partitions with their eligible leader replicas, page by page: all topics (null) or those named, sorted by name. A
    /// topic can go on over several pages. Throws <see cref="UnsupportedByBrokerException"/> before 3.8 and with ZooKeeper.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<DescribeTopicPartitionsResponse.Topic>> FetchTopicPartitionsAsync(
        IReadOnlyCollection<string>? topics, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var names = (topics ?? []).Order(StringComparer.Ordinal).Select(name => new DescribeTopicPartitionsRequest.Topic(name)).ToArray();
        if (topics is { Count: 0 })
        {
            yield break; // to the broker an empty list means all
        }

        TopicPartitionCursor? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var left = cursor is { } place ? names.SkipWhile(topic => string.CompareOrdinal(topic.Name, place.TopicName) < 0).ToArray() : names;
            var request = new DescribeTopicPartitionsRequest(left) { Cursor = cursor };
            var response = await ReadAsync(() => network.SendToAnyAsync(request, RequestLane.Bulk, cancellationToken), cancellationToken);
            yield return response.Topics;
            if (response.NextCursor is not { } next)
            {
                yield break;
            }

            if (next == cursor)
            {
                throw AdminErrors.Of(ErrorCode.InvalidRequest, "the next page begins where this one did", Node(null), ApiKey.DescribeTopicPartitions);
            }

            cursor = next;
        }
    }
}
