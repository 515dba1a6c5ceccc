using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Tests.Analyzer;

public sealed class RankSortTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1_000)]
    public void Items_follow_their_keys_and_among_equal_keys_their_number(int count)
    {
        foreach (var distinct in (int[])[1, 3, 1_000_000])
        {
            var draw = new Random(count + distinct);
            var pairs = Enumerable.Range(0, count).Select(item => (Key: (double)draw.Next(distinct), Item: (item * 7919) % Math.Max(1, count))).ToArray();
            var (keys, items) = (Array.ConvertAll(pairs, pair => pair.Key), Array.ConvertAll(pairs, pair => pair.Item));

            RankSort.AscendingThenItems(keys, items);

            Assert.Equal(pairs.OrderBy(pair => pair.Key).ThenBy(pair => pair.Item), keys.Zip(items));
        }
    }

    [Fact]
    public void What_is_sorted_already_or_backwards_is_sorted_too()
    {
        double[] keys = [.. Enumerable.Range(0, 5_000).Select(key => -(double)key)];
        int[] items = [.. Enumerable.Range(0, 5_000)];
        RankSort.Ascending(keys, items);
        RankSort.Ascending(keys, items);
        Assert.Equal(Enumerable.Range(0, 5_000).Reverse(), items);
    }
}
