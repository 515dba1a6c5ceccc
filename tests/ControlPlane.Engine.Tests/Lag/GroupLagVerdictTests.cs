using ControlPlane.Engine.Lag;

namespace ControlPlane.Engine.Tests.Lag;

public sealed class GroupLagVerdictTests
{
    [Theory]
    [InlineData(new PartitionLagStatus[0], GroupLagStatus.Ok)]
    [InlineData(new[] { PartitionLagStatus.Ok, PartitionLagStatus.Ok }, GroupLagStatus.Ok)]
    [InlineData(new[] { PartitionLagStatus.Warn, PartitionLagStatus.Ok }, GroupLagStatus.Warn)]
    [InlineData(new[] { PartitionLagStatus.Warn, PartitionLagStatus.Stop }, GroupLagStatus.Err)]
    [InlineData(new[] { PartitionLagStatus.Stall }, GroupLagStatus.Err)]
    [InlineData(new[] { PartitionLagStatus.Rewind, PartitionLagStatus.Warn }, GroupLagStatus.Err)]
    public void A_group_is_as_bad_as_its_worst_partition(PartitionLagStatus[] partitions, GroupLagStatus expected) =>
        Assert.Equal(expected, GroupLagVerdict.Of([.. partitions.Select(status => Partition(status, 1, 0))]).Status);

    [Fact]
    public void Half_filled_windows_count_as_empty_and_their_lag_as_lag()
    {
        var verdict = GroupLagVerdict.Of([Partition(PartitionLagStatus.Ok, 1, 5), Partition(PartitionLagStatus.Ok, 0.9f, 70), Partition(PartitionLagStatus.Ok, 0, -1)]);

        Assert.Equal((1f / 3, 3, 75L, 1), (verdict.Complete, verdict.Partitions, verdict.TotalLag, verdict.MaxLag));
    }

    [Fact]
    public void The_furthest_behind_is_named_even_when_nobody_is() =>
        Assert.Equal(0, GroupLagVerdict.Of([Partition(PartitionLagStatus.Ok, 1, 0), Partition(PartitionLagStatus.Ok, 1, 0)]).MaxLag);

    [Fact]
    public void Without_partitions_nothing_is_complete() => Assert.Equal(new GroupLagVerdict(GroupLagStatus.Ok, 0, 0, 0, -1), GroupLagVerdict.Of([]));

    [Fact]
    public void A_group_nobody_knows_is_not_found() => Assert.Equal((GroupLagStatus.NotFound, 1f), (GroupLagVerdict.NotFound.Status, GroupLagVerdict.NotFound.Complete));

    [Fact]
    public void Lag_of_partitions_that_nobody_reads_does_not_count()
    {
        var ghost = Partition(PartitionLagStatus.Ok, 1, 900) with { Reason = LagReason.Ghost };

        var verdict = GroupLagVerdict.Of([ghost, Partition(PartitionLagStatus.Ok, 1, 3)]);

        Assert.Equal((3L, 1), (verdict.TotalLag, verdict.MaxLag));
    }

    [Fact]
    public void Lags_near_the_largest_number_add_up_to_it()
    {
        var verdict = GroupLagVerdict.Of([Partition(PartitionLagStatus.Ok, 1, long.MaxValue - 5), Partition(PartitionLagStatus.Ok, 1, 9)]);

        Assert.Equal((long.MaxValue, 0), (verdict.TotalLag, verdict.MaxLag));
    }

    [Fact]
    public void The_sentence_of_a_group_counts_what_is_wrong()
    {
        LagVerdict[] partitions = [Partition(PartitionLagStatus.Stop, 1, 500) with { SilenceMs = 540_000 }, Partition(PartitionLagStatus.Warn, 1, 20), Partition(PartitionLagStatus.Ok, 1, 0)];
        var cause = new LagCause(LagCauseKind.StuckMember, "One member is stuck.", [0], [1]);

        Assert.Equal("1 of 3 partitions stopped, no commit for 9 m 0 s; 1 of 3 partitions falling behind, 520 messages behind. One member is stuck.", GroupLagVerdict.Of(partitions).Sentence(partitions, cause));
        Assert.Equal("All partitions are in order, 0 messages behind.", GroupLagVerdict.Of(partitions.AsSpan(2)).Sentence(partitions.AsSpan(2)));
        Assert.StartsWith("The group is not known", GroupLagVerdict.NotFound.Sentence([]), StringComparison.Ordinal);
    }

    private static LagVerdict Partition(PartitionLagStatus status, float complete, long lag) => new(status, LagReason.Progressing, complete, lag, 1);
}
