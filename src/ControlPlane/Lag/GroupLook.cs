using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag;

/// <summary>Takes out of a book what one group is judged by, group after group: its commits, by which clock, and what was measured beside them.</summary>
internal sealed class GroupLook(LagBook book)
{
    /// <summary>Groups whose progress is not in __consumer_offsets.</summary>
    private const string Share = "share";

    public LagSnapshot Snapshot { get; } = new();

    /// <summary>The moment of the judgement, by our clock, in ms.</summary>
    public long At { get; private set; }

    public GroupEvidence Evidence { get; private set; } = GroupEvidence.None;

    /// <summary>False where nothing is known of the group, or only half of it is read yet.</summary>
    public bool TryTake(Group group, DateTimeOffset now)
    {
        var (isShare, polled) = (group.Type == Share, book.Polled);
        var isFollowed = !isShare && polled is null;
        if ((isFollowed && book.IsWithheld) || !(isShare ? book.Shares : polled ?? book.Followed).TryRead(group.Id, Snapshot))
        {
            return false;
        }

        if (isFollowed)
        {
            Snapshot.SetSkew(book.Clocks.SkewOf(group.Id));
        }
        else if (group.Members is not null)
        {
            book.Rebalances.Saw(group.Id, MembersOf(group), now.ToUnixTimeMilliseconds());
        }

        // What was not polled since is not silence of the consumer.
        At = (isFollowed || group.OffsetsAt is not { } read || read > now ? now : read).ToUnixTimeMilliseconds();
        Evidence = new GroupEvidence(book.Rebalances.Recent(group.Id, now.ToUnixTimeMilliseconds()), book.Stable.Find);
        return true;
    }

    /// <summary>Another number for other members; polls do not show generations.</summary>
    private static long MembersOf(Group group)
    {
        var members = 0L;
        foreach (var member in group.Members ?? [])
        {
            members ^= StringComparer.Ordinal.GetHashCode(member.MemberId);
        }

        return members;
    }
}
