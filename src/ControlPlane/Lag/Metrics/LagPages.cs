using System.Collections.Concurrent;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag.Metrics;

/// <summary>The pages of the clusters that are judged here. A scrape copies bytes: what it costs does not grow with those who ask, nor with groups that are gone.</summary>
internal sealed class LagPages
{
    private readonly ConcurrentDictionary<ClusterId, LagPage> _pages = new();

    public void Show(ClusterId cluster, LagPage page)
    {
        page.Follow(_pages.GetValueOrDefault(cluster));
        _pages[cluster] = page;
    }

    public void Remove(ClusterId cluster) => _pages.TryRemove(cluster, out _);

    /// <summary>Families of the clusters asked for, each name once with the lines of all clusters together, as the format wants it.</summary>
    public IReadOnlyList<IGrouping<string, LagFamily>> Read(Func<ClusterId, bool> isOwned, bool isPacked)
    {
        var pages = _pages.Where(page => isOwned(page.Key)).OrderBy(page => page.Key).Select(page => page.Value).ToList();
        if (isPacked)
        {
            pages.ForEach(page => page.WantPacked());
        }

        return [.. pages.SelectMany(page => page.Families).GroupBy(family => family.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)];
    }
}
