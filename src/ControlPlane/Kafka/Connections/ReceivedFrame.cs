using System.Buffers;

namespace ControlPlane.Kafka.Connections;

/// <summary>One frame from a broker, without its length, in a rented buffer.</summary>
internal sealed class ReceivedFrame(byte[] buffer, int length) : IDisposable
{
    private byte[]? _buffer = buffer;

    public ReadOnlySpan<byte> Span => (_buffer ?? throw new ObjectDisposedException(nameof(ReceivedFrame))).AsSpan(0, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
