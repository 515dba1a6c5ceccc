using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Lag.Judging;

/// <summary>Each cause comes out of a story that has it, by the way the product goes; and of a story without a known cause comes none.</summary>
public sealed class CauseTests
{
    [Theory]
    [InlineData("producer-surge")]
    [InlineData("rebalancing-storm")]
    [InlineData("hot-partition")]
    [InlineData("slow-member")]
    [InlineData("stuck-member")]
    [InlineData("too-few-members")]
    [InlineData("no-members")]
    [InlineData("broker-trouble")]
    [InlineData("open-transaction")]
    public void A_cause_is_named_where_the_story_has_it(string cause)
    {
        var story = new Story { CanRead = _ => 120 };
        story.Run(2_400);
        Assert.Equal("OK", story.Judge().Word);

        Happen(story, cause);
        var seen = new HashSet<string>();
        for (var i = 0; i < 30 && !seen.Contains(cause); i++)
        {
            story.Run(10);
            seen.Add(story.Judge().Cause ?? "");
        }

        Assert.True(seen.SetEquals([cause]) || seen.SetEquals([cause, ""]), $"{cause} was called: {string.Join(", ", seen)}; {story.Judge().Sentence}");
    }

    [Fact]
    public void A_group_that_reads_slower_for_no_known_reason_has_none()
    {
        var story = new Story { CanRead = _ => 120, Members = Story.Partitions };
        story.Run(2_400);
        story.CanRead = partition => partition < 6 ? 60 : 120; // half of the partitions, of half of the members: nothing singles one out

        for (var i = 0; i < 30; i++)
        {
            story.Run(10);
            Assert.Null(story.Judge().Cause);
        }

        Assert.Equal("WARN", story.Judge().Word);
    }

    [Theory] // what is written each hour; the last is now
    [InlineData(false, 100, 400, 100, 400, 100, 400)]
    [InlineData(false, 50, 60, 80, 100, 100, 100)]
    [InlineData(true, 100, 100, 100, 100, 100, 400)]
    public void What_is_often_written_is_no_surge(bool isSurge, params int[] hours)
    {
        var (times, offsets, offset) = (new List<long>(), new List<long>(), 0L);
        for (var hour = 0; hour < hours.Length - 1; hour++)
        {
            for (var point = 0; point < 4; point++)
            {
                times.Add((hour * 3_600_000L) + (point * 900_000L));
                offsets.Add(offset);
                offset += hours[hour] * 900L;
            }
        }

        times.Add((hours.Length - 1) * 3_600_000L);
        offsets.Add(offset);
        var usual = UsualRate.Of([.. times], [.. offsets], ((hours.Length - 1) * 3_600_000L) + UsualRate.RecentMs);

        Assert.Equal(isSurge, hours[^1] >= 1.5 * usual);
    }

    [Fact]
    public void Of_a_short_history_nothing_usual_is_told() =>
        Assert.True(double.IsNaN(UsualRate.Of([0, 300_000], [0, 900], 1_000_000)) && double.IsNaN(UsualRate.Of([], [], 1_000_000)) && double.IsNaN(UsualRate.Of([0, 900_000], [0, 900], 900_000)));

    [Fact]
    public void Members_that_start_together_are_one_rebalance_and_a_rest_ends_a_storm()
    {
        var count = new RebalanceCount();
        for (var member = 0; member < 20; member++)
        {
            count.Saw("g", member, member * 500);
        }

        Assert.Equal((1, null), (count.Recent("g", 10_000), count.Recent("other", 10_000)));
        count.Saw("g", 21, 60_000);
        count.Saw("g", 22, 120_000);
        count.Saw("g", 22, 130_000);
        Assert.Equal((3, 0), (count.Recent("g", 140_000), count.Recent("g", 400_000)));
        count.Forget("g");
        Assert.Null(count.Recent("g", 400_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_consumer_that_commits_one_offset_again_and_again_stalls_however_often_it_does(int seconds)
    {
        var story = new Story { CommitEvery = seconds };
        story.Run(600);
        Assert.Equal("OK", story.Judge().Word);

        story.CanRead = partition => partition == 3 ? 0 : 200;
        story.Run(70);

        Assert.Equal("STALL", story.Judge().Trouble?.Worst);
    }

    [Fact]
    public void A_reset_of_all_partitions_at_once_is_no_rewind()
    {
        var (reset, rewind) = (new Story(), new Story());
        foreach (var story in (Story[])[reset, rewind])
        {
            story.Run(600);
        }

        for (var partition = 0; partition < Story.Partitions; partition++)
        {
            reset.Set(partition, 0);
        }

        rewind.Set(3, 0);
        Assert.Equal("OK", reset.Judge().Word);
        Assert.All(reset.JudgePartitions(), one => Assert.Equal(LagReason.OffsetReset, one.Verdict.Reason));
        Assert.Equal(("ERR", "REWIND"), (rewind.Judge().Word, rewind.Judge().Trouble!.Worst));
    }

    [Theory] // how far the brokers' clocks are ahead, in minutes
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(-10)]
    public void Skewed_clocks_make_no_false_stop_and_hide_none_once_they_are_measured(int minutes)
    {
        var story = new Story { BrokersAhead = minutes * 60_000L, KnownSkew = minutes * -60_000L };
        for (var i = 0; i < 60; i++)
        {
            story.Run(10);
            Assert.Equal("OK", story.Judge().Word);
        }

        var stoppedAt = story.Second;
        story.Commits = _ => false;
        while (story.Judge().Word != "ERR")
        {
            story.Run(5);
            Assert.True(story.Second - stoppedAt < 80, $"not found after {story.Second - stoppedAt} s");
        }

        Assert.InRange(story.Second - stoppedAt, 40, 80);
        Assert.InRange(story.Judge().TimeLagMs!.Value, 30_000, 90_000);
        Assert.InRange((DateTimeOffset.FromUnixTimeMilliseconds(story.Now) - story.Judge().Trouble!.Since!.Value).TotalSeconds, 30, 90);
    }

    private static void Happen(Story story, string cause)
    {
        switch (cause)
        {
            case "producer-surge":
                story.Written = _ => 300;
                story.CanRead = _ => 110;
                break;
            case "rebalancing-storm":
                story.Evidence = new GroupEvidence(5, null);
                story.CanRead = _ => 20;
                break;
            case "hot-partition":
                story.Written = partition => partition == 5 ? 900 : 100;
                break;
            case "slow-member":
                story.CanRead = partition => story.MemberOf(partition) == 1 ? 30 : 120;
                break;
            case "stuck-member":
                story.CanRead = partition => story.MemberOf(partition) == 2 ? 0 : 120;
                break;
            case "too-few-members":
                story.CanRead = _ => 70;
                break;
            case "no-members":
                story.Members = 0;
                story.Commits = _ => false;
                break;
            case "broker-trouble":
                story.CanRead = partition => partition == 4 ? 0 : 120;
                story.Commits = partition => partition != 4;
                story.Model = story.Model with { Partitions = Leaderless(4) };
                break;
            case "open-transaction":
                var held = story.Position(7);
                story.CanRead = partition => partition == 7 ? 0 : 120;
                story.Evidence = new GroupEvidence(null, (_, partition) => partition == 7 ? held : null);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(cause), cause, "No such story");
        }
    }

    private static PartitionTable Leaderless(int without) => new()
    {
        TopicName = [Story.Topic],
        TopicId = [Guid.Empty],
        TopicInternal = [false],
        TopicMinInSync = [1],
        TopicStart = [0, Story.Partitions],
        Topic = new int[Story.Partitions],
        Leader = [.. Enumerable.Range(0, Story.Partitions).Select(partition => partition == without ? -1 : 0)],
        LeaderEpoch = new int[Story.Partitions],
        ReplicaStart = [.. Enumerable.Range(0, Story.Partitions + 1)],
        ReplicaBroker = new int[Story.Partitions],
        ReplicaFlags = new ReplicaFlags[Story.Partitions],
    };
}
