using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Testing;

/// <summary>Does something with one request: answers it, or misbehaves.</summary>
public delegate Task FakeHandler(FakeRequest request, CancellationToken cancellationToken);

/// <summary>
/// A broker in this process that speaks our own protocol code and does what a test scripts, also what no real broker would.
/// Without a script it answers ApiVersions with all that we speak and Metadata with itself alone.
/// </summary>
public sealed class FakeBroker : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<ApiKey, FakeHandler> _handlers = new();
    private readonly ConcurrentBag<Socket> _clients = [];
    private readonly Func<Stream, CancellationToken, Task>? _onConnect;
    private readonly Task _accepting;
    private int _connections;

    /// <summary>With <paramref name="onConnect"/> the peer is no broker at all: it does this with every new connection, then closes it.</summary>
    /// <param name="address">Of this machine; 127.0.0.1 where none is given.</param>
    public FakeBroker(Func<Stream, CancellationToken, Task>? onConnect = null, IPAddress? address = null)
    {
        _onConnect = onConnect;
        Host = (address ?? IPAddress.Loopback).ToString();
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        On(ApiKey.ApiVersions, (request, stop) => request.RespondAsync(Versions(), stop));
        On(ApiKey.Metadata, (request, stop) => request.RespondAsync(Metadata(), stop));
        _accepting = AcceptAsync();
    }

    public int NodeId { get; init; } = 1;

    public int Port { get; }

    /// <summary>As Metadata names it: an IPv6 address without brackets.</summary>
    public string Host { get; }

    public string Endpoint => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Headers of all requests, in the order of arrival.</summary>
    public ConcurrentQueue<RequestHeader> Requests { get; } = new();

    /// <summary>Replaces what is done with requests of an API.</summary>
    public void On(ApiKey api, FakeHandler handler) => _handlers[api] = handler;

    /// <summary>Answers each request of an API with the same.</summary>
    public void Answer<TResponse>(ApiKey api, TResponse response)
        where TResponse : IWireMessage<TResponse> => On(api, (request, stop) => request.RespondAsync(response, stop));

    /// <summary>Different things in turn; the last one from then on.</summary>
    public void InTurn(ApiKey api, params FakeHandler[] handlers)
    {
        var calls = 0;
        On(api, (request, stop) => handlers[Math.Min(Interlocked.Increment(ref calls), handlers.Length) - 1](request, stop));
    }

    /// <summary>Every API that we speak, in the versions that we speak, but for those given.</summary>
    public static ApiVersionsResponse Versions(params ApiVersionsResponse.ApiVersion[] otherwise) => new(
        ErrorCode.None,
        [.. KafkaApis.All.Where(api => !Array.Exists(otherwise, one => one.ApiKey == api.Key))
            .Select(api => new ApiVersionsResponse.ApiVersion(api.Key, api.MinVersion, api.MaxVersion)), .. otherwise]);

    public MetadataResponse Metadata(params MetadataResponse.Topic[] topics) => new(
        0, [new MetadataResponse.Broker(NodeId, Host, Port, null)], "fake-cluster", NodeId, topics, AuthorizedOperations.Unknown, ErrorCode.None);

    /// <summary>Drops all connections without a word, as a killed process does.</summary>
    public void DropConnections()
    {
        while (_clients.TryTake(out var client))
        {
            client.Close(timeout: 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        DropConnections();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                client.NoDelay = true;
                _clients.Add(client.Client);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client));
            }
        }
        catch (Exception ex) when (ex is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                if (_onConnect is not null)
                {
                    await _onConnect(stream, _stopping.Token);
                    return;
                }

                while (await ReadAsync(stream, _stopping.Token) is { } request)
                {
                    Requests.Enqueue(request.Header);
                    if (!_handlers.TryGetValue(request.Header.ApiKey, out var handler))
                    {
                        return; // as a broker does with a request that it can't read
                    }

                    await handler(request, _stopping.Token);
                }
            }
            catch (Exception ex) when (ex is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or SocketException)
            {
                // the client went away, or a script closed the connection
            }
        }
    }

    private static async Task<FakeRequest?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var size = new byte[sizeof(int)];
        if (await stream.ReadAtLeastAsync(size, size.Length, throwOnEndOfStream: false, cancellationToken) < size.Length)
        {
            return null;
        }

        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await stream.ReadExactlyAsync(frame, cancellationToken);
        return new FakeRequest(stream, frame);
    }
}
