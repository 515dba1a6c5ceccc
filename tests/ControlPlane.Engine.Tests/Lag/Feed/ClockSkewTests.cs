using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Engine.Tests.Lag.Feed;

/// <summary>How far clocks are apart, from when records were stamped and when they were read.</summary>
public sealed class ClockSkewTests
{
    private const long Minute = 60_000;

    [Theory] // broker ahead of us, in ms -> what is measured
    [InlineData(0, 0)]
    [InlineData(400, 0)]
    [InlineData(10 * Minute, -10 * Minute)]
    [InlineData(-10 * Minute, 10 * Minute)]
    public void The_least_delay_tells(long ahead, long expected)
    {
        var (skew, random) = (new ClockSkew(), new Random(1));
        for (var now = 0L; now < 10 * Minute; now += 700)
        {
            skew.Take(now - random.Next(30, 900) + ahead, now, isLive: true);
        }

        Assert.InRange(skew.Milliseconds - expected, 0, expected == 0 ? 0 : 400);
    }

    [Fact]
    public void What_is_read_late_is_no_skew_unless_it_comes_from_the_future()
    {
        var skew = new ClockSkew();
        for (var i = 0; i < 100; i++)
        {
            skew.Take(i, 10 * Minute, isLive: false);
        }

        Assert.Equal(0, skew.Milliseconds);
        skew.Take(20 * Minute, 10 * Minute, isLive: false);
        Assert.Equal(-10 * Minute, skew.Milliseconds);
    }

    [Fact]
    public void One_late_record_is_none_and_a_clock_that_was_set_right_is_believed_soon()
    {
        var skew = new ClockSkew();
        skew.Take(0, 10 * Minute, isLive: true);
        Assert.Equal(0, skew.Milliseconds);

        for (var now = 20 * Minute; now < 24 * Minute; now += 1_000)
        {
            skew.Take(now + (10 * Minute), now, isLive: true);
        }

        Assert.Equal(-10 * Minute, skew.Milliseconds);
        for (var now = 24 * Minute; now < 28 * Minute; now += 1_000)
        {
            skew.Take(now, now, isLive: true);
        }

        Assert.Equal(0, skew.Milliseconds);
    }
}
