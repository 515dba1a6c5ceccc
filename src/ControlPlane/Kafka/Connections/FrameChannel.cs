using System.Buffers.Binary;

namespace ControlPlane.Kafka.Connections;

/// <summary>
/// One stream to a broker, one request on its way at a time: the broker answers in order and reads no further request
/// before it has, so more would only wait there instead of here. A reader always listens, so that the end of a connection
/// is noticed at once, also while nothing is asked. Whoever stops waiting for an answer ends the connection: a late answer
/// would be taken for that of the next request.
/// </summary>
internal sealed class FrameChannel : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly KafkaNode _node;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private readonly Action<KafkaConnectionException> _lost;
    private readonly Task _reading;

    private Waiter? _waiter;
    private KafkaConnectionException? _cause;
    private int _state; // 0 open, 1 ended

    /// <summary><paramref name="lost"/> is called once, if the connection ends other than by us.</summary>
    public FrameChannel(Stream stream, KafkaNode node, int maxFrame, TimeProvider time, Action<KafkaConnectionException> lost)
    {
        _stream = stream;
        _node = node;
        _time = time;
        _lost = lost;
        LastUsed = time.GetTimestamp();
        _reading = ReadLoopAsync(new FrameReader(stream, node, maxFrame));
    }

    public bool IsOpen => Volatile.Read(ref _state) == 0;

    /// <summary>Nobody has or awaits the turn.</summary>
    public bool IsIdle => _turn.CurrentCount == 1;

    /// <summary>A timestamp of the time provider.</summary>
    public long LastUsed { get; private set; }

    /// <summary>Sends a whole frame and returns the answer. Both exceptions below carry no request content.</summary>
    /// <exception cref="KafkaConnectionException">No answer; OutcomeUnknown tells whether the request was written.</exception>
    public async Task<ReceivedFrame> ExchangeAsync(FrameToSend frame, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await _turn.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionErrors.QueueTimedOut(_node, frame.Api, timeout);
        }

        try
        {
            return await ExchangeInTurnAsync(frame, either.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            End(ConnectionErrors.ClosedByUs(_node));
            throw;
        }
        catch (OperationCanceledException)
        {
            var failure = ConnectionErrors.RequestTimedOut(_node, frame.Api, timeout);
            End(failure);
            throw failure;
        }
        finally
        {
            LastUsed = _time.GetTimestamp();
            _turn.Release();
        }
    }

    /// <summary>Ends it without calling it lost; a request on its way fails with <paramref name="cause"/>.</summary>
    public void End(KafkaConnectionException cause)
    {
        if (Interlocked.Exchange(ref _state, 1) == 0)
        {
            _cause = cause;
            _ended.Cancel();
            _stream.Dispose();
            Interlocked.Exchange(ref _waiter, null)?.Answer.TrySetException(cause.With(outcomeUnknown: true));
        }
    }

    public async ValueTask DisposeAsync()
    {
        End(ConnectionErrors.ClosedByUs(_node));
        await _reading;
        _ended.Dispose();
    }

    private async Task<ReceivedFrame> ExchangeInTurnAsync(FrameToSend frame, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(frame.CorrelationId);
        Volatile.Write(ref _waiter, waiter);
        if (!IsOpen)
        {
            throw (_cause ?? ConnectionErrors.ClosedByUs(_node)).With(outcomeUnknown: false);
        }

        try
        {
            await _stream.WriteAsync(frame.Bytes, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
        }
        catch (Exception ex) when (ex is IOException or ObjectDisposedException)
        {
            // The reader may know better why: what the broker said before it closed.
            await WaitForReaderAsync(cancellationToken);
            Lose(ConnectionErrors.Closed(_node, "while a request was being sent", ex));
        }

        return await waiter.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task ReadLoopAsync(FrameReader reader)
    {
        await Task.Yield();
        try
        {
            while (await reader.ReadAsync(_ended.Token) is { } frame)
            {
                Deliver(frame);
            }

            Lose(ConnectionErrors.Closed(_node, Volatile.Read(ref _waiter) is null ? "while idle" : "before it answered"));
        }
        catch (KafkaConnectionException ex)
        {
            Lose(ex);
        }
        catch (Exception ex) when (ex is IOException or ObjectDisposedException or OperationCanceledException)
        {
            Lose(CertificateVerdict.RejectedByBroker(_node, ex) ?? ConnectionErrors.Closed(_node, "while its answer was awaited", ex));
        }
    }

    private void Deliver(ReceivedFrame frame)
    {
        var waiter = Interlocked.Exchange(ref _waiter, null);
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(frame.Span);
        if (waiter is null || waiter.CorrelationId != correlationId)
        {
            frame.Dispose();
            var expected = waiter is null ? "no answer was awaited." : $"expected correlation id {waiter.CorrelationId}.";
            var failure = ConnectionErrors.Protocol(_node, $"an answer with correlation id {correlationId} came, {expected}");
            waiter?.Answer.TrySetException(failure.With(outcomeUnknown: true));
            throw failure;
        }

        if (!waiter.Answer.TrySetResult(frame))
        {
            frame.Dispose();
        }
    }

    private void Lose(KafkaConnectionException cause)
    {
        if (IsOpen)
        {
            End(cause);
            if (ReferenceEquals(_cause, cause))
            {
                _lost(cause);
            }
        }
    }

    private async Task WaitForReaderAsync(CancellationToken cancellationToken)
    {
        using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(1), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, grace.Token);
        try
        {
            await _reading.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The reader has nothing to add.
        }
    }

    private sealed record Waiter(int CorrelationId)
    {
        public TaskCompletionSource<ReceivedFrame> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
