using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Lag;

/// <summary>
/// Changes what groups have committed, when somebody asks: reset, forget a topic, delete. Reads just before and just after; a dry run
/// reads and stops. Kafka itself has the last word on members, for one can join between our look and our request.
/// </summary>
internal sealed class OffsetDesk(IClusterViews clusters)
{
    public Task<GroupChange> ResetAsync(ClusterId cluster, string group, OffsetResetWish wish, bool dryRun, CancellationToken cancellationToken) => ChangeAsync(
        (cluster, group, dryRun),
        async (port, found) =>
        {
            if (wish.Scopes.FirstOrDefault(scope => PartitionsOf(cluster, scope.Topic) == 0) is { } unknown)
            {
                return new GroupChange.UnknownTopic(unknown.Topic);
            }

            var partitions = wish.PartitionsOf(Committed(found), topic => PartitionsOf(cluster, topic));
            var read = await port.FetchPositionsAsync(new PositionQuestion(partitions, wish.Target == ResetTarget.Timestamp ? wish.At : null), cancellationToken);
            if (read.Value is not { } positions)
            {
                return new GroupChange.Unreadable(Why(read));
            }

            var committed = CommittedOffsets(found);
            ResetPosition[] complete = [.. partitions.Select(one => positions.ByPartition[one] with { Committed = committed.TryGetValue(one, out var offset) ? offset : null })];
            return OffsetResets.Stale(wish, complete, found.OffsetsWithin) is { IsEmpty: false } stale
                ? new GroupChange.Stale(stale)
                : new GroupChange.Seen(found, OffsetResets.Preview(wish, complete), [], null);
        },
        needsNoMembers: _ => true,
        async (port, found, changes) => changes.Where(change => change.Moves).Select(change => new OffsetTarget(change.Topic, change.Partition, change.Target!.Value)).ToList() is { Count: > 0 } targets
            ? await port.CommitAsync(found, targets, cancellationToken)
            : [],
        cancellationToken);

    /// <summary>Forgets what a group committed of some topics, that it may no longer be subscribed to.</summary>
    public Task<GroupChange> ForgetAsync(ClusterId cluster, string group, ImmutableArray<ResetScope> scopes, bool dryRun, CancellationToken cancellationToken) => ChangeAsync(
        (cluster, group, dryRun),
        async (port, found) =>
        {
            if (found.IsShare && scopes.FirstOrDefault(scope => !scope.Partitions.IsEmpty) is { } some)
            {
                return new GroupChange.Refused($"Of a share group Kafka forgets whole topics only, and '{some.Topic}' is named with partitions.", $"Name the topic alone, or set its partitions back with a reset.");
            }

            ImmutableArray<(string Topic, int Partition)> chosen = [.. Committed(found).Where(one => scopes.Any(scope => scope.Topic == one.Topic && (scope.Partitions.IsEmpty || scope.Partitions.Contains(one.Partition))))];
            return await SeenAsync(port, found, chosen, cancellationToken);
        },
        needsNoMembers: found => found.IsShare, // of others a topic that no member reads may go while the group lives: Kafka decides topic by topic (KIP-496)
        (port, found, changes) => port.DeleteOffsetsAsync(found, [.. changes.Select(change => (change.Topic, change.Partition))], cancellationToken),
        cancellationToken);

    public Task<GroupChange> DeleteAsync(ClusterId cluster, string group, bool dryRun, CancellationToken cancellationToken) => ChangeAsync(
        (cluster, group, dryRun),
        (port, found) => SeenAsync(port, found, [.. Committed(found)], cancellationToken),
        needsNoMembers: _ => true,
        async (port, _, _) => [await port.DeleteGroupAsync(group, cancellationToken)],
        cancellationToken);

    private async Task<GroupChange> ChangeAsync(
        (ClusterId Cluster, string Group, bool DryRun) ask,
        Func<IGroupOperations, Group, Task<GroupChange>> look,
        Func<Group, bool> needsNoMembers,
        Func<IGroupOperations, Group, ImmutableArray<OffsetChange>, Task<IReadOnlyList<OffsetAnswer>>> change,
        CancellationToken cancellationToken)
    {
        if (clusters.FindKafka(ask.Cluster) is not { } kafka)
        {
            return new GroupChange.NotOwned();
        }

        if (kafka.GroupOperations is not { } port)
        {
            return new GroupChange.Unsupported();
        }

        var described = await port.DescribeAsync(ask.Group, cancellationToken);
        if (described.Value is not { } found || (found.State is not null && found.Offsets is null))
        {
            return new GroupChange.Unreadable(Why(described));
        }

        if (found.State is null or "Dead")
        {
            return new GroupChange.UnknownGroup();
        }

        var seen = await look(port, found);
        if (ask.DryRun || seen is not GroupChange.Seen(_, var changes, _, _) whole)
        {
            return seen;
        }

        if (needsNoMembers(found) && found.State != "Empty")
        {
            return new GroupChange.HasMembers(found);
        }

        var mayAct = clusters.FindLease(ask.Cluster) is not null;
        if (!mayAct)
        {
            return new GroupChange.NotOwned();
        }

        var answers = await change(port, found, changes);
        var after = await port.DescribeAsync(ask.Group, cancellationToken);
        return whole with { Answers = answers, Now = after.Value };
    }

    private static async Task<GroupChange> SeenAsync(IGroupOperations port, Group found, ImmutableArray<(string Topic, int Partition)> chosen, CancellationToken cancellationToken)
    {
        var read = await port.FetchPositionsAsync(new PositionQuestion(chosen, null), cancellationToken);
        var (committed, positions) = (CommittedOffsets(found), read.Value?.ByPartition ?? ImmutableDictionary<(string, int), ResetPosition>.Empty);
        return new GroupChange.Seen(
            found,
            [
                .. chosen.Order(PartitionOrder.Instance).Select(one =>
                {
                    var end = positions.GetValueOrDefault(one).LogEnd; // unknown for a topic that is gone: then this is what should go
                    return new OffsetChange(one.Topic, one.Partition, committed[one], null, end is { } at ? Math.Max(0, at - committed[one]) : null, null, null);
                }),
            ],
            [],
            null);
    }

    private int PartitionsOf(ClusterId cluster, string topic) =>
        clusters.Find(cluster) is { } model && model.Partitions.FindTopic(topic) is var index and >= 0 ? model.Partitions.PartitionsOf(index) : 0;

    private static IEnumerable<(string Topic, int Partition)> Committed(Group group) => (group.Offsets ?? []).Select(one => (one.Topic, one.Partition));

    private static Dictionary<(string Topic, int Partition), long> CommittedOffsets(Group group) => (group.Offsets ?? []).ToDictionary(one => (one.Topic, one.Partition), one => one.Offset);

    private static string Why<T>(Sampled<T> read)
        where T : class
        => read.Failures is [var first, ..] ? first.Message : "Nothing was answered.";
}
