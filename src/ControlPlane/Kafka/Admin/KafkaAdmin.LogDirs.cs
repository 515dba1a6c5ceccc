using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    /// <summary>
    /// Log dirs of the brokers given, or of all live ones (null), each asked for itself. No topics (null) means every replica,
    /// which makes a broker walk all its logs; an empty list only the dirs and their volumes.
    /// </summary>
    public async Task<BrokerResults<IReadOnlyList<LogDirDescription>>> FetchLogDirsAsync(
        IReadOnlyCollection<int>? brokerIds, IReadOnlyCollection<TopicPartitions>? topics, CancellationToken cancellationToken)
    {
        var request = new DescribeLogDirsRequest(topics?.Select(topic => new DescribeLogDirsRequest.TopicPartitions(topic.Topic, topic.Partitions)).ToArray());
        var live = await BrokerIdsAsync(cancellationToken); // also where brokers are given: their addresses must be known
        var ids = brokerIds ?? live;
        return await EachAsync(
            ids,
            async (id, stop) =>
            {
                var response = await network.SendToBrokerAsync(id, request, RequestLane.Bulk, stop);
                ThrowIfError(response.ErrorCode, null, id, ApiKey.DescribeLogDirs);
                return (IReadOnlyList<LogDirDescription>)[.. response.Results.Select(dir =>
                    new LogDirDescription(dir.LogDir, dir.ErrorCode, Known(dir.TotalBytes), Known(dir.UsableBytes), dir.IsCordoned, dir.Topics))];
            },
            cancellationToken);
    }

    /// <summary>Moves replicas between the log dirs of one broker. Accepted is not done: watch for the future replica to vanish.</summary>
    public async Task<IReadOnlyList<ReplicaMoveResult>> AlterReplicaLogDirsAsync(
        int brokerId, IReadOnlyCollection<ReplicaMove> moves, CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        var dirs = moves.GroupBy(move => move.LogDir).Select(dir => new AlterReplicaLogDirsRequest.LogDir(
            dir.Key,
            [.. dir.GroupBy(move => move.Topic).Select(topic => new AlterReplicaLogDirsRequest.Topic(topic.Key, [.. topic.Select(move => move.Partition)]))]));
        var response = await network.SendToBrokerAsync(brokerId, new AlterReplicaLogDirsRequest([.. dirs]), RequestLane.Change, cancellationToken);
        return [.. response.Results.SelectMany(topic => topic.Partitions.Select(partition =>
            new ReplicaMoveResult(topic.TopicName, partition.PartitionIndex, partition.ErrorCode)))];
    }
}
