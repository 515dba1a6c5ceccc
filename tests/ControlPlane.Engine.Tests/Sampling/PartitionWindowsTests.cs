using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Xunit;

namespace ControlPlane.Engine.Tests.Sampling;

public sealed class PartitionWindowsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory] // log end offsets every 10 s; -1: not answered
    [InlineData("steady", "100 200 300", 10)]
    [InlineData("idle", "100 100 100", 0)]
    [InlineData("one reading is no rate", "100", float.NaN)]
    [InlineData("truncated: what was before is another log", "1000 1100 50 150 250", 10)]
    [InlineData("a missed reading is bridged", "100 -1 300", 10)]
    [InlineData("the newest missed: the one before counts", "100 200 -1", 10)]
    [InlineData("two missed in a row are unknown", "100 200 -1 -1", float.NaN)]
    [InlineData("just truncated", "1000 50", float.NaN)]
    [InlineData("not asked is no missed reading", "100 -2 -2 -2 500", 10)]
    [InlineData("not asked this time: as before", "100 200 -2 -2", 10)]
    [InlineData("asked seldom: by the time that passed", "100 -2 -2 -2 -2 -2 -2 -2 -2 1000", 10)]
    [InlineData("asked once a minute", "100 200 -2 -2 -2 -2 -2 1400 -2 -2 -2 -2 -2 2000", 10)]
    [InlineData("asked seldom, and nothing came", "100 200 -2 -2 -2 -2 -2 -2 -2 200", 0)]
    [InlineData("asked seldom, and another log", "1000 -2 -2 -2 -2 -2 -2 -2 -2 100", float.NaN)]
    [InlineData("missed twice when asked", "100 200 -2 -1 -2 -1", float.NaN)]
    public void Message_rate_follows_the_log_end(string why, string ends, float expected)
    {
        var windows = PartitionWindows.Empty;
        var (at, rates) = (Start, new float[1]);
        foreach (var end in ends.Split(' '))
        {
            windows = windows.ObserveOffsets(at = at.AddSeconds(10), [long.Parse(end, null)]);
            rates = windows.MessagesIn(1, rates);
        }

        var rate = rates[0];

        Assert.True(expected.Equals(rate), $"{why}: expected {expected}, got {rate}");
    }

    [Theory] // "bytes@end" of the leader's log, with the log start where it moved; 10 messages per second throughout
    [InlineData("growth over appended records", "1000@10 11000@110", 1000)]
    [InlineData("first guess from the whole log", "1000@10", 1000)]
    [InlineData("retention shrinks the log and not the rate", "50000@1000 60000@1100 30000@1200/800", 1000)]
    [InlineData("growth that hides a retention is not measured", "50000@1000 60000@1100 60010@1200/800", 1000)]
    [InlineData("nothing known of the size", "", float.NaN)]
    public void Bytes_in_survive_retention(string why, string sizes, float expected)
    {
        var (table, windows) = (OnePartition(leader: 0), PartitionWindows.Empty);
        foreach (var text in sizes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            windows = Measure(windows, table, text);
        }

        windows = windows.ObserveOffsets(Start, [0]).ObserveOffsets(Start.AddSeconds(10), [100]);
        var rate = windows.BytesIn(windows.MessagesIn(1, []))[0];

        Assert.True(expected.Equals(rate), $"{why}: expected {expected}, got {rate}");
    }

    [Fact]
    public void A_leader_change_is_no_growth()
    {
        var windows = Measure(Measure(PartitionWindows.Empty, OnePartition(leader: 0), "1000@10"), OnePartition(leader: 0), "2000@20");

        windows = Measure(windows, OnePartition(leader: 1), "900000@30");

        Assert.Equal(100, windows.BytesPerMessage[0]);
    }

    [Fact]
    public void A_size_that_was_read_long_after_the_end_waits_for_the_next_end()
    {
        var (table, windows) = (OnePartition(leader: 0), PartitionWindows.Empty);

        windows = Measure(Measure(windows, table, "1000@10"), table, "9000@20", endIsOld: true);
        windows = Measure(windows, table, "9000@90");

        Assert.Equal(100, windows.BytesPerMessage[0]);
    }

    [Theory] // 50 bytes a record at first; then the end is 120, was read so many seconds before the size, and the log has grown by 100 bytes for each record since 20
    [InlineData("read together", 0, 10f, 120, 100)]
    [InlineData("carried on by its rate", 5, 10f, 170, 100)]
    [InlineData("carried on for a minute", 60, 10f, 720, 100)]
    [InlineData("carried on for as long as may be", 90, 10f, 1020, 100)]
    [InlineData("older than that: what came since is a guess", 91, 10f, 1030, 50)]
    [InlineData("nothing comes: the old end is the end", 90, 0f, 120, 100)]
    [InlineData("seldom a record: the one that has not come does not count", 9, 0.1f, 120, 100)]
    [InlineData("the size was read first: nothing is taken back", -3, 10f, 120, 100)]
    [InlineData("the rate is unknown, but hardly anything can have come", 5, float.NaN, 120, 100)]
    [InlineData("the rate is unknown, and much may have come", 6, float.NaN, 120, 50)]
    [InlineData("a rate that is none", 6, -1f, 120, 50)]
    [InlineData("a rate without bounds", 6, float.PositiveInfinity, 120, 50)]
    [InlineData("no partition has a rate yet", 6, null, 120, 50)]
    public void An_older_end_is_carried_on_to_the_size_by_its_rate(string why, int secondsBefore, float? rate, long endAtSize, float expected)
    {
        var windows = Measure(PartitionWindows.Empty, OnePartition(leader: 0), "1000@20");

        windows = windows.ObserveSizes(OnePartition(leader: 0), Old(120, secondsBefore, rate, 1000 + (100 * (endAtSize - 20))), [1, 2], Start);

        Assert.True(expected == windows.BytesPerMessage[0], $"{why}: expected {expected} bytes a record, got {windows.BytesPerMessage[0]}");
    }

    [Fact]
    public void However_old_an_end_is_the_bytes_of_a_record_come_out_as_they_are_or_not_at_all()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var (bytes, rate, secondsBefore, end) = (random.Next(1, 10_000), (float)Math.Exp(random.NextDouble() * 11), random.Next(0, 120), random.NextInt64(100, 1_000_000));
            var atSize = end + (long)(rate * secondsBefore);
            var windows = Measure(PartitionWindows.Empty, OnePartition(leader: 0), "100000000@20");
            var guess = windows.BytesPerMessage[0];

            windows = windows.ObserveSizes(OnePartition(leader: 0), Old(end, secondsBefore, rate, 100_000_000 + (bytes * (atSize - 20))), [1, 2], Start);

            var expected = secondsBefore <= 90 ? bytes : guess;
            Assert.True(Math.Abs(windows.BytesPerMessage[0] - expected) <= expected * 0.02, $"round {round}: {bytes} bytes a record at {rate} a second, read {secondsBefore} s before, came out as {windows.BytesPerMessage[0]}");
        }
    }

    [Fact]
    public void Nothing_appended_is_nothing_in_even_where_sizes_are_unknown()
    {
        var windows = PartitionWindows.Empty.ObserveOffsets(Start, [5]).ObserveOffsets(Start.AddSeconds(10), [5]);

        Assert.Equal(0, windows.BytesIn(windows.MessagesIn(1, []))[0]);
    }

    [Fact]
    public void Bytes_out_follow_committed_offsets_and_ignore_rewinds()
    {
        var table = OnePartition(leader: 0);
        var windows = Measure(PartitionWindows.Empty, table, "1000@10");
        windows = windows.ObserveGroups(Start, Commits(0), Commits(0), table);
        windows = windows.ObserveGroups(Start.AddSeconds(15), Commits(0), Commits(150), table);
        windows = windows.ObserveGroups(Start.AddSeconds(30), Commits(150), Commits(20), table);

        Assert.Equal(500, windows.BytesOut(1)[0]);
    }

    [Fact]
    public void Without_two_rounds_of_groups_bytes_out_are_unknown() =>
        Assert.True(float.IsNaN(PartitionWindows.Empty.BytesOut(1)[0]));

    private static ImmutableArray<Group> Commits(long offset) =>
        [new Group("g", "consumer", "consumer", "Stable", 0, []) { Offsets = [new CommittedOffset("t", 0, offset)] }];

    private static PartitionWindows Measure(PartitionWindows windows, PartitionTable table, string text, bool endIsOld = false)
    {
        var parts = text.Split('@', '/');
        var load = new LoadTable
        {
            LogEndOffset = [long.Parse(parts[1], null)],
            LogEndAt = [Start.ToUnixTimeMilliseconds()],
            LogStartOffset = [parts.Length > 2 ? long.Parse(parts[2], null) : 0],
            ReplicaBytes = [long.Parse(parts[0], null), long.Parse(parts[0], null)],
        };
        return windows.ObserveSizes(table, load, [1, 2], Start.AddSeconds(endIsOld ? 25 : 5));
    }

    /// <summary>A size that was read at the start, and an end so long before it.</summary>
    private static LoadTable Old(long end, int secondsBefore, float? rate, long bytes) => new()
    {
        LogEndOffset = [end],
        LogEndAt = [Start.AddSeconds(-secondsBefore).ToUnixTimeMilliseconds()],
        LogStartOffset = [0],
        MessagesIn = rate is { } known ? [known] : [],
        ReplicaBytes = [bytes, bytes],
    };

    private static PartitionTable OnePartition(int leader) => new()
    {
        TopicName = ["t"],
        TopicId = [Guid.Empty],
        TopicInternal = [false],
        TopicMinInSync = [1],
        TopicStart = [0, 1],
        Topic = [0],
        Leader = [leader],
        LeaderEpoch = [1],
        ReplicaStart = [0, 2],
        ReplicaBroker = [0, 1],
        ReplicaFlags = [ReplicaFlags.InSync, ReplicaFlags.InSync],
    };
}
