using System.Collections.Immutable;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Lag.Judging;

/// <summary>Puts together what is wrong with a judged group.</summary>
internal static class GroupTroubles
{
    private const int MostTopics = 20;
    private const int MostPartitions = 3;
    private const long AbandonedMs = 86_400_000;

    /// <summary>Null where all partitions are in order.</summary>
    public static GroupTrouble? Of(ReadOnlySpan<LagVerdict> verdicts, LagSnapshot snapshot, Group? group, long now)
    {
        var bad = new List<int>();
        var (since, lost, lastCommit) = (long.MaxValue, 0L, 0L);
        for (var i = 0; i < verdicts.Length; i++)
        {
            var window = snapshot.Window(i, now);
            lastCommit = Math.Max(lastCommit, window.Count == 0 ? 0 : window.LastTime);
            if (verdicts[i].Status == PartitionLagStatus.Ok)
            {
                continue;
            }

            bad.Add(i);
            lost += verdicts[i].Lost;
            since = Math.Min(since, SinceOf(verdicts[i], window));
        }

        if (bad.Count == 0)
        {
            return null;
        }

        int[] worst = [.. WorstOf(verdicts, bad)];
        var clock = snapshot.ClockOf(now);
        return new GroupTrouble(
            LagSentences.WordOf(verdicts[worst[0]].Status),
            since == long.MaxValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(since + (now - clock), 0, now)),
            lost,
            group is { State: "Empty" } && clock - lastCommit > AbandonedMs,
            [.. bad.Select(snapshot.Topic).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MostTopics)],
            Named(verdicts, worst, snapshot));
    }

    /// <summary>When it began; by the clock of the commits.</summary>
    private static long SinceOf(in LagVerdict verdict, in CommitWindow window) => verdict switch
    {
        _ when window.Count == 0 => long.MaxValue,
        { Status: PartitionLagStatus.Stop } => window.Now - verdict.SilenceMs,
        { Status: PartitionLagStatus.Rewind, DropAt: >= 0 and var at } => window.Times[at],
        { Status: PartitionLagStatus.Stall } => FirstOfRun(window),
        _ => window.Times[0],
    };

    private static long FirstOfRun(in CommitWindow window)
    {
        var first = window.Count - 1;
        while (first > 0 && window.Offsets[first - 1] == window.LastOffset)
        {
            first--;
        }

        return window.Times[first];
    }

    /// <summary>Burrow's numbers grow with how bad it is; of equals the one with more lag.</summary>
    private static List<int> WorstOf(ReadOnlySpan<LagVerdict> verdicts, List<int> bad)
    {
        var ranks = new (int Status, long Lag, int Place)[bad.Count];
        for (var i = 0; i < ranks.Length; i++)
        {
            ranks[i] = ((int)verdicts[bad[i]].Status, verdicts[bad[i]].CurrentLag, bad[i]);
        }

        return [.. ranks.OrderByDescending(one => one.Status).ThenByDescending(one => one.Lag).Take(MostPartitions).Select(one => one.Place)];
    }

    private static ImmutableArray<PartitionTrouble> Named(ReadOnlySpan<LagVerdict> verdicts, int[] places, LagSnapshot snapshot)
    {
        var named = ImmutableArray.CreateBuilder<PartitionTrouble>(places.Length);
        foreach (var place in places)
        {
            named.Add(new PartitionTrouble(snapshot.Topic(place), snapshot.Partition(place), verdicts[place].Sentence));
        }

        return named.MoveToImmutable();
    }
}
