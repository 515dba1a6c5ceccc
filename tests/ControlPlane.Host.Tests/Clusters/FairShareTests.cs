using ControlPlane.Clusters;

namespace ControlPlane.Host.Tests.Clusters;

public sealed class FairShareTests
{
    [Theory]
    [InlineData("alone: all", 7, 1, 0, 7)]
    [InlineData("two: half, rounded up so that none stays free", 7, 2, 0, 4)]
    [InlineData("has its share", 7, 2, 4, 0)]
    [InlineData("has more than its share", 4, 2, 3, 0)]
    [InlineData("nothing to own", 0, 3, 0, 0)]
    public void A_process_claims_up_to_its_share(string why, int clusters, int processes, int owned, int expected) =>
        Assert.True(expected == FairShare.ToClaim(clusters, processes, owned), why);

    [Theory]
    [InlineData("a new process has none", 6, 6, "0", 1)]
    [InlineData("even", 6, 3, "3", 0)]
    [InlineData("odd: 4 and 3 is fair", 7, 4, "3", 0)]
    [InlineData("odd: 5 and 2 is not", 7, 5, "2", 1)]
    [InlineData("alone", 6, 6, "", 0)]
    [InlineData("three processes, one short", 9, 4, "4 1", 1)]
    public void A_process_hands_over_what_another_is_short_of(string why, int clusters, int owned, string others, int expected)
    {
        var counts = others.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, null)).ToList();

        Assert.True(expected == FairShare.ToHandOver(clusters, owned, counts), why);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Handing_over_and_claiming_always_settles(int clusters, int processes)
    {
        var owned = new int[processes];
        owned[0] = clusters;
        for (var round = 0; round < 10 * clusters; round++)
        {
            for (var me = 0; me < processes; me++)
            {
                var free = clusters - owned.Sum();
                var claimed = Math.Min(free, FairShare.ToClaim(clusters, processes, owned[me]));
                owned[me] += claimed;
                owned[me] -= claimed > 0 ? 0 : FairShare.ToHandOver(clusters, owned[me], [.. owned.Where((_, other) => other != me)]);
            }
        }

        Assert.True(owned.Max() - owned.Min() <= 1, string.Join(' ', owned));
        Assert.InRange(owned.Sum(), clusters - 1, clusters);
    }

    public static TheoryData<int, int> Sizes() => new() { { 1, 1 }, { 6, 2 }, { 7, 2 }, { 100, 3 }, { 5, 8 }, { 40, 7 } };
}
