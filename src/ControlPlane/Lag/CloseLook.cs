using System.Collections.Concurrent;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag;

/// <summary>
/// What is asked of Kafka only for a group that somebody looks at: when the next record of a partition was written, where the curve of log ends does
/// not reach back so far, and where readers of committed records have to stop. Bounded, and remembered for who looks again.
/// </summary>
internal sealed class CloseLook(IClusterViews clusters, TimeProvider time)
{
    /// <summary>Fetches of one look: each is a request of its own.</summary>
    private const int MostRecords = 30;

    private const int MostPartitions = 1_000;
    private const int MostRemembered = 20_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(ClusterId Cluster, RecordPosition Place), (long Time, long At)> _times = new();
    private readonly ConcurrentDictionary<(ClusterId Cluster, string Topic, int Partition), (long Offset, long At)> _stable = new();

    /// <summary>A record is deleted or its topic made anew sooner or later: what it said is asked again after a while.</summary>
    private static readonly TimeSpan TimesFresh = TimeSpan.FromMinutes(10);

    /// <summary>The same partitions with what could be read of them.</summary>
    public async Task<IReadOnlyList<PartitionJudgement>> CompleteAsync(ClusterId cluster, IReadOnlyList<PartitionJudgement> judged, long now, CancellationToken cancellationToken)
    {
        if (clusters.FindKafka(cluster)?.PartitionQuestions is not { } questions)
        {
            return judged;
        }

        var behind = judged.Where(one => one.Verdict is { CurrentLag: > 0, Reason: not LagReason.Ghost } && one.Window.Count > 0).ToList();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        await Task.WhenAll(AskTimesAsync(questions, cluster, behind, limit.Token), AskStableAsync(questions, cluster, behind, limit.Token));
        return [.. judged.Select(one => With(cluster, one, now))];
    }

    private async Task AskTimesAsync(IPartitionQuestions questions, ClusterId cluster, List<PartitionJudgement> behind, CancellationToken cancellationToken)
    {
        RecordPosition[] open =
        [
            .. behind.Where(one => one.TimeLag.Kind != TimeLagKind.Known).OrderByDescending(one => one.Verdict.CurrentLag).Select(PlaceOf)
                .Where(place => !(_times.TryGetValue((cluster, place), out var known) && time.GetElapsedTime(known.At) < TimesFresh)).Take(MostRecords),
        ];
        if (open.Length == 0)
        {
            return;
        }

        var answer = await questions.FetchRecordTimesAsync(open, cancellationToken);
        Bound(_times);
        foreach (var (place, stamp) in answer.Value?.ByPlace.AsEnumerable() ?? [])
        {
            _times[(cluster, place)] = (stamp, time.GetTimestamp());
        }
    }

    private async Task AskStableAsync(IPartitionQuestions questions, ClusterId cluster, List<PartitionJudgement> behind, CancellationToken cancellationToken)
    {
        (string, int)[] open =
        [
            .. behind.Select(one => (one.Topic, one.Partition)).Where(one => !(_stable.TryGetValue((cluster, one.Topic, one.Partition), out var known) && time.GetElapsedTime(known.At) < Fresh)).Take(MostPartitions),
        ];
        if (open.Length == 0)
        {
            return;
        }

        var answer = await questions.FetchLastStableAsync(open, cancellationToken);
        Bound(_stable);
        foreach (var (place, offset) in answer.Value?.ByPartition.AsEnumerable() ?? [])
        {
            _stable[(cluster, place.Topic, place.Partition)] = (offset, time.GetTimestamp());
        }
    }

    private PartitionJudgement With(ClusterId cluster, PartitionJudgement one, long now)
    {
        var result = one;
        if (one.TimeLag.Kind != TimeLagKind.Known && one.Window.Count > 0 && _times.TryGetValue((cluster, PlaceOf(one)), out var written)
            && TimeLag.OfRecord(written.Time, now) is { Kind: TimeLagKind.Known } exact)
        {
            result = result with { TimeLag = exact };
        }

        return one.Verdict.CurrentLag > 0 && _stable.TryGetValue((cluster, one.Topic, one.Partition), out var stable) && time.GetElapsedTime(stable.At) < 3 * Fresh
            ? result with { LastStableOffset = stable.Offset }
            : result;
    }

    /// <summary>The next record to read: what lies before the log's start can't be read any more.</summary>
    private static RecordPosition PlaceOf(PartitionJudgement one) => new(one.Topic, one.Partition, one.Window[^1].Offset + one.Verdict.Lost);

    private static void Bound<TKey, TValue>(ConcurrentDictionary<TKey, TValue> remembered)
        where TKey : notnull
    {
        if (remembered.Count >= MostRemembered)
        {
            remembered.Clear();
        }
    }
}
