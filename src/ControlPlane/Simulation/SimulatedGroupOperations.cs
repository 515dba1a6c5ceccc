using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>The port for changes of committed offsets to a simulated world.</summary>
internal sealed class SimulatedGroupOperations(SimulatedKafkaCluster cluster) : IGroupOperations
{
    public async Task<Sampled<Group>> DescribeAsync(string group, CancellationToken cancellationToken)
    {
        var all = await cluster.FetchGroupsAsync(cancellationToken);
        var found = all.Value?.Groups.FirstOrDefault(one => string.Equals(one.Id, group, StringComparison.Ordinal));
        return new Sampled<Group>(all.At, found ?? (all.Failures.IsEmpty ? new Group(group, null, null, null, null, null) : null), all.Failures);
    }

    public async Task<Sampled<LogPositions>> FetchPositionsAsync(PositionQuestion question, CancellationToken cancellationToken)
    {
        var positions = await cluster.CommandAsync(kafka => question.Partitions.ToImmutableDictionary(one => one, one => PositionOf(kafka, one, question.At)), cancellationToken);
        return new Sampled<LogPositions>(await cluster.CommandAsync(kafka => kafka.World.Now, cancellationToken), new LogPositions(positions), []);
    }

    public async Task<IReadOnlyList<OffsetAnswer>> CommitAsync(Group group, IReadOnlyList<OffsetTarget> offsets, CancellationToken cancellationToken)
    {
        SimulatedCommit[] commits = [.. offsets.Select(one => new SimulatedCommit(one.Topic, one.Partition, one.Offset))];
        return Answers(commits, await cluster.DoAsync(new WorldCommand.CommitOffsets(group.Id, commits), cancellationToken));
    }

    public async Task<IReadOnlyList<OffsetAnswer>> DeleteOffsetsAsync(Group group, IReadOnlyList<(string Topic, int Partition)> partitions, CancellationToken cancellationToken)
    {
        SimulatedCommit[] commits = [.. partitions.Select(one => new SimulatedCommit(one.Topic, one.Partition, 0))];
        return Answers(commits, await cluster.DoAsync(new WorldCommand.ForgetOffsets(group.Id, commits), cancellationToken));
    }

    public async Task<OffsetAnswer> DeleteGroupAsync(string group, CancellationToken cancellationToken)
    {
        var error = (await cluster.DoAsync(new WorldCommand.DeleteGroup(group), cancellationToken))[0];
        return new OffsetAnswer("", -1, KindOf(error), error);
    }

    private static OffsetAnswer[] Answers(SimulatedCommit[] commits, string?[] errors) =>
        [.. commits.Select((one, i) => new OffsetAnswer(one.Topic, one.Partition, KindOf(errors[i]), errors[i]))];

    private static AnswerKind KindOf(string? error) => error switch
    {
        null => AnswerKind.Accepted,
        "COORDINATOR_NOT_AVAILABLE" => AnswerKind.NotSent,
        _ => AnswerKind.Refused,
    };

    private static ResetPosition PositionOf(SimulatedKafka kafka, (string Topic, int Partition) one, DateTimeOffset? at)
    {
        var index = kafka.World.Partitions.Find(one.Topic, one.Partition);
        if (index < 0 || kafka.World.Partitions.Leader(index) is var leader && (leader < 0 || !kafka.Broker(leader).IsServing))
        {
            return new ResetPosition(one.Topic, one.Partition, null, null, null, null);
        }

        var end = (long)kafka.World.EndOf(index);
        var start = kafka.World.Log.Start(index, end);
        return new ResetPosition(one.Topic, one.Partition, null, start, end, at is { } time && time < kafka.World.Now ? Math.Clamp(kafka.World.Log.End(index, time), start, end) : null);
    }
}
