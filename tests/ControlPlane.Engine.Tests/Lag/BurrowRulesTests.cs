using ControlPlane.Engine.Lag;

namespace ControlPlane.Engine.Tests.Lag;

public sealed class BurrowRulesTests
{
    private const string Steady = "1000@100/50 2000@200/100 3000@300/150 4000@400/200 5000@500/250";
    private const string FromZero = "1000@100/0 2000@200/50 3000@300/100 4000@400/150 5000@500/200";
    private const string Frozen = "1000@100/100 1000@200/150 1000@300/200 1000@400/250 1000@500/300";

    [Theory] // what, commits, end offsets, now in seconds, allowed lag, status, reason
    [InlineData("any zero lag in the window is OK", FromZero, "5200", 600, 0, PartitionLagStatus.Ok, LagReason.CaughtUpInWindow)]
    [InlineData("silence equal to the span is not stopped", FromZero, "5200", 900, 0, PartitionLagStatus.Ok, LagReason.CaughtUpInWindow)]
    [InlineData("a millisecond over the span counts for nothing: now has whole seconds", FromZero, "5200", 900.999, 0, PartitionLagStatus.Ok, LagReason.CaughtUpInWindow)]
    [InlineData("a second over the span is stopped, zero lag or not", FromZero, "5200", 901, 0, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("stopped with lag all along", Steady, "5250", 1000, 0, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("no stop when a retained end offset was no further than the last commit", Steady, "5000 5250", 1000, 0, PartitionLagStatus.Warn, LagReason.LagNotFalling)]
    [InlineData("the grace takes plain zero, not the allowed lag", Steady, "5001 5250", 1000, 10, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("stopped goes before rewound", "3000@100/1 1000@200/9", "5000", 1000, 0, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("offsets frozen", Frozen, "1300", 600, 0, PartitionLagStatus.Stall, LagReason.OffsetsFrozen)]
    [InlineData("frozen with the lag at the first commit within what is allowed", Frozen, "1300", 600, 100, PartitionLagStatus.Ok, LagReason.CaughtUpInWindow)]
    [InlineData("frozen with one less allowed", Frozen, "1300", 600, 99, PartitionLagStatus.Stall, LagReason.OffsetsFrozen)]
    [InlineData("constant lag never falls", "10@100/7 20@200/7 30@300/7", "37", 310, 0, PartitionLagStatus.Warn, LagReason.LagNotFalling)]
    [InlineData("one dip hides the warning", "10@100/7 20@200/8 30@300/7 40@400/9", "49", 410, 0, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("a dip is seen across unknown lags", "10@100/9 20@200/? 30@300/8 40@400/10", "50", 410, 0, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("no lag known, offsets moving", "10@100/? 20@200/? 30@300/?", "50", 310, 0, PartitionLagStatus.Warn, LagReason.LagNotFalling)]
    [InlineData("no lag known, offsets frozen", "10@100/? 10@200/? 10@300/?", "50", 310, 0, PartitionLagStatus.Stall, LagReason.OffsetsFrozen)]
    [InlineData("a rewind not made good", "1000@100/100 2000@200/150 3000@300/200 2000@400/1250 2500@500/300", "4300", 600, 0, PartitionLagStatus.Rewind, LagReason.OffsetsWentBack)]
    [InlineData("a rewind goes before zero lag in the window", "3000@100/0 1000@200/2000 1500@300/1500", "3000", 310, 0, PartitionLagStatus.Rewind, LagReason.OffsetsWentBack)]
    [InlineData("a rewind made good by reaching the offset before it", "1000@100/100 3000@300/200 2000@400/1250 3000@500/300", "4300", 600, 0, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("one short of it is not good", "1000@100/100 3000@300/200 2000@400/1250 2999@500/300", "4300", 600, 0, PartitionLagStatus.Rewind, LagReason.OffsetsWentBack)]
    [InlineData("only the first rewind is looked at", "100@100/5 50@200/55 100@300/6 20@400/90 30@500/80", "120", 510, 0, PartitionLagStatus.Ok, LagReason.Progressing)]
    [InlineData("lag allowed now is OK whatever the history", Frozen, "1300", 9000, 300, PartitionLagStatus.Ok, LagReason.WithinAllowedLag)]
    [InlineData("a single commit is stopped at once", "10@100/5", "20", 101, 0, PartitionLagStatus.Stop, LagReason.Silent)]
    [InlineData("a single commit of this very second is stalled", "10@100/5", "20", 100.9, 0, PartitionLagStatus.Stall, LagReason.OffsetsFrozen)]
    [InlineData("a single commit from the future is stalled", "10@200/5", "20", 100, 0, PartitionLagStatus.Stall, LagReason.OffsetsFrozen)]
    [InlineData("no commits", "", "20", 100, 0, PartitionLagStatus.Ok, LagReason.NoCommits)]
    [InlineData("the newest end offset counts, behind the commit it is zero", Steady, "9999 4000", 600, 0, PartitionLagStatus.Ok, LagReason.WithinAllowedLag)]
    [InlineData("no end offset, no judgement", Steady, "", 5000, 0, PartitionLagStatus.Ok, LagReason.LagUnknown)]
    [InlineData("negative times are times", "10@-100/5 20@-50/5", "30", 0, 0, PartitionLagStatus.Warn, LagReason.LagNotFalling)]
    public void The_first_rule_that_holds_decides(string what, string commits, string ends, double now, long allowed, PartitionLagStatus status, LagReason reason)
    {
        var window = Window.Of(commits, [.. ends.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(end => long.Parse(end, null))]);

        var verdict = window.Burrow(now, allowed);

        Assert.True((status, reason) == (verdict.Status, verdict.Reason), $"{what}: expected {status} {reason}, got {verdict.Status} {verdict.Reason}");
        Assert.NotEmpty(verdict.Sentence);
    }

    [Fact]
    public void A_lag_that_was_told_goes_before_the_one_computed() =>
        Assert.Equal(PartitionLagStatus.Ok, (Window.Of(Steady, 5250) with { CurrentLag = 0 }).Burrow(1000).Status);

    [Theory]
    [InlineData(7, 10, 0.7f, PartitionLagStatus.Stop)] // single precision on both sides: 7 of 10 is 0.7
    [InlineData(7, 10, 0.71f, PartitionLagStatus.Ok)]
    [InlineData(2, 3, 0.6666667f, PartitionLagStatus.Stop)]
    [InlineData(3, 10, 0, PartitionLagStatus.Stop)]
    [InlineData(10, 10, 1, PartitionLagStatus.Stop)]
    [InlineData(9, 10, 1, PartitionLagStatus.Ok)]
    public void A_window_that_is_too_empty_is_OK_unseen(int filled, int slots, float minimum, PartitionLagStatus status)
    {
        var commits = string.Join(' ', Enumerable.Range(1, filled).Select(i => $"{i * 10}@{i}/5"));

        var verdict = (Window.Of(commits, 5000) with { Slots = slots }).Burrow(1000, minimum: minimum);

        Assert.Equal((status, (float)filled / slots), (verdict.Status, verdict.Complete));
    }

    [Fact]
    public void A_rewind_says_how_far_and_where()
    {
        var verdict = Window.Of("1000@100/1 3000@200/1 1200@300/1801", 3001).Burrow(310);

        Assert.Equal((2, 1800L), (verdict.DropAt, verdict.Amount));
        Assert.Contains("1,800 messages", verdict.Sentence, StringComparison.Ordinal);
    }
}
