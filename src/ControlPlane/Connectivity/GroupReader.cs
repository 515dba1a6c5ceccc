using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;

namespace ControlPlane.Connectivity;

/// <summary>Lists groups, then reads members and commits from their coordinators. What could not be read of one is null in it.</summary>
internal sealed class GroupReader(KafkaAdmin admin)
{
    /// <summary>Its progress is not kept as committed offsets, but as where the records in work begin.</summary>
    private const string Share = "share";

    public async Task<Part<GroupsSample>> ReadAsync(CancellationToken cancellationToken)
    {
        var listing = await admin.FetchGroupsAsync(cancellationToken);
        var failures = SampleFailures.Of("ListGroups", listing.Failures);
        if (listing.Values.Count == 0 && !listing.IsComplete)
        {
            return new Part<GroupsSample>(null, failures);
        }

        // While a coordinator moves, two brokers may list the same group.
        var listed = listing.Values.Values.SelectMany(groups => groups).DistinctBy(group => group.GroupId, StringComparer.Ordinal).ToList();
        var describing = admin.FetchGroupDescriptionsAsync([.. listed.Select(group => (group.GroupId, group.Type))], cancellationToken);
        var offsets = await OffsetsAsync(listed, cancellationToken);
        var now = admin.Network.Time.GetUtcNow();
        var descriptions = await describing;
        var groups = listed.Select(group => Combine(now, group, descriptions, offsets)).ToImmutableArray();
        return new Part<GroupsSample>(new GroupsSample(groups), failures);
    }

    /// <summary>One group, asked as the type that its listing says. A group that nobody lists and that committed nothing has no state.</summary>
    public async Task<Part<Group>> ReadOneAsync(string id, CancellationToken cancellationToken)
    {
        var listing = await admin.FetchGroupsAsync(cancellationToken);
        var listed = listing.Values.Values.SelectMany(groups => groups).FirstOrDefault(one => string.Equals(one.GroupId, id, StringComparison.Ordinal));
        if (listed is null)
        {
            return listing.IsComplete
                ? new Part<Group>(new Group(id, null, null, null, null, null), [])
                : new Part<Group>(null, SampleFailures.Of("ListGroups", listing.Failures)); // a broker that did not answer may have it
        }

        var descriptions = await admin.FetchGroupDescriptionsAsync([(id, listed.Type)], cancellationToken);
        var offsets = await OffsetsAsync([listed], cancellationToken);
        ImmutableArray<SampleFailure> failures = [.. descriptions.Failures.Values.Concat(offsets.Failures.Values).Select(one => SampleFailures.Of(null, "OffsetFetch", one))];
        return new Part<Group>(Combine(admin.Network.Time.GetUtcNow(), listed, descriptions, offsets), failures);
    }

    /// <summary>Of share groups the offset from which on records are still worked on: what a commit says of other groups.</summary>
    private async Task<GroupResults<GroupOffsets>> OffsetsAsync(IReadOnlyList<ListedGroup> listed, CancellationToken cancellationToken)
    {
        var offsets = await admin.FetchGroupOffsetsAsync([.. listed.Where(group => group.Type != Share).Select(group => group.GroupId)], cancellationToken);
        string[] shares = [.. listed.Where(group => group.Type == Share).Select(group => group.GroupId)];
        if (shares.Length == 0)
        {
            return offsets;
        }

        var share = await admin.FetchShareGroupOffsetsAsync(shares, cancellationToken);
        var asCommits = share.Values.Select(group => KeyValuePair.Create(group.Key, new GroupOffsets(
            group.Key, group.Value.CoordinatorId, [.. group.Value.Offsets.Select(one => new Kafka.Admin.CommittedOffset(one.Topic, one.Partition, one.StartOffset, null, null, one.Error))])));
        return new GroupResults<GroupOffsets>(
            offsets.Values.Concat(asCommits).ToDictionary(StringComparer.Ordinal), offsets.Failures.Concat(share.Failures).ToDictionary(StringComparer.Ordinal));
    }

    private static Group Combine(DateTimeOffset now, ListedGroup listed, GroupResults<GroupDescription> descriptions, GroupResults<GroupOffsets> offsets)
    {
        var described = descriptions.Values.GetValueOrDefault(listed.GroupId);
        var commits = offsets.Values.GetValueOrDefault(listed.GroupId);
        var hasNotBegun = HasNotBegun(listed, commits);
        return new Group(
            listed.GroupId,
            listed.Type ?? described?.Type,
            listed.ProtocolType,
            described?.State ?? listed.State,
            described?.CoordinatorId ?? listed.CoordinatorId,
            described?.Members.Select(Member).ToImmutableArray())
        {
            Offsets = hasNotBegun ? null : commits?.Offsets.Where(commit => commit.Offset is not null)
                .Select(commit => new Engine.Model.CommittedOffset(commit.Topic, commit.Partition, commit.Offset!.Value))
                .ToImmutableArray(),
            OffsetsAt = commits is null ? null : now,
            Problem = hasNotBegun ? "The share group has not finished a record yet: where it begins is not known, and so its lag is not." : Problem(listed, descriptions, offsets),
        };
    }

    /// <summary>A share group finds its first offset when it reads first, and keeps it when it has finished something.</summary>
    private static bool HasNotBegun(ListedGroup listed, GroupOffsets? commits) => listed.Type == Share && commits is not null && commits.Offsets.All(one => one.Offset is null);

    private static Engine.Model.GroupMember Member(Kafka.Admin.GroupMember member) => new(
        member.MemberId,
        member.InstanceId,
        member.ClientId,
        member.ClientHost,
        [.. (member.Assignment ?? []).SelectMany(topic => topic.Partitions, (topic, partition) => new AssignedPartition(topic.Topic, partition))]);

    private static string? Problem(ListedGroup listed, GroupResults<GroupDescription> descriptions, GroupResults<GroupOffsets> offsets)
    {
        KafkaClientException? failure = offsets.Failures.GetValueOrDefault(listed.GroupId) ?? descriptions.Failures.GetValueOrDefault(listed.GroupId);
        return failure?.Message;
    }
}
