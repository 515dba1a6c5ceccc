namespace ControlPlane.Clusters;

/// <summary>How many clusters a process should own: as many as the others, and every cluster by someone.</summary>
internal static class FairShare
{
    /// <summary>Clusters to claim now. The last division is rounded up, so that none stays free.</summary>
    public static int ToClaim(int clusters, int processes, int owned) => Math.Max(0, Ceiling(clusters, processes) - owned);

    /// <summary>Clusters to hand over now: what is above the share, while another process has less than its own. One at a time.</summary>
    public static int ToHandOver(int clusters, int owned, IReadOnlyCollection<int> ownedByOthers)
    {
        var processes = ownedByOthers.Count + 1;
        var (floor, share) = (clusters / processes, Ceiling(clusters, processes));
        var isAnotherShort = ownedByOthers.Any(count => count < floor);
        return owned > share || (isAnotherShort && owned > floor) ? 1 : 0;
    }

    private static int Ceiling(int clusters, int processes) => (clusters + Math.Max(1, processes) - 1) / Math.Max(1, processes);
}
