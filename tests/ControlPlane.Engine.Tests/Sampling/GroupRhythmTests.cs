using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Tests.Sampling;

/// <summary>When one of thousands of groups is asked about again.</summary>
public sealed class GroupRhythmTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_never_read_is_read() => Assert.True(Offsets(new GroupMarks { OffsetsAt = null }, 0));

    [Theory] // seconds it has stood still, and since it was last read
    [InlineData(0, 0, true)]
    [InlineData(60, 15, true)]
    [InlineData(240, 15, false)]
    [InlineData(240, 30, true)]
    [InlineData(86_400, 45, false)]
    [InlineData(86_400, 60, true)]
    public void One_that_stands_still_is_asked_about_after_an_eighth_of_that_time_and_at_most_a_minute(int still, int sinceRead, bool expected) =>
        Assert.Equal(expected, Offsets(new GroupMarks { OffsetsAt = Start.AddSeconds(still - sinceRead), MovedAt = Start }, still));

    [Fact]
    public void Who_had_read_everything_is_asked_about_as_soon_as_there_is_more()
    {
        var marks = new GroupMarks { OffsetsAt = Start.AddHours(10).AddSeconds(-15), MovedAt = Start, HadReadAll = true, Ends = 500 };

        Assert.False(Offsets(marks, 36_000, ends: 500));
        Assert.True(Offsets(marks, 36_000, ends: 501));
        Assert.False(Offsets(marks with { HadReadAll = false }, 36_000, ends: 501));
    }

    [Fact]
    public void One_that_is_followed_is_asked_about_to_compare_and_no_more()
    {
        var marks = new GroupMarks { OffsetsAt = Start, MovedAt = Start };

        Assert.False(GroupRhythm.NeedsOffsets(marks, isFollowed: true, null, Start.AddSeconds(599)));
        Assert.True(GroupRhythm.NeedsOffsets(marks, isFollowed: true, null, Start.AddSeconds(600)));
    }

    [Fact]
    public void Members_are_read_when_the_listing_says_another_state()
    {
        var marks = new GroupMarks { MembersAt = Start.AddSeconds(-15), MembersChangedAt = Start.AddDays(-1), State = "Stable" };

        Assert.False(GroupRhythm.NeedsMembers(marks, "Stable", Start));
        Assert.True(GroupRhythm.NeedsMembers(marks, "Empty", Start));
        Assert.True(GroupRhythm.NeedsMembers(marks, "Stable", Start.AddSeconds(45)));
        Assert.True(GroupRhythm.NeedsMembers(marks with { MembersAt = null }, "Stable", Start));
    }

    private static bool Offsets(GroupMarks marks, int second, long? ends = null) => GroupRhythm.NeedsOffsets(marks, isFollowed: false, ends, Start.AddSeconds(second));
}
