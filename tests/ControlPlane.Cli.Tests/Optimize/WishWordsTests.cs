using ControlPlane.Cli.Optimize;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Tests.Optimize;

public sealed class WishWordsTests
{
    [Theory]
    [InlineData("1,2,5-7", new[] { 1, 2, 5, 6, 7 })]
    [InlineData(" 3 ", new[] { 3 })]
    [InlineData("", new int[0])]
    [InlineData(null, new int[0])]
    public void Broker_ids_are_lists_and_ranges(string? text, int[] ids) => Assert.Equal(ids, WishWords.Ids("--brokers", text));

    [Theory]
    [InlineData("disk=0.75@4,5", Lane.Disk, 0.75, new[] { 4, 5 })]
    [InlineData("cpu=60%", Lane.Cpu, 0.6, new int[0])]
    [InlineData("REPLICAS=4000@1-2", Lane.Replicas, 4000, new[] { 1, 2 })]
    public void A_limit_is_a_load_a_share_and_brokers(string text, int lane, double limit, int[] brokers)
    {
        var read = Assert.Single(WishWords.Limits("--limit", [text]));

        Assert.Equal((lane, limit), (read.Lane, read.Limit));
        Assert.Equal(brokers, read.Brokers);
    }

    [Theory]
    [InlineData("30s", 30_000)]
    [InlineData("500ms", 500)]
    [InlineData("2m", 120_000)]
    [InlineData("7", 7_000)]
    public void A_time_has_a_unit_or_counts_seconds(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), WishWords.Time("--deadline", text));

    [Theory]
    [InlineData("500GB", 500_000_000_000)]
    [InlineData("1.5 TiB", 1_649_267_441_664)]
    [InlineData("42", 42)]
    public void A_size_has_a_unit_or_counts_bytes(string text, long bytes) => Assert.Equal(bytes, WishWords.Size("--byte-budget", text));

    [Fact]
    public void Goals_are_named_as_Cruise_Control_does_with_or_without_their_last_word() =>
        Assert.Equal(["RackAwareGoal", "DiskCapacityGoal"], WishWords.Goals("--goals", "rackaware,DiskCapacityGoal"));

    [Fact]
    public void Names_with_dashes_and_signs_of_equality_are_read_from_their_end()
    {
        Assert.Equal([("my-topic-v2", 13)], WishWords.Partitions("--immovable", "my-topic-v2-13"));
        Assert.Equal(("a=b.*", 0.5), WishWords.Factor("--retention", "a=b.*=0.5"));
        Assert.Equal([(4, "/data:1/d1")], WishWords.Dirs("--dirs", ["4:/data:1/d1"]));
    }

    [Fact]
    public void A_broker_is_in_one_set()
    {
        Assert.Equal("blue", WishWords.Sets("--broker-set", ["blue=1,2", "green=3"])[2]);
        Assert.Contains("set blue already", Assert.Throws<CliException>(() => WishWords.Sets("--broker-set", ["blue=1,2", "green=2"])).Message, StringComparison.Ordinal);
    }
}
