using ControlPlane.Engine.Lag;

namespace ControlPlane.Engine.Tests.Lag;

public sealed class DefaultRulesTests
{
    private const string Each5 = "100@0/3 200@5/9 300@10/2 400@15/7 500@20/4 600@25/8 700@30/2 800@35/6 900@40/3 1000@45/5";

    [Theory] // what, commits, end offsets, now in seconds, status, reason
    [InlineData("no commits", "", "9", 0, PartitionLagStatus.Ok, LagReason.NoCommits)]
    [InlineData("all read", Each5, "1000", 500, PartitionLagStatus.Ok, LagReason.WithinAllowedLag)]
    [InlineData("a marker for ever", "10@0/1 20@5/1 30@10/1", "31", 9_000, PartitionLagStatus.Ok, LagReason.OnlyMarkers)]
    [InlineData("steady", Each5, "1005 1006", 50, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("not yet silent for long", Each5, "1305 1306", 89, PartitionLagStatus.Ok, LagReason.WithinCadence)]
    [InlineData("silent for long", Each5, "1305 1306", 91, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("silent, but it had read all a moment ago", Each5, "1000 1306", 91, PartitionLagStatus.Ok, LagReason.RecentlyCaughtUp)]
    [InlineData("each minute, two and a half of them", "1@0/5 9@60/5 20@120/5 30@180/5", "90", 325, PartitionLagStatus.Ok, LagReason.WithinCadence)]
    [InlineData("each minute, silent for more than that", "1@0/5 9@60/5 20@120/5 30@180/5", "90", 331, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("a single commit tells no cadence", "10@0/50", "90", 3_600, PartitionLagStatus.Ok, LagReason.WithinCadence)]
    [InlineData("but not for ever", "10@0/50", "90", 7_201, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("a new consumer with a backlog", "10@0/5000 20@5/4990", "5010", 10, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("a batch rests after its run", "1000@0/9000 4000@5/6000 8000@10/2000 10000@15/0", "20000", 3_600, PartitionLagStatus.Ok, LagReason.BatchPause)]
    [InlineData("a batch rests for too long", "1000@0/9000 4000@5/6000 8000@10/2000 10000@15/0", "20000", 7_300, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("a rewind", "1000@0/9 2000@5/9 3000@10/9 500@15/2509 900@20/2200", "3200", 25, PartitionLagStatus.Rewind, LagReason.OffsetsWentBack)]
    [InlineData("a rewind made good", "1000@0/9 2000@5/9 3000@10/9 500@15/2509 3000@20/90", "3200", 25, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("the second rewind, after a first one made good", "100@0/5 50@5/55 200@10/6 20@15/190 60@20/150", "220", 25, PartitionLagStatus.Rewind, LagReason.OffsetsWentBack)]
    [InlineData("read again after a rebalance, less than half a commit", "1000@0/9 2000@5/9 3000@10/9 2700@15/309", "3200", 18, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("set back while the group stood still", "1000@0/9 2000@5/9 3000@10/9 4000@15/9 0@60/4009 900@90/3200 1900@95/2200", "4300", 99, PartitionLagStatus.Ok, LagReason.OffsetReset)]
    [InlineData("set back, and then it never came again", "1000@0/9 2000@5/9 3000@10/9 4000@15/9 0@60/4009", "4300", 900, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("frozen", "7@0/90 7@10/95 7@20/99 7@30/120", "140", 35, PartitionLagStatus.Stall, LagReason.OffsetsFrozen)]
    [InlineData("frozen, but for a moment only", "7@0/90 7@1/95 7@2/99 7@3/120", "140", 5, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("frozen since it ran into something", "1@0/0 7@10/0 7@20/20 7@30/95 7@40/99 7@50/120", "140", 55, PartitionLagStatus.Stall, LagReason.OffsetsFrozen)]
    [InlineData("the same offset with nothing to read", "7@0/0 7@10/0 7@20/0 7@30/0", "9", 35, PartitionLagStatus.Ok, LagReason.CaughtUpInWindow)]
    [InlineData("growing", "10@0/50 20@10/90 30@20/130 40@30/170 50@40/210 60@50/250 70@60/290 80@70/330", "430", 75, PartitionLagStatus.Warn, LagReason.LagGrowing)]
    [InlineData("growing with dips", "10@0/50 20@10/90 30@20/70 40@30/170 50@40/150 60@50/250 70@60/290 80@70/330", "430", 75, PartitionLagStatus.Warn, LagReason.LagGrowing)]
    [InlineData("growing in teeth, since ends are polled at every other commit", "0@0/2000 400@5/1600 800@10/2200 1200@15/1800 1600@20/2400 2000@25/2000 2400@30/2600 2800@35/2200 3200@40/2800 3600@45/4400", "8000", 50, PartitionLagStatus.Warn, LagReason.LagGrowing)]
    [InlineData("behind by the same all the time", "10@0/50 20@10/50 30@20/50 40@30/50 50@40/50 60@50/50 70@60/50 80@70/50", "130", 75, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("catching up", "10@0/900 20@10/800 30@20/700 40@30/600 50@40/500", "500", 45, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("more, but seconds of work", "1000@0/5 2000@10/6 3000@20/7 4000@30/8 5000@40/9 6000@50/10 7000@60/11 8000@70/20", "8020", 75, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("no end offset", Each5, "", 900, PartitionLagStatus.Ok, LagReason.LagUnknown)]
    public void The_shape_of_the_window_decides(string what, string commits, string ends, double now, PartitionLagStatus status, LagReason reason)
    {
        var verdict = Window.Of(commits, [.. ends.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(end => long.Parse(end, null))]).Ours(now);

        Assert.True((status, reason) == (verdict.Status, verdict.Reason), $"{what}: expected {status} {reason}, got {verdict.Status} {verdict.Reason}: {verdict.Sentence}");
        Assert.InRange(verdict.Confidence, 0, 1);
    }

    [Theory]
    [InlineData(PartitionUse.TopicDeleted, PartitionLagStatus.Ok, LagReason.Ghost)]
    [InlineData(PartitionUse.Unsubscribed, PartitionLagStatus.Ok, LagReason.Ghost)]
    [InlineData(PartitionUse.GroupEmpty, PartitionLagStatus.Stop, LagReason.GroupEmpty)]
    [InlineData(PartitionUse.Assigned, PartitionLagStatus.Stop, LagReason.Silent)]
    public void Who_reads_a_partition_counts(PartitionUse use, PartitionLagStatus status, LagReason reason)
    {
        var verdict = (Window.Of(Each5, 5000) with { Use = use }).Ours(900);

        Assert.Equal((status, reason), (verdict.Status, verdict.Reason));
    }

    [Fact]
    public void A_reset_of_an_empty_group_is_known_by_that()
    {
        var window = Window.Of("1000@0/9 2000@5/9 0@10/2009", 2009);

        Assert.Equal(PartitionLagStatus.Rewind, window.Ours(12).Status);
        Assert.Equal(LagReason.OffsetReset, (window with { Use = PartitionUse.GroupEmpty }).Ours(12).Reason);
    }

    [Theory] // log start, end, lost, lag, status, reason
    [InlineData(900, 1005, 0, 5, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData(1300, 1305, 300, 5, PartitionLagStatus.Warn, LagReason.DataLost)]
    [InlineData(1300, 1300, 300, 0, PartitionLagStatus.Ok, LagReason.ExpiredUnread)]
    public void What_retention_deleted_unread_is_told_and_is_no_lag(long logStart, long end, long lost, long lag, PartitionLagStatus status, LagReason reason)
    {
        var verdict = (Window.Of(Each5, end) with { LogStart = logStart }).Ours(50);

        Assert.Equal((status, reason, lost, lag), (verdict.Status, verdict.Reason, verdict.Lost, verdict.CurrentLag));
    }

    [Fact]
    public void Loss_does_not_hide_a_stop()
    {
        var verdict = (Window.Of(Each5, 5000) with { LogStart = 1300 }).Ours(900);

        Assert.Equal((PartitionLagStatus.Stop, 300L), (verdict.Status, verdict.Lost));
        Assert.Contains("300 messages before they were read", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Waiting_counts_from_when_there_was_something_to_read()
    {
        var quiet = Window.Of(Each5, 1000, 1000, 1007, 1007) with { EndTimes = [40_000, 3_600_000, 3_610_000, 3_620_000] };

        Assert.Equal(PartitionLagStatus.Ok, quiet.Ours(3_650).Status);
        Assert.Equal(PartitionLagStatus.Stop, quiet.Ours(3_660).Status);
    }

    [Fact]
    public void A_habit_of_letting_records_wait_is_respected()
    {
        var window = Window.Of(Each5, 1305, 1306);

        Assert.Equal(PartitionLagStatus.Ok, (window with { LongestWait = 600_000 }).Ours(945).Status);
        Assert.Equal(PartitionLagStatus.Stop, (window with { LongestWait = 600_000 }).Ours(946).Status);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1_700, true)]
    [InlineData(1_800, false)]
    public void Growth_is_news_beyond_what_was_worked_off_before(long workedOff, bool isNews)
    {
        // 50 messages/s are written; what it reads falls from 45 to 15 a second, until 2,200 wait on average, which is 78 s of its work.
        var window = Window.Of("100@0/400 325@5/400 525@10/500 700@15/650 850@20/750 975@25/900 1075@30/1175 1175@35/1525 1275@40/1925 1375@45/2500", 3_875);

        Assert.Equal(isNews ? PartitionLagStatus.Warn : PartitionLagStatus.Ok, (window with { WorkedOff = workedOff }).Ours(46).Status);
    }

    [Fact]
    public void Being_behind_for_less_than_the_allowed_time_is_no_trouble()
    {
        var window = Window.Of("10@0/500 10@10/500 10@20/500 10@30/500", 10, 510) with { EndTimes = [20_000, 30_000] };

        Assert.Equal(LagReason.WithinAllowedTime, DefaultRules.Judge(window.At(31), new LagPolicy { AllowedTimeMs = 15_000 }).Reason);
        Assert.Equal(PartitionLagStatus.Stall, DefaultRules.Judge(window.At(31), new LagPolicy { AllowedTimeMs = 5_000 }).Status);
    }

    [Fact]
    public void No_window_is_too_strange_to_judge()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var window = Strange(random);
            var now = random.Next(-100, 2_000);
            foreach (var verdict in (LagVerdict[])[window.Ours(now, random.Next(3)), window.Burrow(now, random.Next(3))])
            {
                Assert.True(Enum.IsDefined(verdict.Status) && verdict.Sentence.Length > 0 && verdict.Confidence is >= 0 and <= 1 && verdict.Complete is >= 0 and <= 1 && verdict.Lost >= 0);
                Assert.NotEmpty(LagSentences.CodeOf(verdict.Reason));
            }
        }
    }

    private static Window Strange(Random random)
    {
        var (count, ends) = (random.Next(0, 12), random.Next(0, 5));
        long[] Numbers(int many, int least) => [.. Enumerable.Range(0, many).Select(_ => random.Next(10) == 0 ? long.MaxValue / 4 : (long)random.Next(least, 1_000))];
        return new Window(Numbers(count, 0), Numbers(count, -500), Numbers(count, -1), Numbers(ends, 0))
        {
            EndTimes = random.Next(2) == 0 ? Numbers(ends, -500) : [],
            LogStart = random.Next(-1, 600),
            LongestWait = random.Next(0, 1_000_000),
            WorkedOff = random.Next(0, 1_000_000),
            Use = (PartitionUse)random.Next(5),
            Slots = random.Next(1, 12),
        };
    }
}
