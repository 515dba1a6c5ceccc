namespace ControlPlane.Kafka.Connections;

/// <summary>The way to one broker: a connection per lane, opened when needed, used until it ends or wears out, with a pause after failures.</summary>
internal sealed class NodeLink(KafkaNode node, ConnectionContext context, Func<double> random, Action<BrokerConnectionEvent> report) : IAsyncDisposable
{
    private const int MaxHops = 3; // a connection that ended between choosing and using it is replaced, a few times

    private readonly Lane[] _lanes = [.. Enum.GetValues<RequestLane>().Select(_ => new Lane())];
    private readonly Lock _gate = new();
    private int _failures;
    private KafkaConnectionException? _lastFailure;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;
    private bool _disposed;

    public KafkaNode Node { get; } = node;

    /// <summary>Null: may be tried now.</summary>
    public TimeSpan? PauseLeft
    {
        get
        {
            lock (_gate)
            {
                var left = _notBefore - context.Time.GetUtcNow();
                return left > TimeSpan.Zero ? left : null;
            }
        }
    }

    public bool HasOpen(RequestLane lane) => _lanes[(int)lane].Connection is { IsOpen: true };

    public bool HasAnyOpen => Array.Exists(_lanes, lane => lane.Connection is { IsOpen: true });

    /// <summary>Sends over the lane's connection; a connection that ended before the request was written is replaced without a word.</summary>
    public async Task<TResponse> SendAsync<TResponse>(RequestLane lane, Func<BrokerConnection, Task<TResponse>> send, CancellationToken cancellationToken)
    {
        for (var hop = 1; ; hop++)
        {
            var connection = await GetAsync(_lanes[(int)lane], cancellationToken);
            try
            {
                return await send(connection);
            }
            catch (KafkaConnectionException ex) when (!ex.OutcomeUnknown && !connection.IsOpen && hop < MaxHops)
            {
                // never reached the broker
            }
            catch (KafkaConnectionException ex) when (ex.Kind == KafkaConnectionFailure.TimedOut && ex.OutcomeUnknown)
            {
                report(new BrokerConnectionEvent(Node, BrokerConnectionChange.RequestTimedOut, context.Time.GetUtcNow(), ex));
                throw;
            }
        }
    }

    public Task<BrokerConnection> ConnectAsync(RequestLane lane, CancellationToken cancellationToken) => GetAsync(_lanes[(int)lane], cancellationToken);

    /// <summary>Closes what has not been used for the idle time or has an old session; a connection in use is left alone.</summary>
    public async Task CloseUnusedAsync()
    {
        foreach (var lane in _lanes)
        {
            if (!await lane.Opening.WaitAsync(TimeSpan.Zero))
            {
                continue; // in the hands of somebody who decides for himself
            }

            try
            {
                if (lane.Connection is { IsIdle: true } connection && (IsStale(connection) || !connection.IsOpen))
                {
                    lane.Connection = null;
                    await connection.DisposeAsync();
                }
            }
            finally
            {
                lane.Opening.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var lane in _lanes)
        {
            if (lane.Connection is { } connection)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private bool IsStale(BrokerConnection connection) =>
        connection.IsSessionWornOut || connection.IdleFor > context.Settings.IdleTimeout;

    private async Task<BrokerConnection> GetAsync(Lane lane, CancellationToken cancellationToken)
    {
        if (lane.Connection is { IsOpen: true } ready && !ready.IsSessionWornOut && (!ready.IsIdle || !IsStale(ready)))
        {
            return ready;
        }

        await lane.Opening.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (lane.Connection is { } old)
            {
                if (old.IsOpen && !IsStale(old))
                {
                    return old;
                }

                lane.Connection = null;
                await RetireAsync(old, cancellationToken);
            }

            ThrowIfPaused();
            return lane.Connection = await OpenAsync(cancellationToken);
        }
        finally
        {
            lane.Opening.Release();
        }
    }

    /// <summary>Requests on their way over a worn-out session still get their answers; new ones already wait for the next connection.</summary>
    private async Task RetireAsync(BrokerConnection old, CancellationToken cancellationToken)
    {
        var begun = context.Time.GetTimestamp();
        while (old is { IsOpen: true, IsIdle: false } && context.Time.GetElapsedTime(begun) < context.Settings.RequestTimeout)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), context.Time, cancellationToken);
        }

        await old.DisposeAsync();
    }

    private async Task<BrokerConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await BrokerConnection.OpenAsync(Node, context, OnLost, cancellationToken);
            lock (_gate)
            {
                (_failures, _lastFailure, _notBefore) = (0, null, DateTimeOffset.MinValue);
            }

            report(new BrokerConnectionEvent(Node, BrokerConnectionChange.Opened, context.Time.GetUtcNow(), null));
            return connection;
        }
        catch (KafkaConnectionException ex)
        {
            var now = context.Time.GetUtcNow();
            var failure = Pause(ex, now);
            report(new BrokerConnectionEvent(Node, BrokerConnectionChange.CouldNotOpen, now, failure));
            throw failure;
        }
    }

    private KafkaConnectionException Pause(KafkaConnectionException cause, DateTimeOffset now)
    {
        lock (_gate)
        {
            var delay = BackOff.Default.DelayAfter(++_failures, random());
            _notBefore = now + delay;
            return _lastFailure = cause.After(delay);
        }
    }

    private void ThrowIfPaused()
    {
        if (PauseLeft is { } left && _lastFailure is { } failure)
        {
            throw failure.After(left);
        }
    }

    private void OnLost(BrokerConnection connection, KafkaConnectionException cause) =>
        report(new BrokerConnectionEvent(Node, BrokerConnectionChange.Lost, context.Time.GetUtcNow(), cause));

    private sealed class Lane
    {
        public SemaphoreSlim Opening { get; } = new(1, 1);

        public volatile BrokerConnection? Connection;
    }
}
