using System.Collections.Concurrent;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Lag;

/// <summary>
/// Last stable offsets of the partitions on which some group does not come on: asked every few seconds, of a bounded number in turn. Those that
/// were found to be held by a transaction have half of the places, because they are to be told as long as it hangs.
/// </summary>
internal sealed class StableOffsets(TimeProvider time)
{
    private const int Most = 1_000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Older ones tell nothing: the transaction may have ended.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Topic, int Partition), (long Offset, long At)> _known = new();
    private readonly FairTurns _held = new(Most);
    private readonly FairTurns _others = new(Most);

    public long? Find(string topic, int partition) =>
        _known.TryGetValue((topic, partition), out var known) && time.GetElapsedTime(known.At) < Fresh ? known.Offset : null;

    /// <summary>Notes the partitions of a group just judged that are not read on.</summary>
    public void Want(GroupJudge judge, LagSnapshot snapshot)
    {
        for (var i = 0; i < snapshot.Count; i++)
        {
            if (judge.IsHeldUp(i))
            {
                Want(snapshot.Topic(i), snapshot.Partition(i), snapshot.LastOffset(i));
            }
        }
    }

    /// <summary>Notes one partition on which a group stands at an offset.</summary>
    internal void Want(string topic, int partition, long committed) => (Find(topic, partition) == committed ? _held : _others).Offer(topic, partition);

    /// <summary>Asks until stopped.</summary>
    /// <param name="questions">Null: a cluster without transactions.</param>
    public async Task RunAsync(IPartitionQuestions? questions, CancellationToken stopping)
    {
        if (questions is null)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(Every, time);
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await AskAsync(questions, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>One round.</summary>
    internal async Task AskAsync(IPartitionQuestions questions, CancellationToken stopping)
    {
        var held = _held.Take(Most - Math.Min(_others.Count, Most / 2));
        (string, int)[] partitions = [.. held.Concat(_others.Take(Most - held.Count)).Distinct()]; // one group may be held where another is not
        foreach (var old in _known.Where(one => time.GetElapsedTime(one.Value.At) >= Fresh).Select(one => one.Key).ToArray())
        {
            _known.TryRemove(old, out _);
        }

        if (partitions.Length == 0)
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Limit);
        var answer = await questions.FetchLastStableAsync(partitions, limit.Token);
        foreach (var (place, offset) in answer.Value?.ByPartition.AsEnumerable() ?? [])
        {
            _known[place] = (offset, time.GetTimestamp());
        }
    }
}
