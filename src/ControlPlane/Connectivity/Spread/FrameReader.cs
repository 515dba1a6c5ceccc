using ControlPlane.Engine.Lag.Spread;

namespace ControlPlane.Connectivity.Spread;

/// <summary>Takes the frames of a stream apart. Memory grows with what has come, not with what a frame says it has.</summary>
internal sealed class FrameReader(Stream from)
{
    private const int Step = 256 * 1024;

    private readonly byte[] _head = new byte[Math.Max(SpreadStream.BeginningSize, SpreadStream.HeaderSize)];
    private byte[] _payload = new byte[Step];

    /// <summary>Checks how the stream begins.</summary>
    /// <exception cref="SpreadException">It is something else, or of another version.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var beginning = _head.AsMemory(0, SpreadStream.BeginningSize);
        await from.ReadExactlyAsync(beginning, cancellationToken);
        SpreadStream.CheckBeginning(beginning.Span);
    }

    /// <summary>The next frame; its bytes are good until the next call.</summary>
    /// <exception cref="SpreadException">No frame is like that.</exception>
    /// <exception cref="EndOfStreamException">The stream ended.</exception>
    public async Task<(FrameKind Kind, ReadOnlyMemory<byte> Payload)> NextAsync(CancellationToken cancellationToken)
    {
        var head = _head.AsMemory(0, SpreadStream.HeaderSize);
        await from.ReadExactlyAsync(head, cancellationToken);
        var (kind, length) = SpreadStream.ReadHead(head.Span);
        for (var read = 0; read < length;)
        {
            if (read == _payload.Length)
            {
                Array.Resize(ref _payload, Math.Min(SpreadStream.MostBytes, _payload.Length * 2));
            }

            var now = Math.Min(length, _payload.Length);
            await from.ReadExactlyAsync(_payload.AsMemory(read, now - read), cancellationToken);
            read = now;
        }

        return (kind, _payload.AsMemory(0, length));
    }
}
