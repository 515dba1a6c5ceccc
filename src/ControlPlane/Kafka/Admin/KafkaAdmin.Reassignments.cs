using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const short GuardVersion = 1;

    /// <summary>
    /// Submits or cancels reassignments; one request, so keep it to some hundred partitions. Unless
    /// <paramref name="allowReplicationFactorChange"/>, a controller that can (4.1) refuses targets of another length than
    /// now; an older one can't, and the caller must compare them itself. Never repeated: on a lost answer read the state.
    /// </summary>
    public async Task<IReadOnlyList<PartitionOutcome>> AlterReassignmentsAsync(
        IReadOnlyCollection<ReassignmentTarget> targets, bool allowReplicationFactorChange, CancellationToken cancellationToken)
    {
        var topics = targets.GroupBy(target => target.Topic).Select(topic => new AlterPartitionReassignmentsRequest.Topic(
            topic.Key,
            [.. topic.Select(target => new AlterPartitionReassignmentsRequest.Partition(target.Partition, target.Replicas))]));
        await KnowControllerAsync(cancellationToken);
        var guard = !allowReplicationFactorChange && await ControllerGuardsReplicationFactorAsync(cancellationToken);
        var request = new AlterPartitionReassignmentsRequest([.. topics]) { TimeoutMs = ServerTimeoutMs, AllowReplicationFactorChange = !guard };
        var response = await SendToControllerAsync(request, answer => (answer.ErrorCode, answer.ErrorMessage), RequestLane.Change, cancellationToken);
        return [.. response.Responses.SelectMany(topic => topic.Partitions.Select(partition =>
            new PartitionOutcome(topic.Name, partition.PartitionIndex, partition.ErrorCode, partition.ErrorMessage)))];
    }

    /// <summary>The reassignments under way, of all topics (null) or some.</summary>
    public Task<IReadOnlyList<OngoingReassignment>> FetchReassignmentsAsync(IReadOnlyCollection<TopicPartitions>? topics, CancellationToken cancellationToken) => ReadAsync(
        async () =>
        {
            var request = new ListPartitionReassignmentsRequest(
                topics?.Select(topic => new ListPartitionReassignmentsRequest.Topic(topic.Topic, topic.Partitions)).ToArray())
            {
                TimeoutMs = ServerTimeoutMs,
            };
            var response = await SendToControllerAsync(request, answer => (answer.ErrorCode, answer.ErrorMessage), RequestLane.Look, cancellationToken);
            return (IReadOnlyList<OngoingReassignment>)[.. response.Topics.SelectMany(topic => topic.Partitions.Select(partition =>
                new OngoingReassignment(topic.Name, partition.PartitionIndex, partition.Replicas, partition.AddingReplicas, partition.RemovingReplicas)))];
        },
        cancellationToken);

    /// <summary>
    /// Elects leaders, for all partitions (null) or some. ELECTION_NOT_NEEDED is as good as success. Unclean elections lose
    /// records and need a person's word.
    /// </summary>
    public async Task<IReadOnlyList<PartitionOutcome>> ElectLeadersAsync(
        ElectionType type, IReadOnlyCollection<TopicPartitions>? partitions, CancellationToken cancellationToken)
    {
        var request = new ElectLeadersRequest(
            type, partitions?.Select(topic => new ElectLeadersRequest.TopicPartition(topic.Topic, topic.Partitions)).ToArray())
        {
            TimeoutMs = ServerTimeoutMs,
        };
        var response = await SendToControllerAsync(request, answer => (answer.ErrorCode, null), RequestLane.Change, cancellationToken);
        return [.. response.ReplicaElectionResults.SelectMany(topic => topic.PartitionResult.Select(partition =>
            new PartitionOutcome(topic.Topic, partition.PartitionId, partition.ErrorCode, partition.ErrorMessage)))];
    }

    /// <summary>Whether the controller refuses a changed replication factor when told to (KIP-860).</summary>
    private async Task<bool> ControllerGuardsReplicationFactorAsync(CancellationToken cancellationToken)
    {
        var (_, versions) = await network.FetchVersionsAsync(network.Topology.ControllerId, cancellationToken);
        return versions.TryPick(AlterPartitionReassignmentsRequest.Descriptor, out var version) && version >= GuardVersion;
    }
}
