using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Testing;

/// <summary>A request that a <see cref="FakeBroker"/> received, with all the ways to answer it, right and wrong.</summary>
public sealed class FakeRequest
{
    private readonly Stream _stream;
    private readonly byte[] _frame;
    private readonly int _bodyStart;

    internal FakeRequest(Stream stream, byte[] frame)
    {
        _stream = stream;
        _frame = frame;
        var reader = new KafkaReader(frame);
        Header = RequestHeader.Read(ref reader);
        _bodyStart = reader.Position;
    }

    public RequestHeader Header { get; }

    public TRequest Read<TRequest>()
        where TRequest : IWireMessage<TRequest>
    {
        var reader = new KafkaReader(_frame.AsSpan(_bodyStart));
        return TRequest.Read(ref reader, Header.ApiVersion);
    }

    public Task RespondAsync<TResponse>(TResponse response, CancellationToken cancellationToken)
        where TResponse : IWireMessage<TResponse> =>
        SendAsync(Frame(response, Header.CorrelationId, Header.ApiVersion), cancellationToken);

    /// <summary>In the layout of another version than was asked for.</summary>
    public Task RespondInVersionAsync<TResponse>(TResponse response, short version, CancellationToken cancellationToken)
        where TResponse : IWireMessage<TResponse> =>
        SendAsync(Frame(response, Header.CorrelationId, version), cancellationToken);

    public Task RespondWithCorrelationIdAsync<TResponse>(TResponse response, int correlationId, CancellationToken cancellationToken)
        where TResponse : IWireMessage<TResponse> =>
        SendAsync(Frame(response, correlationId, Header.ApiVersion), cancellationToken);

    /// <summary>Only the first bytes of the answer, then the end of the connection.</summary>
    public async Task CutAfterAsync<TResponse>(TResponse response, int bytes, CancellationToken cancellationToken)
        where TResponse : IWireMessage<TResponse>
    {
        await SendAsync(Frame(response, Header.CorrelationId, Header.ApiVersion).AsMemory(0, bytes), cancellationToken);
        Close();
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(bytes, cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    public void Close() => _stream.Close();

    /// <summary>A frame of this answer, from length to last byte.</summary>
    public byte[] Frame<TResponse>(TResponse response, int correlationId, short version)
        where TResponse : IWireMessage<TResponse>
    {
        if (!KafkaApis.TryGet(Header.ApiKey, out var api))
        {
            throw new InvalidOperationException($"{Header.ApiKey} is not an API that we speak");
        }

        using var writer = new KafkaWriter();
        var start = writer.BeginFrame();
        new ResponseHeader(correlationId).Write(writer, api.HasFlexibleResponseHeader(version));
        response.Write(writer, version);
        writer.EndFrame(start);
        return writer.WrittenSpan.ToArray();
    }
}
