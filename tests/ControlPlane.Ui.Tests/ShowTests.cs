using ControlPlane.Contracts;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;
using ControlPlane.Ui.Layout;

namespace ControlPlane.Ui.Tests;

public sealed class ShowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0d, "0 B")]
    [InlineData(1023d, "1023 B")]
    [InlineData(1536d, "1.5 KiB")]
    [InlineData(1288490188800d, "1.2 TiB")]
    [InlineData(123456789012345d, "112 TiB")]
    public void Storage_is_written_in_IEC_units(double bytes, string expected) => Assert.Equal(expected, Show.Bytes(bytes));

    [Theory]
    [InlineData(999d, "999 B/s")]
    [InlineData(184e6, "184 MB/s")]
    [InlineData(1_240_000d, "1.2 MB/s")]
    public void Network_is_written_in_decimal_units(double rate, string expected) => Assert.Equal(expected, Show.Rate(rate));

    [Theory]
    [InlineData(0.04, "40 ms")]
    [InlineData(59d, "59 s")]
    [InlineData(553d, "9 m 13 s")]
    [InlineData(8040d, "2 h 14 m")]
    [InlineData(200_000d, "2 d 7 h")]
    public void Durations_have_at_most_two_units(double seconds, string expected) => Assert.Equal(expected, Show.Duration(seconds));

    [Theory]
    [InlineData("bytes_per_second", 50e6, "0 12.5 25 37.5 50 MB/s")]
    [InlineData("bytes", 1024d * 1024 * 1024, "0 0.25 0.5 0.75 1 GiB")]
    [InlineData("messages_per_second", 2500d, "0 0.625 1.25 1.875 2.5 k/s")]
    [InlineData("messages_per_second", 1d, "0 0.25 0.5 0.75 1/s")]
    [InlineData("ratio", 1d, "0 25 50 75 100 %")]
    [InlineData("count", 100d, "0 25 50 75 100")]
    public void An_axis_names_its_unit_once(string unit, double high, string expected) =>
        Assert.Equal(expected, string.Join(' ', new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(share => Show.OnAxis(unit, high * share, high, isNamed: share == 1))));

    [Theory]
    [InlineData(12_345d, "12.3 k")]
    [InlineData(9_999d, "9,999")]
    [InlineData(999_999d, "1.0 M")]
    [InlineData(123_456_789_012_345d, "123 T")]
    public void Large_counts_keep_three_digits(double value, string expected) => Assert.Equal(expected, Show.Compact(value));

    [Fact]
    public void What_is_unknown_is_never_written_as_zero()
    {
        Assert.Null(Show.Bytes(null));
        Assert.Null(Show.Rate(null));
        Assert.Null(Show.Number(null));
        Assert.Null(Show.Compact(null));
        Assert.Null(Show.Percent(null));
        Assert.Null(Show.Duration(null));
    }

    [Fact]
    public void A_curve_is_never_drawn_across_a_gap()
    {
        var paths = ChartPath.Of([1, 2, null, null, 3, 4], 0, 4, 100, 10);

        Assert.Equal(2, paths.Count);
        Assert.StartsWith("M80 ", paths[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_reaches_from_the_last_known_point_to_the_next()
    {
        var gap = Assert.Single(ChartPath.Gaps([[1, 2, null, null, 3, 4], [1, 2, null, null, null, 4]]));

        Assert.Equal((0.2, 0.8), (Math.Round(gap.From, 3), Math.Round(gap.To, 3)));
    }

    [Theory]
    [InlineData(0.3, false, 0.5)]
    [InlineData(101, false, 200)]
    [InlineData(1500, true, 2048)]
    public void An_axis_ends_at_a_round_number(double value, bool isBinary, double expected) => Assert.Equal(expected, ChartPath.RoundUp(value, isBinary), 6);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3, 0.5)]
    [InlineData(61, 80)]
    [InlineData(873, 1_200)] // 0, 5, 10, 15, 20 min
    [InlineData(3_000, 3_600)]
    [InlineData(20_000, 28_800)]
    [InlineData(700_000, 10 * 86_400)]
    public void An_axis_of_time_ends_where_its_quarters_are_round(double seconds, double expected) => Assert.Equal(expected, ChartPath.RoundUpTime(seconds), 6);

    [Theory]
    [InlineData("now-3h", "now", 9, 12)]
    [InlineData("2026-05-04T07:00:00Z", "2026-05-04T08:00:00Z", 7, 8)]
    [InlineData("nonsense", "now", 11, 12)]
    [InlineData("now-1", "now", 11, 12)]
    [InlineData("now", "now-1h", 11, 12)]
    [InlineData("now-99999999999999h", "now", 11, 12)]
    [InlineData(null, null, 11, 12)]
    public void A_time_range_is_read_from_the_address_and_nonsense_falls_back_to_the_last_hour(string? from, string? to, int startHour, int endHour)
    {
        var (start, end) = TimeRange.Parse(from, to, Noon).At(Noon);

        Assert.Equal((startHour, endHour), (start.Hour, end.Hour));
    }

    [Fact]
    public void A_spreadsheet_gets_raw_values_and_no_formula()
    {
        var text = Csv.Write(["name", "lag"], [["=cmd()", "-12"], ["a,\"b\"", null]], ',');

        Assert.Equal("name,lag\r\n'=cmd(),-12\r\n\"a,\"\"b\"\"\",\r\n", text);
    }

    [Theory]
    [InlineData("running", 90d, "about 2 m left", "1/2 moves · 50 % bytes · ETA 2 m · 1.0 MB/s")]
    [InlineData("running", null, "time left not known yet", "1/2 moves · 50 % bytes · 1.0 MB/s")]
    [InlineData("cancelling", 90d, "being cancelled", "1/2 moves · 50 % bytes · being cancelled")]
    [InlineData("cleaning-up", 0d, "removing our throttles", "1/2 moves · 50 % bytes · removing our throttles")]
    [InlineData("verifying", 0d, "checking the replica lists", "1/2 moves · 50 % bytes · checking the replica lists")]
    [InlineData("done", 0d, null, "1/2 moves · 50 % bytes")]
    public void An_execution_that_copies_nothing_more_gives_no_estimate(string state, double? eta, string? left, string line)
    {
        var run = new ExecutionDto(Guid.Empty, Guid.Empty, "prod", state, StatusWord.Ok, "", "anna", "kcp-1", Noon, null, 2, 1, 1, 0, 1000, 500, 1e6, eta, 5, null, []);

        Assert.Equal(left, Progress.Left(run));
        Assert.Equal(line, Progress.Line(run));
    }
}
