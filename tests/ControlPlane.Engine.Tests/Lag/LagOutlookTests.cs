using System.Collections.Immutable;
using ControlPlane.Engine.Lag;

namespace ControlPlane.Engine.Tests.Lag;

/// <summary>What is told beyond a verdict: rates, when it ends, why, and how many members would do.</summary>
public sealed class LagOutlookTests
{
    [Theory] // what, commits, end offsets, now, consume, produce
    [InlineData("from the lags of commits", "0@0/100 100@10/80 200@20/60", "270", 22, 10.0, 8.0)]
    [InlineData("a commit set back is left out", "0@0/100 100@10/100 50@20/250 150@30/250", "400", 32, 10.0, 10.0)]
    [InlineData("nothing read since", "0@0/100 100@10/100 200@20/100", "900", 60, 200 / 60.0, 10.0)]
    [InlineData("one commit", "0@0/100", "270", 22, double.NaN, double.NaN)]
    [InlineData("lags unknown and no times of polls", "0@0/? 100@10/?", "270", 22, double.NaN, double.NaN)]
    public void Rates_come_from_the_intervals_between_commits(string what, string commits, string ends, double now, double consume, double produce)
    {
        var rates = LagRates.Of(Window.Of(commits, [.. ends.Split(' ').Select(end => long.Parse(end, null))]).At(now));

        Assert.True(Near(consume, rates.Consume) && Near(produce, rates.Produce), $"{what}: {rates}");
    }

    [Fact]
    public void Where_the_lag_of_a_commit_is_unknown_the_curve_of_end_offsets_tells()
    {
        var window = Window.Of("0@0/? 100@10/? 200@20/?", 100, 180, 260) with { EndTimes = [0, 10_000, 20_000] };

        Assert.Equal((10.0, 8.0), (LagRates.Of(window.At(22)).Consume, LagRates.Of(window.At(22)).Produce));
    }

    [Theory]
    [InlineData(0, 5, 9, 1, CatchUpKind.Done, null, null)]
    [InlineData(100, 10, 5, 0, CatchUpKind.Expected, 20.0, 20.0)]
    [InlineData(100, 10, 5, 1, CatchUpKind.Expected, 20.0, 100 / 3.0)]
    [InlineData(100, 10, 5, 3, CatchUpKind.Expected, 20.0, null)]
    [InlineData(100, 5, 5, 0, CatchUpKind.Never, null, null)]
    [InlineData(100, 4, 5, 9, CatchUpKind.Never, null, null)]
    [InlineData(long.MaxValue, 5.001, 5, 0, CatchUpKind.Never, null, null)]
    [InlineData(100, double.NaN, double.NaN, double.NaN, CatchUpKind.Unknown, null, null)]
    [InlineData(-1, 10, 5, 1, CatchUpKind.Unknown, null, null)]
    public void It_ends_when_reading_outruns_writing(long lag, double consume, double produce, double error, CatchUpKind kind, double? likely, double? latest)
    {
        var end = CatchUp.Of(lag, new LagRates(consume, produce, error));

        Assert.Equal((kind, likely, latest), (end.Kind, end.Likely?.TotalSeconds, end.Latest is { } time ? Math.Round(time.TotalSeconds, 6) is var seconds && latest is { } told && Near(seconds, told) ? told : seconds : null));
        Assert.NotEmpty(end.Sentence);
    }

    [Fact]
    public void The_range_holds_the_likely_time_and_is_never_negative()
    {
        var random = new Random(3);
        for (var i = 0; i < 5_000; i++)
        {
            var end = CatchUp.Of(random.NextInt64(1_000_000), new LagRates(random.NextDouble() * 100, random.NextDouble() * 100, random.Next(3) == 0 ? double.NaN : random.NextDouble() * 50));
            if (end.Kind == CatchUpKind.Expected)
            {
                Assert.True(end.Earliest >= TimeSpan.Zero && end.Earliest <= end.Likely && !(end.Latest < end.Likely));
            }
        }
    }

    [Fact]
    public void A_group_has_caught_up_when_its_last_partition_has()
    {
        var (fast, slow) = (CatchUp.Of(10, new LagRates(10, 5, 0)), CatchUp.Of(100, new LagRates(10, 5, 0)));

        Assert.Equal(slow, CatchUp.Worse(fast, slow));
        Assert.Equal(CatchUpKind.Never, CatchUp.Worse(slow, new CatchUp(CatchUpKind.Never)).Kind);
        Assert.Equal(slow, CatchUp.Worse(new CatchUp(CatchUpKind.Done), slow));
        Assert.Equal(CatchUpKind.Unknown, CatchUp.Worse(new CatchUp(CatchUpKind.Unknown), slow).Kind);
        Assert.Equal("It catches up in about 20 s (20 s to 20 s).", slow.Sentence);
    }

    [Theory] // what, members of partitions, "lag/consume/produce/usual/status", members, rebalances, cause
    [InlineData("all well", "0:5/10/10/10/Ok 1:5/10/10/10/Ok", 2, 0, null)]
    [InlineData("nobody there", "-1:500/0/10/10/Stop", 0, 0, LagCauseKind.NoMembers)]
    [InlineData("one member dead", "0:5/10/10/10/Ok 1:900/0/10/10/Stop 1:900/0/10/10/Stop 2:5/10/10/10/Ok", 3, 0, LagCauseKind.StuckMember)]
    [InlineData("one of its partitions goes on", "0:5/10/10/10/Ok 1:900/0/10/10/Stop 1:0/10/10/10/Ok 2:5/10/10/10/Ok", 3, 0, null)]
    [InlineData("all stuck: no member is to blame", "0:900/0/10/10/Stop 1:900/0/10/10/Stop", 2, 0, null)]
    [InlineData("rebalancing all the time", "0:900/1/10/10/Warn 1:900/1/10/10/Stop", 2, 5, LagCauseKind.RebalancingStorm)]
    [InlineData("a surge", "0:900/11/30/10/Warn 1:900/11/30/10/Warn", 2, 0, LagCauseKind.ProducerSurge)]
    [InlineData("more is written, but reading broke down too", "0:900/2/30/10/Warn 1:10/2/30/10/Warn", 2, 0, null)]
    [InlineData("a hot partition", "0:5/10/10/10/Ok 0:900/30/90/80/Warn 1:5/10/10/10/Ok 1:5/10/10/10/Ok", 2, 0, LagCauseKind.HotPartition)]
    [InlineData("a slow member", "0:5/10/10/10/Ok 1:900/4/10/10/Warn 2:5/10/10/10/Ok 3:5/10/10/10/Ok", 4, 0, LagCauseKind.SlowMember)]
    [InlineData("too few", "0:900/8/10/10/Warn 0:850/8/10/10/Warn 1:800/8/10/10/Warn 1:870/8/10/10/Warn", 2, 0, LagCauseKind.TooFewMembers)]
    [InlineData("as many as partitions: more would not help", "0:900/8/10/10/Warn 1:850/8/10/10/Warn", 2, 0, null)]
    [InlineData("a broker in trouble", "0:5/10/10/10/Ok 1:900/0/10/10/Stop/x 2:5/10/10/10/Ok 1:5/10/10/10/Ok", 3, 0, LagCauseKind.BrokerTrouble)]
    [InlineData("nothing is known of rates and members", "-1:900/NaN/NaN/NaN/Warn -1:900/NaN/NaN/NaN/Stop", null, null, null)]
    public void A_cause_is_named_where_the_evidence_carries_it(string what, string partitions, int? members, int? rebalances, LagCauseKind? expected)
    {
        var cause = LagCauses.Find(new GroupPicture([.. partitions.Split(' ').Select(Partition)], members, rebalances));

        Assert.True(expected == cause?.Kind, $"{what}: expected {expected?.ToString() ?? "none"}, got {cause?.Sentence ?? "none"}");
    }

    [Fact]
    public void The_evidence_names_members_and_partitions()
    {
        var cause = LagCauses.Find(new GroupPicture([.. "0:5/10/10/10/Ok 7:900/0/10/10/Stop 7:900/0/10/10/Stop".Split(' ').Select(Partition)], 2, 0));

        Assert.Equal(("All 2 stuck partitions belong to one member; the others go on.", 7), (cause!.Sentence, Assert.Single(cause.Members)));
        Assert.Equal([1, 2], cause.Partitions);
    }

    [Theory] // members, partitions, lag, time lag in s, consume, produce, objective in s
    [InlineData(3, 12, 0, 0, 30, 40, 60, ScalingKind.Enough, 3, 3)]
    [InlineData(3, 12, 500, 20, 30, 30, 60, ScalingKind.Enough, 3, 3)]
    [InlineData(3, 12, 500, 20, 30, 40, 60, ScalingKind.More, 4, 4)] // not late yet, but losing ground
    [InlineData(3, 12, 6_000, 200, 30, 20, 60, ScalingKind.More, 10, 10)] // 100 a second to read the backlog in a minute
    [InlineData(3, 6, 6_000, 200, 30, 20, 60, ScalingKind.BoundByPartitions, 6, 10)]
    [InlineData(9, 12, 600, 90, 90, 20, 60, ScalingKind.Enough, 9, 2)]
    [InlineData(0, 12, 600, 90, 0, 20, 60, ScalingKind.Unknown, 1, 1)]
    [InlineData(3, 12, 600, 90, double.NaN, double.NaN, 60, ScalingKind.Unknown, 3, 3)]
    [InlineData(20, 4, 6_000, 200, 40, 20, 60, ScalingKind.BoundByPartitions, 4, 10)] // 16 of them have nothing to read
    public void Members_that_would_hold_the_objective(int members, int partitions, long lag, double seconds, double consume, double produce, double objective, ScalingKind kind, int advised, int needed)
    {
        var advice = ScalingAdvice.Of(members, partitions, lag, new TimeLag(TimeLagKind.Known, (long)(seconds * 1000)), new LagRates(consume, produce, 0), TimeSpan.FromSeconds(objective));

        Assert.Equal(new ScalingAdvice(kind, advised, needed), advice);
        Assert.NotEmpty(advice.Sentence);
    }

    [Theory]
    [InlineData(2, 0, true)]
    [InlineData(2, 1_000, true)]
    [InlineData(2, 1_001, false)] // members commit each in their own time
    [InlineData(1, 0, false)] // one member commits all of them at once anyway
    [InlineData(null, 0, false)]
    public void Partitions_of_several_members_that_go_back_at_once_were_reset(int? members, int apart, bool isReset)
    {
        var rewind = Window.Of("1000@0/9 2000@5/9 0@10/2009", 2009).Ours(12);
        LagVerdict[] verdicts = [rewind, rewind];

        Assert.Equal(isReset, ResetRules.Recognise(verdicts, [10_000, 10_000 + apart], members));
        Assert.All(verdicts, verdict => Assert.Equal(isReset ? LagReason.OffsetReset : LagReason.OffsetsWentBack, verdict.Reason));
    }

    [Fact]
    public void One_partition_that_did_not_go_back_tells_against_a_reset()
    {
        LagVerdict[] verdicts = [Window.Of("1000@0/9 2000@5/9 0@10/2009", 2009).Ours(12), Window.Of("1@0/9", 9).Ours(12)];

        Assert.False(ResetRules.Recognise(verdicts, [10_000, 10_000], 3));
        Assert.Equal(PartitionLagStatus.Rewind, verdicts[0].Status);
    }

    private static PartitionPicture Partition(string text)
    {
        var (member, rest) = (text.Split(':')[0], text.Split(':')[1].Split('/'));
        double Number(int at) => double.Parse(rest[at], null);
        return new PartitionPicture(long.Parse(rest[0], null), Number(1), Number(2), Number(3), Enum.Parse<PartitionLagStatus>(rest[4]), int.Parse(member, null), rest.Length > 5);
    }

    private static bool Near(double x, double y) => (double.IsNaN(x) && double.IsNaN(y)) || Math.Abs(x - y) < 1e-5;
}
