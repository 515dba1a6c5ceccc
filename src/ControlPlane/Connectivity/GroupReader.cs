using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;

namespace ControlPlane.Connectivity;

/// <summary>
/// Lists groups, then reads members and commits from their coordinators. What could not be read of one is null in it. Of thousands it asks
/// about those that move, and carries on what it knows of the others (<see cref="GroupRhythm"/>).
/// </summary>
/// <remarks>One round at a time.</remarks>
internal sealed class GroupReader(KafkaAdmin admin)
{
    /// <summary>Groups between two looks at the clock.</summary>
    private const int Slice = 4_096;

    /// <summary>Then what was read is told, and the next round goes on with the rest.</summary>
    private static readonly TimeSpan SweepTime = TimeSpan.FromSeconds(12);

    private Dictionary<string, KnownGroup> _known = new(StringComparer.Ordinal);
    private HashSet<string> _missing = new(StringComparer.Ordinal);
    private HashSet<string> _missedBefore = new(StringComparer.Ordinal);
    private readonly ShareProgress _shares = new(admin);
    private volatile OffsetsSample? _ends;
    private volatile IKnownCommits? _commits;

    /// <summary>Log ends as last read: a group that had read everything is asked about again when there is more to read.</summary>
    public OffsetsSample? Ends { get => _ends; set => _ends = value; }

    /// <summary>Commits that are followed, if they are.</summary>
    public IKnownCommits? Commits { get => _commits; set => _commits = value; }

    public async Task<Part<GroupsSample>> ReadAsync(CancellationToken cancellationToken)
    {
        var began = admin.Network.Time.GetTimestamp();
        var listing = await admin.FetchGroupsAsync(cancellationToken);
        var failures = SampleFailures.Of("ListGroups", listing.Failures);
        if (listing.Values.Count == 0 && !listing.IsComplete)
        {
            return new Part<GroupsSample>(null, failures);
        }

        // While a coordinator moves, two brokers may list the same group.
        var listed = listing.Values.Values.SelectMany(groups => groups).DistinctBy(group => group.GroupId, StringComparer.Ordinal).ToList();
        var (commits, groups) = (Commits, Keep(listed));
        var due = new DueGroups(groups, commits is { AreFollowed: true }, Ends, admin.Network.Time.GetUtcNow());
        try
        {
            foreach (var slice in due.All.Chunk(Slice))
            {
                await ReadSliceAsync(slice, commits, cancellationToken);
                if (admin.Network.Time.GetElapsedTime(began) >= SweepTime)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (due.All.Count > Slice)
        {
            // what was read until here is told all the same; the rest is due in the next round
        }

        if (listing.IsComplete)
        {
            ForgetMissing(commits);
            _shares.Keep(_known.ContainsKey);
        }

        var (now, isFollowed) = (admin.Network.Time.GetUtcNow(), commits is { AreFollowed: true });
        return new Part<GroupsSample>(new GroupsSample([.. groups.Select(group => group.Tell(isFollowed ? commits : null, now))]), failures);
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
        var (offsets, within) = listed.Type == KnownGroup.Share ? await _shares.FetchOneAsync(id, cancellationToken) : (await admin.FetchGroupOffsetsAsync([id], cancellationToken), 0);
        ImmutableArray<SampleFailure> failures = [.. descriptions.Failures.Values.Concat(offsets.Failures.Values).Select(one => SampleFailures.Of(null, "OffsetFetch", one))];
        var (group, now) = (new KnownGroup { Listed = listed }, admin.Network.Time.GetUtcNow());
        group.TakeMembers(descriptions.Values.GetValueOrDefault(id), descriptions.Failures.GetValueOrDefault(id), null, now);
        group.TakeOffsets(offsets.Values.GetValueOrDefault(id), offsets.Failures.GetValueOrDefault(id), null, now);
        return new Part<Group>(group.Tell(null, now) with { Offsets = group.Offsets, OffsetsWithin = within }, failures); // a share group that has not begun has none
    }

    /// <summary>Of share groups how far they have come: what a commit says of other groups.</summary>
    private async Task<GroupResults<GroupOffsets>> OffsetsAsync(IReadOnlyList<ListedGroup> listed, CancellationToken cancellationToken)
    {
        var offsets = await admin.FetchGroupOffsetsAsync([.. listed.Where(group => group.Type != KnownGroup.Share).Select(group => group.GroupId)], cancellationToken);
        string[] shares = [.. listed.Where(group => group.Type == KnownGroup.Share).Select(group => group.GroupId)];
        if (shares.Length == 0)
        {
            return offsets;
        }

        var share = await _shares.FetchAsync(shares, cancellationToken);
        return new GroupResults<GroupOffsets>(
            offsets.Values.Concat(share.Values).ToDictionary(StringComparer.Ordinal), offsets.Failures.Concat(share.Failures).ToDictionary(StringComparer.Ordinal));
    }

    private List<KnownGroup> Keep(List<ListedGroup> listed)
    {
        var (known, groups) = (new Dictionary<string, KnownGroup>(listed.Count, StringComparer.Ordinal), new List<KnownGroup>(listed.Count));
        foreach (var one in listed)
        {
            var group = _known.GetValueOrDefault(one.GroupId) ?? new KnownGroup { Listed = one };
            (group.Listed, known[one.GroupId]) = (one, group);
            groups.Add(group);
        }

        foreach (var (id, _) in _known.Where(pair => !known.ContainsKey(pair.Key)))
        {
            _missing.Add(id);
        }

        _known = known;
        return groups;
    }

    private async Task ReadSliceAsync(KnownGroup[] slice, IKnownCommits? commits, CancellationToken cancellationToken)
    {
        var ends = Ends;
        ListedGroup[] read = [.. slice.Where(group => group.NeedsOffsets).Select(group => group.Listed)];
        (string, string?)[] described = [.. slice.Where(group => group.NeedsMembers).Select(group => (group.Listed.GroupId, group.Listed.Type))];
        var offsets = await OffsetsAsync(read, cancellationToken); // one after the other: a coordinator has one request of ours at a time
        var readAt = admin.Network.Time.GetUtcNow();
        var descriptions = await admin.FetchGroupDescriptionsAsync(described, cancellationToken);
        var describedAt = admin.Network.Time.GetUtcNow();
        foreach (var group in slice)
        {
            var id = group.Listed.GroupId;
            if (group.NeedsOffsets)
            {
                var before = group.Offsets;
                group.TakeOffsets(offsets.Values.GetValueOrDefault(id), offsets.Failures.GetValueOrDefault(id), ends, readAt);
                if (commits is { AreFollowed: true } && !group.IsShare && group.Offsets is { } asked && commits.Differs(id, before, asked, topic => ends?.Table.FindTopic(topic) >= 0))
                {
                    group.AskAgain();
                }
            }

            if (group.NeedsMembers)
            {
                group.TakeMembers(descriptions.Values.GetValueOrDefault(id), descriptions.Failures.GetValueOrDefault(id), ends, describedAt);
            }
        }
    }

    /// <summary>A group that two whole listings in a row lack is gone, whether or not anybody wrote so.</summary>
    private void ForgetMissing(IKnownCommits? commits)
    {
        var again = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in _missing.Where(id => !_known.ContainsKey(id)))
        {
            if (_missedBefore.Contains(id))
            {
                commits?.Gone(id);
            }
            else
            {
                again.Add(id);
            }
        }

        (_missedBefore, _missing) = (again, new HashSet<string>(again, StringComparer.Ordinal));
    }
}
