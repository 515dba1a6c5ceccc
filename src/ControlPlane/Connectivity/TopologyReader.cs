using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>Reads brokers and partitions: metadata for what is alive and who leads, the cluster's description for who is fenced.</summary>
internal sealed class TopologyReader(KafkaAdmin admin)
{
    public async Task<Part<TopologySample>> ReadAsync(CancellationToken cancellationToken)
    {
        var describing = DescribeAsync(cancellationToken);
        var metadata = await admin.FetchMetadataAsync(null, cancellationToken);
        var (description, failure) = await describing;
        Remember(metadata, description);
        var sample = new TopologySample(
            metadata.ClusterId,
            metadata.ControllerId < 0 ? null : metadata.ControllerId,
            Brokers(metadata, description),
            PartitionTables.Of(metadata.Topics));
        return new Part<TopologySample>(sample, failure is null ? [] : [failure]);
    }

    private static ImmutableArray<ObservedBroker> Brokers(MetadataResponse metadata, ClusterDescription? description)
    {
        var live = metadata.Brokers.ToDictionary(broker => broker.NodeId);
        var fenced = (description?.Brokers ?? []).Where(broker => !live.ContainsKey(broker.Id));
        return
        [
            .. metadata.Brokers.Select(broker => new ObservedBroker(
                broker.NodeId,
                broker.Host,
                broker.Port,
                broker.Rack,
                description is { ShowsFenced: true } ? description.Brokers.FirstOrDefault(one => one.Id == broker.NodeId)?.IsFenced ?? false : null)),
            .. fenced.Select(broker => new ObservedBroker(broker.Id, broker.Endpoint.Host, broker.Endpoint.Port, broker.Rack, broker.IsFenced)),
        ];
    }

    /// <summary>Gives the network the addresses of fenced brokers too, so that they can be probed; requests still go to live ones only.</summary>
    private void Remember(MetadataResponse metadata, ClusterDescription? description)
    {
        var live = metadata.Brokers.Select(broker => new KafkaNode(broker.NodeId, new KafkaEndpoint(broker.Host, broker.Port))).ToList();
        var fenced = (description?.Brokers ?? [])
            .Where(broker => broker.Endpoint.Port > 0 && live.TrueForAll(node => node.Id != broker.Id))
            .Select(broker => new KafkaNode(broker.Id, broker.Endpoint))
            .ToList();
        if (fenced.Count > 0)
        {
            int? controller = metadata.ControllerId < 0 ? null : metadata.ControllerId;
            admin.Network.Learn(metadata.ClusterId, controller, [.. live, .. fenced]);
            admin.Network.Learn(metadata.ClusterId, controller, live);
        }
    }

    /// <summary>Without it the cluster still shows, only who is fenced stays unknown.</summary>
    private async Task<(ClusterDescription?, SampleFailure?)> DescribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await admin.FetchClusterAsync(cancellationToken), null);
        }
        catch (UnsupportedByBrokerException)
        {
            return (null, null);
        }
        catch (KafkaClientException ex)
        {
            return (null, SampleFailures.Of(null, "DescribeCluster", ex));
        }
    }
}

/// <summary>Flattens the topics of a metadata answer.</summary>
internal static class PartitionTables
{
    public static PartitionTable Of(IReadOnlyList<MetadataResponse.Topic> answer)
    {
        var topics = answer.Where(topic => topic.Name is not null && topic.ErrorCode == ErrorCode.None).ToArray();
        Array.Sort(topics, (x, y) => string.CompareOrdinal(x.Name, y.Name));
        var builder = new Builder(topics);
        for (var topic = 0; topic < topics.Length; topic++)
        {
            builder.Add(topic, topics[topic]);
        }

        return builder.Build(topics);
    }

    private sealed class Builder
    {
        private readonly int[] _topicStart;
        private readonly int[] _topic;
        private readonly int[] _leader;
        private readonly int[] _epoch;
        private readonly int[] _replicaStart;
        private readonly int[] _broker;
        private readonly ReplicaFlags[] _flags;
        private int _partition;
        private int _slot;

        public Builder(MetadataResponse.Topic[] topics)
        {
            var partitions = topics.Sum(topic => topic.Partitions.Length);
            var replicas = topics.Sum(topic => topic.Partitions.Sum(partition => partition.ReplicaNodes.Length));
            (_topicStart, _replicaStart) = (new int[topics.Length + 1], new int[partitions + 1]);
            (_topic, _leader, _epoch) = (new int[partitions], new int[partitions], new int[partitions]);
            (_broker, _flags) = (new int[replicas], new ReplicaFlags[replicas]);
        }

        public void Add(int index, MetadataResponse.Topic topic)
        {
            // Brokers send partitions in any order; the table wants them by number.
            Array.Sort(topic.Partitions, (x, y) => x.PartitionIndex.CompareTo(y.PartitionIndex));
            foreach (var partition in topic.Partitions)
            {
                _topic[_partition] = index;
                _leader[_partition] = partition.LeaderId;
                _epoch[_partition] = partition.LeaderEpoch;
                var inSync = partition.IsrNodes.Span;
                var offline = partition.OfflineReplicas.Span;
                foreach (var id in partition.ReplicaNodes.Span)
                {
                    _broker[_slot] = id;
                    _flags[_slot] = (inSync.Contains(id) ? ReplicaFlags.InSync : ReplicaFlags.None)
                        | (offline.Contains(id) ? ReplicaFlags.Offline : ReplicaFlags.None);
                    _slot++;
                }

                _replicaStart[++_partition] = _slot;
            }

            _topicStart[index + 1] = _partition;
        }

        public PartitionTable Build(MetadataResponse.Topic[] topics) => new()
        {
            TopicName = [.. topics.Select(topic => topic.Name!)],
            TopicId = [.. topics.Select(topic => topic.TopicId)],
            TopicInternal = [.. topics.Select(topic => topic.IsInternal)],
            TopicMinInSync = [.. topics.Select(_ => (short)-1)],
            TopicStart = _topicStart,
            Topic = _topic,
            Leader = _leader,
            LeaderEpoch = _epoch,
            ReplicaStart = _replicaStart,
            ReplicaBroker = _broker,
            ReplicaFlags = _flags,
        };
    }
}
