using System.Collections.Immutable;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Clusters;

/// <summary>Where to find the position of a time in some partitions.</summary>
/// <param name="At">Null where no time is asked for.</param>
internal sealed record PositionQuestion(IReadOnlyCollection<(string Topic, int Partition)> Partitions, DateTimeOffset? At);

/// <summary>Log starts, log ends and positions of a time, of the partitions that could be read.</summary>
internal sealed record LogPositions(ImmutableDictionary<(string Topic, int Partition), ResetPosition> ByPartition);

/// <summary>What became of one partition of a change to a group's offsets.</summary>
/// <param name="Error">Kafka's error name, or what the network did; null where it was done.</param>
internal readonly record struct OffsetAnswer(string Topic, int Partition, AnswerKind Kind, string? Error);

/// <summary>
/// The port to one cluster for changing what a consumer group has committed. Questions tell in their failures why they have no answer;
/// a change that got no answer is <see cref="AnswerKind.Unknown"/>, and nothing is ever sent twice.
/// </summary>
internal interface IGroupOperations
{
    /// <summary>The group as its coordinator has it just now; a value without state for a group that does not exist.</summary>
    Task<Sampled<Group>> DescribeAsync(string group, CancellationToken cancellationToken);

    Task<Sampled<LogPositions>> FetchPositionsAsync(PositionQuestion question, CancellationToken cancellationToken);

    /// <summary>Commits for a group without members, or sets where a share group goes on; Kafka refuses it for one that has some.</summary>
    Task<IReadOnlyList<OffsetAnswer>> CommitAsync(Group group, IReadOnlyList<OffsetTarget> offsets, CancellationToken cancellationToken);

    /// <summary>Deletes offsets; Kafka refuses it for topics that members subscribe to, and for a share group that has members. Of a share group it takes whole topics.</summary>
    Task<IReadOnlyList<OffsetAnswer>> DeleteOffsetsAsync(Group group, IReadOnlyList<(string Topic, int Partition)> partitions, CancellationToken cancellationToken);

    /// <summary>Deletes a group and all it committed; Kafka refuses it for one that has members.</summary>
    Task<OffsetAnswer> DeleteGroupAsync(string group, CancellationToken cancellationToken);
}
