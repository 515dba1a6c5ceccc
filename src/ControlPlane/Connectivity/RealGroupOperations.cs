using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>Reads one group and changes what it committed, through our wire client.</summary>
internal sealed class RealGroupOperations(KafkaAdmin admin, ClusterQuestions questions) : IGroupOperations
{
    public Task<Sampled<Group>> DescribeAsync(string group, CancellationToken cancellationToken) =>
        questions.AskAsync("DescribeGroups", token => new GroupReader(admin).ReadOneAsync(group, token), cancellationToken);

    public Task<Sampled<LogPositions>> FetchPositionsAsync(PositionQuestion question, CancellationToken cancellationToken) => questions.AskAsync(
        "ListOffsets",
        async token =>
        {
            OffsetQuery[] queries = [.. question.Partitions.Select(one => new OffsetQuery(one.Topic, one.Partition, null))];
            var starts = await admin.FetchOffsetsAsync(queries, OffsetTimestamp.Earliest, IsolationLevel.ReadUncommitted, token);
            var ends = await admin.FetchOffsetsAsync(queries, OffsetTimestamp.Latest, IsolationLevel.ReadUncommitted, token);
            var times = question.At is { } at ? await admin.FetchOffsetsAsync(queries, at.ToUnixTimeMilliseconds(), IsolationLevel.ReadUncommitted, token) : null;
            var (start, end, time) = (ByPartition(starts), ByPartition(ends), ByPartition(times));
            var positions = question.Partitions.ToImmutableDictionary(
                one => one,
                one => new ResetPosition(one.Topic, one.Partition, null, start.GetValueOrDefault(one), end.GetValueOrDefault(one), time.GetValueOrDefault(one)));
            return new Part<LogPositions>(
                new LogPositions(positions),
                SampleFailures.Of("ListOffsets", new[] { starts, ends, times }.OfType<PartitionOffsets>().SelectMany(all => all.Failures).DistinctBy(pair => pair.Key)));
        },
        cancellationToken);

    public Task<IReadOnlyList<OffsetAnswer>> CommitAsync(Group group, IReadOnlyList<OffsetTarget> offsets, CancellationToken cancellationToken)
    {
        OffsetToCommit[] commits = [.. offsets.Select(one => new OffsetToCommit(one.Topic, one.Partition, one.Offset))];
        return AnswerAsync(
            offsets.Select(one => (one.Topic, one.Partition)),
            () => group.IsShare ? admin.AlterShareGroupOffsetsAsync(group.Id, commits, cancellationToken) : admin.AlterGroupOffsetsAsync(group.Id, commits, cancellationToken));
    }

    public Task<IReadOnlyList<OffsetAnswer>> DeleteOffsetsAsync(Group group, IReadOnlyList<(string Topic, int Partition)> partitions, CancellationToken cancellationToken) => AnswerAsync(
        partitions,
        () => group.IsShare ? ForgetTopicsAsync(group.Id, partitions, cancellationToken) : admin.DeleteGroupOffsetsAsync(
            group.Id, [.. partitions.GroupBy(one => one.Topic, StringComparer.Ordinal).Select(topic => new TopicPartitions(topic.Key, [.. topic.Select(one => one.Partition)]))], cancellationToken));

    public async Task<OffsetAnswer> DeleteGroupAsync(string group, CancellationToken cancellationToken)
    {
        var answer = ErrorCode.UnknownServerError;
        var (kind, error) = await ChangeAnswers.OutcomeAsync(async () => answer = await admin.DeleteGroupAsync(group, cancellationToken));
        return kind == AnswerKind.Accepted ? new OffsetAnswer("", -1, ChangeAnswers.KindOf(answer), NameOf(answer)) : new OffsetAnswer("", -1, kind, error);
    }

    /// <summary>Kafka forgets of share groups whole topics: what it says of a topic counts for its partitions.</summary>
    private async Task<IReadOnlyList<PartitionOutcome>> ForgetTopicsAsync(string group, IReadOnlyList<(string Topic, int Partition)> partitions, CancellationToken cancellationToken)
    {
        var answers = await admin.DeleteShareGroupOffsetsAsync(group, [.. partitions.Select(one => one.Topic).Distinct(StringComparer.Ordinal)], cancellationToken);
        return [.. partitions.Where(one => answers.ContainsKey(one.Topic)).Select(one => new PartitionOutcome(one.Topic, one.Partition, answers[one.Topic], null))];
    }

    private static async Task<IReadOnlyList<OffsetAnswer>> AnswerAsync(IEnumerable<(string Topic, int Partition)> partitions, Func<Task<IReadOnlyList<PartitionOutcome>>> send)
    {
        IReadOnlyList<PartitionOutcome> outcomes = [];
        var (kind, error) = await ChangeAnswers.OutcomeAsync(async () => outcomes = await send());
        var byPartition = outcomes.ToDictionary(one => (one.Topic, one.Partition), one => one.Error);
        return
        [
            .. partitions.Select(one => byPartition.TryGetValue(one, out var outcome)
                ? new OffsetAnswer(one.Topic, one.Partition, ChangeAnswers.KindOf(outcome), NameOf(outcome))
                : new OffsetAnswer(one.Topic, one.Partition, kind == AnswerKind.Accepted ? AnswerKind.Unknown : kind, error)),
        ];
    }

    private static string? NameOf(ErrorCode error) => error == ErrorCode.None ? null : error.KafkaName();

    private static Dictionary<(string Topic, int Partition), long?> ByPartition(PartitionOffsets? offsets) =>
        (offsets?.Offsets ?? []).ToDictionary(one => (one.Topic, one.Partition), one => one.Offset);
}
