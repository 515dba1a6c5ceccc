using ControlPlane.Cli.Output;

namespace ControlPlane.Cli.Tests.Output;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(null, "unknown")]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(2048L, "2.0 KiB")]
    [InlineData(160L << 30, "160 GiB")]
    [InlineData(3L << 40, "3.0 TiB")]
    public void Sizes_are_iec(long? bytes, string expected) => Assert.Equal(expected, Units.Size(bytes));

    [Theory]
    [InlineData(null, "unknown")]
    [InlineData(double.NaN, "unknown")]
    [InlineData(0.0, "0 B/s")]
    [InlineData(1_500_000.0, "1.5 MB/s")]
    public void Rates_are_decimal(double? rate, string expected) => Assert.Equal(expected, Units.Rate(rate));

    [Theory]
    [InlineData(null, "unknown")]
    [InlineData(1234567L, "1 234 567")]
    [InlineData(0L, "0")]
    public void Counts_are_spaced(long? count, string expected) => Assert.Equal(expected, Units.Count(count));

    [Theory]
    [InlineData(12.4, "12 s")]
    [InlineData(250.0, "4 m 10 s")]
    [InlineData(8040.0, "2 h 14 m")]
    [InlineData(200000.0, "2 d 7 h")]
    [InlineData(null, "unknown")]
    public void Ages_have_two_units_at_most(double? seconds, string expected) => Assert.Equal(expected, Units.Age(seconds));
}
