using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Tests.Lag;

public sealed class TimeLagTests
{
    [Theory] // what, points "seconds:offset", offset, now in seconds, kind, seconds
    [InlineData("nothing known", "", 5, 100, TimeLagKind.Unknown, 0)]
    [InlineData("all read", "0:100 10:200", 200, 15, TimeLagKind.Known, 0)]
    [InlineData("read what is not polled yet", "0:100 10:200", 900, 15, TimeLagKind.Known, 0)]
    [InlineData("half way between two polls", "0:100 10:200", 150, 15, TimeLagKind.Known, 10)]
    [InlineData("on a poll", "0:100 10:200 20:300", 200, 30, TimeLagKind.Known, 20)]
    [InlineData("older than the history", "0:100 10:200", 99, 15, TimeLagKind.AtLeast, 15)]
    [InlineData("one poll, and behind it", "10:200", 99, 15, TimeLagKind.AtLeast, 5)]
    [InlineData("one poll, all read", "10:200", 200, 15, TimeLagKind.Known, 0)]
    [InlineData("idle for long, then a record: from the last poll without it", "0:100 10:100 3600:100 3610:101", 100, 3_612, TimeLagKind.Known, 12)]
    [InlineData("idle, nothing to read", "0:100 10:100 3600:100", 100, 3_612, TimeLagKind.Known, 0)]
    [InlineData("our clock behind the polls", "0:100 10:200", 150, 2, TimeLagKind.Known, 0)]
    [InlineData("topic made anew: what was before is another log", "0:9000 10:9500 20:3 30:7", 5, 40, TimeLagKind.Known, 15)]
    [InlineData("made anew, behind all of it", "0:9000 10:9500 20:3 30:7", 1, 40, TimeLagKind.AtLeast, 20)]
    [InlineData("huge numbers", "0:0 4000000:9223372036854775807", 4611686018427387904, 4000000, TimeLagKind.Known, 2000000)]
    public void A_record_waits_since_it_was_written(string what, string points, long offset, double now, TimeLagKind kind, double seconds)
    {
        var lag = Lag(points, offset, now);

        Assert.True(new TimeLag(kind, (long)(seconds * 1000)) == lag, $"{what}: {lag}");
    }

    [Fact]
    public void Reading_on_never_makes_the_wait_longer_and_time_never_makes_it_shorter()
    {
        for (var seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var (times, offsets) = RandomCurve(random, 1 + random.Next(20));
            for (var i = 0; i < 50; i++)
            {
                var (offset, now) = (random.NextInt64(offsets[^1] + 100), times[^1] + random.Next(-50_000, 100_000));
                var curve = new EndOffsetCurve(times, offsets);
                var lag = curve.LagOf(offset, now);
                Assert.True(lag.Milliseconds >= 0 && lag.Kind != TimeLagKind.Unknown);
                Assert.True(curve.LagOf(offset + random.Next(1, 500), now).Milliseconds <= lag.Milliseconds);
                Assert.True(curve.LagOf(offset, now + random.Next(1, 5_000)).Milliseconds >= lag.Milliseconds);
            }
        }
    }

    [Theory]
    [InlineData(1_000, 5_000, 4_000)]
    [InlineData(9_000, 5_000, 0)] // a producer's clock that runs ahead
    public void The_record_itself_tells_best(long timestamp, long now, long expected) => Assert.Equal(new TimeLag(TimeLagKind.Known, expected), TimeLag.OfRecord(timestamp, now));

    [Fact]
    public void A_record_without_a_timestamp_tells_nothing() => Assert.Equal(TimeLag.Unknown, TimeLag.OfRecord(-1, 5));

    [Fact]
    public void A_group_waits_as_long_as_its_worst_partition()
    {
        var (known, least) = (new TimeLag(TimeLagKind.Known, 5_000), new TimeLag(TimeLagKind.AtLeast, 4_000));

        Assert.Equal(known, TimeLag.Worse(known, least));
        Assert.Equal(least, TimeLag.Worse(TimeLag.Unknown, least));
        Assert.Equal(TimeLagKind.AtLeast, TimeLag.Worse(known, least with { Milliseconds = 5_000 }).Kind);
        Assert.Equal("at least 4 s behind", least.Sentence);
    }

    [Fact]
    public void A_day_of_polls_in_twenty_points_tells_the_wait_within_a_tenth()
    {
        var ends = new EndOffsetStore();
        var topic = ends.IdOf("t");
        for (var second = 0; second < 86_400; second += 10)
        {
            ends.Add(topic, 0, Written(second), second * 1000L);
        }

        Span<long> times = stackalloc long[ends.Points];
        Span<long> offsets = stackalloc long[ends.Points];
        var count = ends.Read(topic, 0, times, offsets, out _);
        var curve = new EndOffsetCurve(times[..count], offsets[..count]);
        Assert.Equal(20, count);
        foreach (var age in (int[])[15, 95, 600, 3_600, 20_000, 80_000])
        {
            var lag = curve.LagOf(Written(86_390 - age), 86_390_000);
            Assert.Equal(TimeLagKind.Known, lag.Kind);
            Assert.InRange(lag.Milliseconds / 1000.0, age * 0.9, age * 1.1);
        }

        static long Written(int second) => (long)(second * 50.0 + (200_000 * (1 - Math.Cos(second / 86_400.0 * 2 * Math.PI))));
    }

    [Fact]
    public void The_last_polls_are_kept_as_they_were()
    {
        var (ends, topic) = (new EndOffsetStore(), 0);
        topic = ends.IdOf("t");
        for (var i = 0; i < 1_000; i++)
        {
            ends.Add(topic, 3, i * 7, i * 1000L, i);
        }

        Span<long> times = stackalloc long[ends.Points];
        Span<long> offsets = stackalloc long[ends.Points];
        var count = ends.Read(topic, 3, times, offsets, out var logStart);
        Assert.Equal([.. Enumerable.Range(990, 10).Select(i => i * 7L)], offsets[(count - 10)..count].ToArray());
        Assert.Equal((999L, 6_993L), (logStart, ends.Newest(topic, 3)));
        Assert.Equal(0, ends.Read(topic, 2, times, offsets, out _));
        ends.Forget(topic);
        Assert.Equal((CommitWindow.Unknown, 0), (ends.Newest(topic, 3), ends.Read(topic, 3, times, offsets, out _)));
    }

    private static TimeLag Lag(string points, long offset, double now)
    {
        var pairs = points.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(point => point.Split(':')).ToArray();
        return new EndOffsetCurve([.. pairs.Select(pair => long.Parse(pair[0], null) * 1000)], [.. pairs.Select(pair => long.Parse(pair[1], null))]).LagOf(offset, (long)(now * 1000));
    }

    private static (long[] Times, long[] Offsets) RandomCurve(Random random, int points)
    {
        var (times, offsets) = (new long[points], new long[points]);
        for (var i = 0; i < points; i++)
        {
            times[i] = (i == 0 ? 0 : times[i - 1]) + random.Next(0, 20_000);
            offsets[i] = (i == 0 ? random.Next(1_000) : offsets[i - 1]) + (random.Next(3) == 0 ? 0 : random.Next(2_000));
        }

        return (times, offsets);
    }
}
