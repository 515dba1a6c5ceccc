using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Kafka.Tail;

namespace ControlPlane.Connectivity.Spread;

/// <summary>
/// One share of the offsets topic, read by another process for us as long as it does that well, and else by our own tail. What it sends
/// is told from where we are: nothing twice, and nothing left out without an end of the hire.
/// </summary>
internal sealed class HiredShare(OffsetsTail tail, IOffsetsHiring hiring, int index)
{
    /// <summary>It says something every two seconds.</summary>
    public static readonly TimeSpan SilencePatience = TimeSpan.FromSeconds(12);

    /// <summary>With a trouble that it tells itself, and until it begins.</summary>
    private static readonly TimeSpan TroublePatience = TimeSpan.FromSeconds(15);

    /// <summary>Who caught up once and is behind at every look for so long does not keep up.</summary>
    private static readonly TimeSpan SlowPatience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WhileNobody = TimeSpan.FromSeconds(10);

    private long _wellAt;
    private long _upToDateAt;

    /// <summary>What it said last; null while we read ourselves.</summary>
    public ReadingStatus? Status { get; private set; }

    /// <summary>Who reads; null while we do ourselves.</summary>
    public string? Reader { get; private set; }

    public bool Has(int partition) => partition % hiring.Readers == index;

    /// <summary>Whether positions of its partitions are of this topic.</summary>
    public bool ReadsOf(Guid topic) => Status is not { } status || status.TopicId == topic;

    /// <summary>Hires, again and again, until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        for (var failures = 0; ;)
        {
            var pause = FirstPause; // also while the topic can't be read here: then nothing is known of it
            if (tail.Status.State == TopicTailState.Following)
            {
                var began = hiring.Time.GetTimestamp();
                var hired = await hiring.HireAsync(Share([.. tail.Places(Has).Select(place => new SharePlace(place.Key, place.Value.Offset, place.Value.LeaderEpoch))]), stopping);
                if (hired.Reader is { } reader)
                {
                    await using (reader)
                    {
                        await EmployAsync(reader, stopping);
                    }
                }

                failures = hired == Hiring.Nobody || hiring.Time.GetElapsedTime(began) > LongestPause ? 0 : failures + 1;
                pause = hired == Hiring.Nobody ? WhileNobody : TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Max(0, failures - 1))));
            }

            await Task.Delay(pause, hiring.Time, stopping);
        }
    }

    private OffsetsShare Share(IReadOnlyList<SharePlace> from) => new(index, hiring.Readers, tail.TopicId, from);

    private async Task EmployAsync(HiredReader reader, CancellationToken stopping)
    {
        var share = Share([]);
        var (why, hasRead) = ("", false);
        try
        {
            await TakeAsync(reader, share, stopping);
        }
        catch (Exception ex) when (ex is SpreadException or IOException or HttpRequestException)
        {
            why = ex is EndOfStreamException ? "its stream ended" : ex.Message;
        }
        finally
        {
            if (Status is not null)
            {
                hasRead = true;
                await tail.SwitchAsync(TakeBack, stopping);
            }
        }

        hiring.Ended(reader, share, why, hasRead);
    }

    /// <summary>Returns by an exception only: what is wrong.</summary>
    private async Task TakeAsync(HiredReader reader, OffsetsShare share, CancellationToken stopping)
    {
        var frames = new FrameReader(reader.Stream);
        (_wellAt, _upToDateAt) = (hiring.Time.GetTimestamp(), hiring.Time.GetTimestamp());
        await InTimeAsync(async token =>
        {
            await frames.BeginAsync(token);
            return true;
        }, stopping);
        while (true)
        {
            var (kind, payload) = await InTimeAsync(frames.NextAsync, stopping);
            var status = kind == FrameKind.Status ? Judge(ReadingStatus.Read(payload.Span)) : Status ?? new ReadingStatus(true, false, null, share.TopicId, null, null);
            if (Status is null && status.IsFollowing)
            {
                await tail.SwitchAsync(() => (Status, Reader) = (status, reader.Name), stopping); // what comes from here on is told, and read by nobody else
                hiring.Began(reader, share);
            }

            if (kind != FrameKind.Status)
            {
                Tell(kind, payload.Span);
            }
            else if (Status is not null)
            {
                Status = status;
            }
        }
    }

    private void Tell(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind == FrameKind.Records)
        {
            var head = RecordsReader.Check(payload);
            Mine(head.Partition).Take(payload, head);
            return;
        }

        var partition = Mine(PartitionMark.Read(payload));
        if (kind == FrameKind.Restarted)
        {
            partition.Restart();
        }
        else
        {
            partition.CaughtUp();
        }
    }

    private OffsetsPartition Mine(int partition) =>
        Has(partition) ? tail.Partition(partition) : throw new SpreadException($"it tells of partition {partition}, which is not in its share");

    /// <summary>Lets it go when it reads another topic, has a trouble that lasts, or does not keep up.</summary>
    private ReadingStatus Judge(ReadingStatus status)
    {
        _wellAt = status.IsFollowing && status.Problem is null ? hiring.Time.GetTimestamp() : _wellAt;
        _upToDateAt = !status.IsCaughtUp || status.Behind is null or 0 ? hiring.Time.GetTimestamp() : _upToDateAt;
        return status.IsFollowing && status.TopicId != tail.TopicId ? throw new SpreadException("it reads another __consumer_offsets than we do")
            : hiring.Time.GetElapsedTime(_wellAt) > TroublePatience ? throw new SpreadException($"it can't read: {status.Problem ?? "it does not find the topic"}")
            : hiring.Time.GetElapsedTime(_upToDateAt) > SlowPatience ? throw new SpreadException($"it does not keep up, and is {status.Behind} records behind")
            : status;
    }

    /// <summary>While nothing is read here: what it did not tell is read by us.</summary>
    private void TakeBack()
    {
        if (!ReadsOf(tail.TopicId))
        {
            tail.Restart(Has); // its positions are of a topic that was deleted, ours of the new one
        }

        (Status, Reader) = (null, null);
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(SilencePatience, hiring.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
        try
        {
            return await read(either.Token);
        }
        catch (OperationCanceledException ex) when (!stopping.IsCancellationRequested)
        {
            throw new SpreadException($"it said nothing for {SilencePatience.TotalSeconds:0} s", ex);
        }
    }
}
