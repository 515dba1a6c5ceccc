using System.Collections.Immutable;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Lag;

/// <summary>What was followed, held against what coordinators say: differences are found, proven and mended; what is on its way is none.</summary>
public sealed class CommitComparisonTests
{
    private const long Now = 1_000_000_000;

    private readonly LagShard _shard = new(new LagStoreOptions(), new EndOffsetStore());
    private readonly CommitComparison _comparison;
    private ImmutableArray<CommittedOffset>? _before;

    public CommitComparisonTests()
    {
        _comparison = new CommitComparison(_shard);
        Followed("a", 0, 10, order: 100);
        Followed("b", 1, 20, order: 101);
    }

    [Fact]
    public void Equal_sides_differ_in_nothing()
    {
        Assert.False(Asked(("a", 0, 10), ("b", 1, 20)));
        Assert.Equal((0, 0, 0), (_comparison.Missed, _comparison.Deleted, _comparison.GroupsDeleted));
    }

    [Fact]
    public void A_commit_that_was_missed_is_put_right_when_it_is_said_twice()
    {
        Assert.True(Asked(("a", 0, 15), ("b", 1, 20)));
        Assert.Equal([At("a", 0, 10), At("b", 1, 20)], Merged());

        Assert.False(Asked(("a", 0, 15), ("b", 1, 20)));
        Assert.Equal([At("a", 0, 15), At("b", 1, 20)], Merged());
        Assert.Equal(1, _comparison.Missed);

        Followed("a", 0, 17, order: 102); // and what comes next counts
        Assert.Equal([At("a", 0, 17), At("b", 1, 20)], Merged());
    }

    [Fact]
    public void A_commit_that_was_on_its_way_is_no_difference()
    {
        Assert.True(Asked(("a", 0, 15), ("b", 1, 20)));
        Followed("a", 0, 15, order: 102);

        Assert.False(Asked(("a", 0, 15), ("b", 1, 20)));
        Assert.Equal(0, _comparison.Missed);
    }

    [Fact]
    public void A_group_that_goes_on_committing_is_never_mended()
    {
        for (var offset = 11; offset < 100; offset++)
        {
            Asked(("a", 0, offset - 1), ("b", 1, 20)); // the answer is always a commit behind
            Followed("a", 0, offset, order: 100 + offset);
        }

        Assert.Equal(0, _comparison.Missed);
        Assert.Equal([At("a", 0, 99), At("b", 1, 20)], Merged());
    }

    [Fact]
    public void A_deletion_that_nobody_wrote_is_proven_by_two_answers()
    {
        Assert.True(Asked(("a", 0, 10)));
        Assert.False(Asked(("a", 0, 10)));

        Assert.Equal(1, _comparison.Deleted);
        Assert.Equal([At("a", 0, 10)], Merged());
    }

    [Fact]
    public void Silence_about_a_topic_that_we_may_not_see_is_no_deletion()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.False(_comparison.Check("g", null, [At("a", 0, 10)], topic => topic == "a", Now));
        }

        Assert.Equal(0, _comparison.Deleted);
    }

    [Fact]
    public void A_commit_too_old_to_be_kept_is_told_as_its_coordinator_says_and_is_no_difference()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.False(Asked(("a", 0, 10), ("b", 1, 20), ("old", 0, 5)));
        }

        Assert.Equal([At("a", 0, 10), At("b", 1, 20), At("old", 0, 5)], Merged());
    }

    [Fact]
    public void A_commit_that_moves_and_is_never_seen_is_missed()
    {
        Assert.False(Asked(("a", 0, 10), ("b", 1, 20), ("new", 0, 5)));
        Assert.True(Asked(("a", 0, 10), ("b", 1, 20), ("new", 0, 6)));
        Assert.False(Asked(("a", 0, 10), ("b", 1, 20), ("new", 0, 6)));

        Assert.Equal(1, _comparison.Missed);
        Assert.Equal(3, _shard.Partitions);
    }

    [Fact]
    public void What_was_seen_to_be_deleted_is_not_told_from_an_older_answer()
    {
        Assert.False(Asked(("a", 0, 10), ("b", 1, 20)));
        _shard.Forget("g", "b", 1, order: 105, observedAt: Now);

        Assert.Equal([At("a", 0, 10)], Merged());
    }

    [Fact]
    public void A_group_that_nobody_lists_is_gone()
    {
        _comparison.Gone("g");
        _comparison.Gone("never seen");

        Assert.Equal(1, _comparison.GroupsDeleted);
        Assert.Equal(0, _shard.Groups);
    }

    private static CommittedOffset At(string topic, int partition, long offset) => new(topic, partition, offset);

    private void Followed(string topic, int partition, long offset, long order) => _shard.Commit("g", topic, partition, new CommitPoint(offset, Now, order, Now));

    private bool Asked(params (string Topic, int Partition, long Offset)[] commits)
    {
        ImmutableArray<CommittedOffset> asked = [.. commits.Select(one => At(one.Topic, one.Partition, one.Offset))];
        var differs = _comparison.Check("g", _before, asked, _ => true, Now);
        _before = asked;
        return differs;
    }

    private ImmutableArray<CommittedOffset> Merged() => _comparison.Merge("g", _before!.Value);
}
