using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Connections;

/// <summary>One open connection to one broker: TLS agreed, versions known, logged in. Ends with its first failure and is never used again.</summary>
public sealed class BrokerConnection : IAsyncDisposable
{
    private const double UsedShareOfSession = 0.8;

    private readonly ConnectionContext _context;
    private readonly FrameChannel _channel;
    private int _correlationId;
    private long _holdUntil;
    private long? _sessionUntil;

    private BrokerConnection(KafkaNode node, ConnectionContext context, Stream stream, Action<KafkaConnectionException> lost)
    {
        Node = node;
        _context = context;
        _channel = new FrameChannel(stream, node, context.Settings.MaxResponseBytes, context.Time, lost);
    }

    public KafkaNode Node { get; }

    public ApiVersionTable Versions { get; private set; } = new(new ApiVersionsResponse(ErrorCode.None, []));

    public bool IsOpen => _channel.IsOpen;

    /// <summary>No request on its way or waiting.</summary>
    public bool IsIdle => _channel.IsIdle;

    public TimeSpan IdleFor => _context.Time.GetElapsedTime(_channel.LastUsed);

    /// <summary>
    /// Four fifths of the session's life are over: time for a new connection with fresh credentials. Logging in again on the
    /// old one would save a handshake now and then, and cost a state machine.
    /// </summary>
    public bool IsSessionWornOut => _sessionUntil is { } end && _context.Time.GetTimestamp() >= end;

    /// <summary><paramref name="lost"/> is called when the connection, once open, ends other than by us.</summary>
    internal static async Task<BrokerConnection> OpenAsync(
        KafkaNode node, ConnectionContext context, Action<BrokerConnection, KafkaConnectionException> lost, CancellationToken cancellationToken)
    {
        var timeout = context.Settings.ConnectTimeout;
        var stage = ConnectStage.Dns;
        using var limit = new CancellationTokenSource(timeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        BrokerConnection? connection = null;
        var isOpen = false;
        try
        {
            var stream = await Transport.OpenAsync(node, context, now => stage = now, either.Token);
            connection = new BrokerConnection(node, context, stream, cause =>
            {
                if (Volatile.Read(ref isOpen))
                {
                    lost(connection!, cause);
                }
            });
            await connection.GreetAsync(now => stage = now, either.Token);
            Volatile.Write(ref isOpen, true);
            context.Counters.Opened();
            return connection;
        }
        catch (Exception ex)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            if (ex is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw ConnectionErrors.OpenTimedOut(node, stage, timeout);
            }

            throw;
        }
    }

    /// <summary>Sends one request and reads its answer, at the highest version that both sides speak.</summary>
    /// <exception cref="UnsupportedByBrokerException">There is no such version.</exception>
    /// <exception cref="KafkaConnectionException">No answer came.</exception>
    public Task<TResponse> SendAsync<TResponse>(IKafkaRequest<TResponse> request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var api = request.Api;
        if (!Versions.TryPick(api, out var version))
        {
            throw Unsupported(api);
        }

        return SendAsync(request, version, timeout, cancellationToken);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task<TResponse> SendAsync<TResponse>(
        IKafkaRequest<TResponse> request, short version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var api = request.Api;
        await WaitOutThrottleAsync(cancellationToken);
        var correlationId = Interlocked.Increment(ref _correlationId) & int.MaxValue;
        using var writer = new KafkaWriter();
        var start = writer.BeginFrame();
        new RequestHeader(api.Key, version, correlationId, _context.Settings.ClientId).Write(writer, api.IsFlexible(version));
        request.Write(writer, version);
        writer.EndFrame(start);

        var begun = _context.Time.GetTimestamp();
        try
        {
            using var frame = await _channel.ExchangeAsync(new FrameToSend(writer.WrittenMemory, correlationId, api.Key), timeout, cancellationToken);
            var response = Decode(request, frame, version);
            _context.Counters.Answered(api.Key, _context.Time.GetElapsedTime(begun));
            HoldBack(response);
            return response;
        }
        catch (KafkaConnectionException ex)
        {
            _context.Counters.Failed(api.Key, ex.Kind.ToString());
            throw;
        }
    }

    private TResponse Decode<TResponse>(IKafkaRequest<TResponse> request, ReceivedFrame frame, short version)
    {
        try
        {
            var reader = new KafkaReader(frame.Span);
            ResponseHeader.Read(ref reader, request.Api.HasFlexibleResponseHeader(version));
            return request.ReadResponse(ref reader, version);
        }
        catch (WireFormatException ex)
        {
            var failure = ConnectionErrors.Protocol(Node, $"its answer to {request.Api.Key} v{version} can't be read: {ex.Message}", ex).With(outcomeUnknown: true);
            _channel.End(failure);
            throw failure;
        }
    }

    private async Task GreetAsync(Action<ConnectStage> progress, CancellationToken cancellationToken)
    {
        progress(ConnectStage.Versions);
        try
        {
            Versions = new ApiVersionTable(await NegotiateAsync(cancellationToken));
        }
        catch (KafkaConnectionException ex) when (ex.Kind == KafkaConnectionFailure.ClosedByBroker)
        {
            throw ConnectionErrors.ClosedOnFirstRequest(Node, _context.Settings.SecurityProtocol, ex.InnerException);
        }

        progress(ConnectStage.Token);
        try
        {
            if (await _context.StartLoginAsync(cancellationToken) is { } exchange)
            {
                progress(ConnectStage.Login);
                var lifetime = await SaslLogin.RunAsync(this, exchange, _context.Settings.RequestTimeout, cancellationToken);
                _sessionUntil = lifetime is { } life ? Later(life * UsedShareOfSession) : null;
            }
        }
        catch (OAuthTokenException ex)
        {
            throw new KafkaConnectionException(KafkaConnectionFailure.TokenNotObtained, Node, $"No login at {Node}: {ex.Message}", ex);
        }

        RefuseTooOld();
    }

    /// <summary>A broker that does not know our version of ApiVersions answers with its own range, or with none.</summary>
    private async Task<ApiVersionsResponse> NegotiateAsync(CancellationToken cancellationToken)
    {
        var request = new ApiVersionsRequest(ClientSoftware.Name, ClientSoftware.Version);
        var version = ApiVersionsRequest.Descriptor.MaxVersion;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var answer = await SendAsync(request, version, _context.Settings.RequestTimeout, cancellationToken);
            if (answer.ErrorCode == ErrorCode.None)
            {
                return answer;
            }

            if (answer.ErrorCode != ErrorCode.UnsupportedVersion)
            {
                throw new KafkaException(answer.ErrorCode, Node, ApiKey.ApiVersions, $"{Node} refused to tell its API versions: {answer.ErrorCode.KafkaName()}.");
            }

            var theirs = answer.ApiKeys.FirstOrDefault(api => api.ApiKey == ApiKey.ApiVersions);
            version = Math.Min(version, theirs.MaxVersion); // 0 where they name none
        }

        throw ConnectionErrors.Protocol(Node, "it does not even know the version of ApiVersions that it named itself.");
    }

    private void RefuseTooOld()
    {
        if (!Versions.TryPick(MetadataRequest.Descriptor, out _))
        {
            var range = Versions.RangeOf(ApiKey.Metadata);
            throw new KafkaConnectionException(
                KafkaConnectionFailure.BrokerTooOld, Node,
                $"{Node} is too old or not an Apache Kafka broker: it serves Metadata {range?.ToString() ?? "in no version"}, " +
                $"v{MetadataRequest.Descriptor.MinVersion} (Kafka {KafkaReleases.FirstWith(ApiKey.Metadata, MetadataRequest.Descriptor.MinVersion)}) or newer is needed. Supported brokers: Kafka 3.3 to 4.x.");
        }
    }

    private UnsupportedByBrokerException Unsupported(ApiDescriptor api)
    {
        var offered = Versions.RangeOf(api.Key);
        var first = KafkaReleases.FirstWith(api.Key, api.MinVersion);
        var guess = Versions.Release is { } release ? $", which looks like Kafka {release} with {(Versions.IsKRaft ? "KRaft" : "ZooKeeper")}," : "";
        return new UnsupportedByBrokerException(
            Node, api, offered, first,
            $"{Node}{guess} serves {api.Key} {(offered is { } range ? $"only in {range}" : "not at all")}; v{api.MinVersion} to v{api.MaxVersion} is needed" +
            (first is null ? "." : $", which Kafka {first} brings."));
    }

    private async Task WaitOutThrottleAsync(CancellationToken cancellationToken)
    {
        var left = _context.Time.GetElapsedTime(_context.Time.GetTimestamp(), Volatile.Read(ref _holdUntil));
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, _context.Time, cancellationToken);
        }
    }

    /// <summary>The broker has muted this connection for as long as it says; sending earlier would only fill its buffers.</summary>
    private void HoldBack<TResponse>(TResponse response)
    {
        if (response is IThrottledResponse { ThrottleTimeMs: > 0 } throttled)
        {
            _context.Counters.Throttle(throttled.ThrottleTimeMs);
            Volatile.Write(ref _holdUntil, Later(TimeSpan.FromMilliseconds(throttled.ThrottleTimeMs)));
        }
    }

    private long Later(TimeSpan time) => _context.Time.GetTimestamp() + (long)(time.TotalSeconds * _context.Time.TimestampFrequency);
}
