using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>Where a partition shall lie, preferred leader first; null replicas cancel what is under way.</summary>
public readonly record struct ReassignmentTarget(string Topic, int Partition, int[]? Replicas);

/// <summary>What the controller said to one partition's change. Success means accepted; cancelling what was not under way is NO_REASSIGNMENT_IN_PROGRESS.</summary>
public readonly record struct PartitionOutcome(string Topic, int Partition, ErrorCode Error, string? Message);

/// <summary>A partition on the move: all its replicas now, and those of them being added and removed.</summary>
public sealed record OngoingReassignment(string Topic, int Partition, int[] Replicas, int[] Adding, int[] Removing);
