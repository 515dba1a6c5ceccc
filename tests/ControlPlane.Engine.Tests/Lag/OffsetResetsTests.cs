using System.Collections.Immutable;
using ControlPlane.Engine.Lag.Resets;

namespace ControlPlane.Engine.Tests.Lag;

public sealed class OffsetResetsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Log 100..1000, committed 400, first record at the asked time 700 unless said otherwise.</summary>
    [Theory]
    [InlineData(ResetTarget.Earliest, 0, 100)]
    [InlineData(ResetTarget.Latest, 0, 1000)]
    [InlineData(ResetTarget.Timestamp, 0, 700)]
    [InlineData(ResetTarget.Shift, 50, 450)]
    [InlineData(ResetTarget.Shift, -50, 350)]
    [InlineData(ResetTarget.Shift, -5000, 100)]
    [InlineData(ResetTarget.Shift, long.MaxValue, 1000)]
    [InlineData(ResetTarget.Shift, long.MinValue, 100)]
    public void The_target_is_what_Kafkas_own_tool_would_commit(ResetTarget target, long shift, long expected)
    {
        var change = Assert.Single(OffsetResets.Preview(new OffsetResetWish(target, Noon, shift), [new("orders", 0, 400, 100, 1000, 700)]));

        Assert.Equal((expected, 600L, 1000 - expected), (change.Target, change.LagBefore, change.LagAfter));
        Assert.True(change.Moves);
    }

    [Theory]
    [InlineData(50, 100)]
    [InlineData(5000, 1000)]
    [InlineData(500, 500)]
    public void An_offset_outside_of_the_log_is_brought_to_its_nearest_end_and_said(long wanted, long expected)
    {
        var wish = new OffsetResetWish(ResetTarget.Offsets, Offsets: [new("orders", 0, wanted)]);
        var change = Assert.Single(OffsetResets.Preview(wish, [new("orders", 0, 400, 100, 1000, null)]));

        Assert.Equal(expected, change.Target);
        Assert.Equal(wanted != expected, change.Note is not null);
    }

    [Fact]
    public void What_is_unknown_stays_as_it_is_and_says_why()
    {
        var positions = new ResetPosition[] { new("b", 1, 5, null, null, null), new("a", 0, null, 0, 10, null), new("a", 2, 3, 5, 10, null) };

        var latest = OffsetResets.Preview(new OffsetResetWish(ResetTarget.Latest), positions);
        Assert.Equal([("a", 0), ("a", 2), ("b", 1)], latest.Select(one => (one.Topic, one.Partition)));
        Assert.Null(latest[2].Target);
        Assert.Contains("no leader", latest[2].Note, StringComparison.Ordinal);
        Assert.Null(latest[0].LagBefore); // nothing committed is not a lag of zero
        Assert.Contains("2 messages", latest[1].Note, StringComparison.Ordinal);
        Assert.Null(OffsetResets.Preview(new OffsetResetWish(ResetTarget.Shift, Shift: 1), positions)[0].Target);
        Assert.Contains("as young", OffsetResets.Preview(new OffsetResetWish(ResetTarget.Timestamp, Noon), positions)[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_is_stale_where_something_else_is_committed_than_was_expected()
    {
        var wish = new OffsetResetWish(ResetTarget.Offsets, Offsets: [new("a", 0, 1, Expected: 5), new("a", 1, 1, Expected: 5), new("a", 2, 1), new("a", 3, 1, Expected: 0)]);
        var positions = new ResetPosition[] { new("a", 0, 5, 0, 9, null), new("a", 1, 6, 0, 9, null), new("a", 2, 7, 0, 9, null), new("a", 3, null, 0, 9, null) };

        Assert.Equal([1, 3], OffsetResets.Stale(wish, positions).Select(one => one.Partition));
        Assert.Empty(OffsetResets.Stale(new OffsetResetWish(ResetTarget.Latest), positions));
    }

    [Fact]
    public void Scopes_choose_topics_and_partitions_also_without_a_commit()
    {
        (string, int)[] committed = [("b", 1), ("a", 0)];
        var all = new OffsetResetWish(ResetTarget.Latest);

        Assert.Equal([("a", 0), ("b", 1)], all.PartitionsOf(committed, _ => 3));
        Assert.Equal([("b", 0), ("b", 1), ("b", 2)], (all with { Scopes = [new("b", [])] }).PartitionsOf(committed, _ => 3));
        Assert.Equal([("a", 2), ("b", 0)], (all with { Scopes = [new("b", [0]), new("a", [2, 2])] }).PartitionsOf(committed, _ => 3));
    }

    [Theory]
    [InlineData("orders", "orders", new int[0])]
    [InlineData("orders:0,3", "orders", new[] { 0, 3 })]
    public void A_scope_is_written_as_Kafkas_tool_has_it(string text, string topic, int[] partitions)
    {
        Assert.True(ResetScope.TryParse(text, out var scope));
        Assert.Equal((topic, partitions.ToImmutableArray()), (scope.Topic, scope.Partitions), (x, y) => x.Item1 == y.Item1 && x.Item2.SequenceEqual(y.Item2));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(":1")]
    [InlineData("a:")]
    [InlineData("a:-1")]
    [InlineData("a:1:2")]
    [InlineData("a:1,,2")]
    [InlineData("a:99999999999")]
    public void Nonsense_is_no_scope(string? text) => Assert.False(ResetScope.TryParse(text, out _));
}
