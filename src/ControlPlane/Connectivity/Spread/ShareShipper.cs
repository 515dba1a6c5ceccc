using System.Threading.Channels;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Tail;

namespace ControlPlane.Connectivity.Spread;

/// <summary>
/// Reads a share of the offsets topic for the process that owns the cluster, and writes what it says as it comes. It fetches no more while
/// what it fetched waits to be taken.
/// </summary>
internal sealed class ShareShipper
{
    /// <summary>How often it tells how it gets on.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BeatAtFirst = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes that wait to be taken, before the next fetch.</summary>
    private const int MostWaiting = 8 << 20;

    private readonly Channel<(FrameKind Kind, byte[] Payload)> _waiting = Channel.CreateUnbounded<(FrameKind, byte[])>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TimeProvider _time;
    private readonly TopicTail _tail;
    private long _waitingBytes;
    private volatile TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ShareShipper(KafkaAdmin admin, OffsetsShare share, TopicTailOptions? options = null)
    {
        options = (options ?? new TopicTailOptions { MaxBytes = 8 << 20, MaxPartitionBytes = 1 << 20 }) with
        {
            Only = share.Has,
            Room = RoomAsync,
            Positions = share.From.DistinctBy(one => one.Partition).ToDictionary(one => one.Partition, one => new TailPlace(one.Offset, one.LeaderEpoch)),
            PositionsOf = share.TopicId,
        };
        (_time, _tail) = (admin.Network.Time, new TopicTail(admin, options, partition => new ShippedPartition(partition, Ship)));
    }

    private ReadingStatus Status
    {
        get
        {
            var status = _tail.Status;
            var isKnown = status.Partitions.All(one => one is { Position: not null, EndAtStart: not null });
            return new ReadingStatus(
                status.State == TopicTailState.Following,
                status.Partitions.All(one => one.IsCaughtUp),
                status.Problem,
                _tail.TopicId,
                isKnown ? status.Partitions.Sum(one => Math.Max(0, one.EndAtStart!.Value - one.Position!.Value)) : null,
                isKnown ? status.Partitions.Sum(one => Math.Max(0, (one.HighWatermark ?? one.Position!.Value) - one.Position!.Value)) : null);
        }
    }

    /// <summary>Until cancelled, or until it can't be written any more.</summary>
    public async Task RunAsync(Stream to, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] all = [_tail.RunAsync(ending.Token), BeatAsync(ending.Token), WriteAsync(to, ending.Token)];
        try
        {
            await await Task.WhenAny(all);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Ship(FrameKind kind, byte[] payload)
    {
        if (payload.Length > SpreadStream.MostBytes)
        {
            throw new SpreadException($"One fetch comes to {payload.Length} bytes, and {SpreadStream.MostBytes} may be sent at once."); // its owner reads it
        }

        Interlocked.Add(ref _waitingBytes, payload.Length);
        _waiting.Writer.TryWrite((kind, payload));
    }

    private async ValueTask RoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var taken = _taken; // before the look: what is taken after it ends the wait
            if (Volatile.Read(ref _waitingBytes) <= MostWaiting)
            {
                return;
            }

            await taken.Task.WaitAsync(cancellationToken);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var payload = new MemoryWriter();
        while (true)
        {
            var status = Status;
            payload.Clear();
            status.Write(payload);
            Ship(FrameKind.Status, payload.Written.ToArray());
            await Task.Delay(status.IsFollowing ? Beat : BeatAtFirst, _time, cancellationToken);
        }
    }

    private async Task WriteAsync(Stream to, CancellationToken cancellationToken)
    {
        var head = new byte[SpreadStream.BeginningSize];
        SpreadStream.Begin(head);
        await to.WriteAsync(head, cancellationToken);
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_waiting.Reader.TryRead(out var frame))
            {
                SpreadStream.Head(head, frame.Kind, frame.Payload.Length);
                await to.WriteAsync(head.AsMemory(0, SpreadStream.HeaderSize), cancellationToken);
                await to.WriteAsync(frame.Payload, cancellationToken);
                Interlocked.Add(ref _waitingBytes, -frame.Payload.Length);
                Interlocked.Exchange(ref _taken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }

            await to.FlushAsync(cancellationToken);
        }
    }
}
