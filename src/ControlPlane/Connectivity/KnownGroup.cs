using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;

namespace ControlPlane.Connectivity;

/// <summary>What is known of one group from round to round: as it was last read, each part at its own time.</summary>
internal sealed class KnownGroup
{
    /// <summary>Such a group commits nothing: <see cref="ShareProgress"/> says how far it has come.</summary>
    public const string Share = "share";

    private const string NotBegun = "The share group has not finished a record yet: where it begins is not known, and so its lag is not.";

    private const string NotReadYet = "Its commits have not been read yet: its coordinator is asked about so many groups bit by bit.";

    private GroupDescription? _description;
    private ImmutableArray<Engine.Model.GroupMember>? _members;
    private KafkaClientException? _offsetsFailure;
    private KafkaClientException? _membersFailure;
    private GroupMarks _marks;
    private DateTimeOffset? _readAt;
    private bool _isDescribedNow;

    public required ListedGroup Listed { get; set; }

    public bool IsShare => Listed.Type == Share;

    /// <summary>As its coordinator last said, in order; null where it was never read, or could not be.</summary>
    public ImmutableArray<Engine.Model.CommittedOffset>? Offsets { get; private set; }

    /// <summary>A share group finds its first offset when it reads first, and keeps it when it has finished something.</summary>
    private bool HasNotBegun => IsShare && Offsets is { IsEmpty: true };

    public bool NeedsOffsets { get; private set; }

    public bool NeedsMembers { get; private set; }

    /// <summary>When something of it was last read, the older of the two.</summary>
    public DateTimeOffset OldestAt => Earlier(_marks.OffsetsAt ?? DateTimeOffset.MinValue, _marks.MembersAt ?? DateTimeOffset.MinValue);

    /// <summary>Decides what to read of it in this round.</summary>
    public void Decide(bool isOneOfFew, bool isFollowed, OffsetsSample? ends, DateTimeOffset now)
    {
        _isDescribedNow = false;
        if (Listed.State is "Empty" or "Dead" && !isOneOfFew)
        {
            TakeMembers(new GroupDescription(Listed.GroupId, Listed.Type ?? "classic", Listed.State, "", Listed.CoordinatorId, []), null, null, now); // nobody is in it
        }

        isFollowed &= !IsShare;
        NeedsOffsets = isOneOfFew || GroupRhythm.NeedsOffsets(_marks, isFollowed, isFollowed ? null : EndsOf(ends, out _), now);
        NeedsMembers = isOneOfFew || GroupRhythm.NeedsMembers(_marks, Listed.State, now);
    }

    public void TakeOffsets(GroupOffsets? answer, KafkaClientException? failure, OffsetsSample? ends, DateTimeOffset at)
    {
        _offsetsFailure = failure;
        if (answer is null)
        {
            (Offsets, _marks) = (null, _marks with { OffsetsAt = null });
            return;
        }

        var builder = ImmutableArray.CreateBuilder<Engine.Model.CommittedOffset>(answer.Offsets.Count);
        foreach (var commit in answer.Offsets)
        {
            if (commit.Offset is { } offset)
            {
                builder.Add(new Engine.Model.CommittedOffset(commit.Topic, commit.Partition, offset));
            }
        }

        builder.Sort(ConsumerProgress.Compare);
        var hasMoved = Offsets is not { } before || !before.SequenceEqual(builder);
        Offsets = hasMoved ? builder.DrainToImmutable() : Offsets; // the same array again: nobody downstream looks at it twice
        _readAt = at;
        var sum = EndsOf(ends, out var hadReadAll);
        _marks = _marks with { OffsetsAt = at, MovedAt = hasMoved ? at : _marks.MovedAt, Ends = sum, HadReadAll = hadReadAll };
    }

    public void TakeMembers(GroupDescription? answer, KafkaClientException? failure, OffsetsSample? ends, DateTimeOffset at)
    {
        _membersFailure = failure;
        if (answer is null)
        {
            (_description, _members, _marks) = (null, null, _marks with { MembersAt = null });
            return;
        }

        var hasChanged = _description is null || _description.State != answer.State || !_description.Members.Select(one => one.MemberId).SequenceEqual(answer.Members.Select(one => one.MemberId), StringComparer.Ordinal);
        (_isDescribedNow, _description, _members) = (true, answer, [.. answer.Members.Select(member => Member(member, ends))]);
        _marks = _marks with { MembersAt = at, MembersChangedAt = hasChanged ? at : _marks.MembersChangedAt, State = Listed.State };
    }

    /// <summary>In the next round, however long it has stood still.</summary>
    public void AskAgain() => _marks = _marks with { OffsetsAt = null };

    /// <summary>The group as a sample tells it.</summary>
    public Group Tell(IKnownCommits? followed, DateTimeOffset now) => new(
        Listed.GroupId,
        Listed.Type ?? _description?.Type,
        Listed.ProtocolType,
        _isDescribedNow && _description is { } described ? described.State : Listed.State,
        _description?.CoordinatorId ?? Listed.CoordinatorId,
        _members)
    {
        Offsets = Offsets is { } asked && !HasNotBegun ? (IsShare ? null : followed?.Of(Listed.GroupId, asked)) ?? asked : null,
        OffsetsAt = Offsets is null ? null : followed is null || IsShare ? _readAt : now,
        Problem = (_offsetsFailure ?? _membersFailure)?.Message ?? (Offsets is null ? NotReadYet : HasNotBegun ? NotBegun : null),
    };

    /// <summary>Sum of the log ends where it has commits; null where one is not known.</summary>
    private long? EndsOf(OffsetsSample? ends, out bool hasReadAll)
    {
        var (sum, lag, topic, name) = (0L, 0L, -1, "");
        hasReadAll = false;
        foreach (var commit in Offsets ?? [])
        {
            (topic, name) = string.Equals(name, commit.Topic, StringComparison.Ordinal) ? (topic, name) : (ends?.Table.FindTopic(commit.Topic) ?? -1, commit.Topic);
            var end = topic < 0 || commit.Partition >= ends!.Table.PartitionsOf(topic) ? -1 : ends.LogEnd[ends.Table.TopicStart[topic] + commit.Partition];
            if (end < 0)
            {
                return null;
            }

            (sum, lag) = (sum + end, lag + Math.Max(0, end - commit.Offset));
        }

        hasReadAll = lag <= (Offsets?.Length ?? 0); // a transaction's marker is never committed past
        return sum;
    }

    private static Engine.Model.GroupMember Member(Kafka.Admin.GroupMember member, OffsetsSample? ends) => new(
        member.MemberId,
        member.InstanceId,
        member.ClientId,
        member.ClientHost,
        [.. (member.Assignment ?? []).SelectMany(topic => topic.Partitions, (topic, partition) => new AssignedPartition(topic.Topic, partition)).Where(one => member.Tasks is null || Exists(ends, one))])
    {
        Tasks = member.Tasks is { } tasks ? [.. tasks.Select(task => new MemberTasks(task.Kind, task.Subtopology, [.. task.Partitions], [.. task.SourceTopics]))] : null,
    };

    /// <summary>A task of a number that not all of its topics have reads only those that do.</summary>
    private static bool Exists(OffsetsSample? ends, AssignedPartition one) =>
        ends is null || ends.Table.FindTopic(one.Topic) is var topic && (topic < 0 || one.Partition < ends.Table.PartitionsOf(topic));

    private static DateTimeOffset Earlier(DateTimeOffset x, DateTimeOffset y) => x < y ? x : y;
}
