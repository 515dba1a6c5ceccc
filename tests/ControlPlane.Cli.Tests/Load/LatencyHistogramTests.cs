using ControlPlane.Cli.Load;

namespace ControlPlane.Cli.Tests.Load;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantiles_are_right_to_a_tenth_and_never_too_good()
    {
        var histogram = new LatencyHistogram();
        for (var ms = 1; ms <= 1000; ms++)
        {
            histogram.Add(TimeSpan.FromMilliseconds(ms));
        }

        var counted = histogram.Drain();

        Assert.InRange(counted.Quantile(0.5)!.Value, 500, 550);
        Assert.InRange(counted.Quantile(0.99)!.Value, 990, 1089);
    }

    [Fact]
    public void Nothing_counted_is_unknown()
    {
        Assert.Null(new LatencyHistogram().Drain().Quantile(0.99));
        Assert.Null(LatencySnapshot.None.Quantile(0.99));
    }

    [Fact]
    public void Draining_begins_anew_and_parts_add_up()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromMilliseconds(10));
        var first = histogram.Drain();
        histogram.Add(TimeSpan.FromHours(1000));
        var second = histogram.Drain();

        Assert.Equal(1, first.Counts.Sum());
        Assert.Equal(2, LatencySnapshot.None.Plus(first).Plus(second).Counts.Sum());
    }
}
