using System.Buffers;
using System.Buffers.Binary;

namespace ControlPlane.Kafka.Connections;

/// <summary>
/// Cuts a stream into frames. A length is judged before anything is allocated for it, and the buffer grows with what has
/// really arrived: a peer that announces much and sends little costs little.
/// </summary>
internal sealed class FrameReader(Stream stream, KafkaNode node, int cap)
{
    private const int LengthSize = sizeof(int);
    private const int SmallestFrame = sizeof(int); // a correlation id
    private const int FirstBuffer = 64 * 1024;

    private readonly byte[] _header = new byte[LengthSize];
    private bool _anyFrame;

    /// <summary>Null at the end of the stream, between two frames.</summary>
    public async Task<ReceivedFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        var got = await stream.ReadAtLeastAsync(_header, LengthSize, throwOnEndOfStream: false, cancellationToken);
        if (got == 0)
        {
            return null;
        }

        if (got < LengthSize)
        {
            throw ConnectionErrors.Closed(node, $"after {got} of the 4 bytes of a frame's length");
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_header);
        if (length < SmallestFrame || length > cap)
        {
            throw ConnectionErrors.WrongLength(node, _header, cap, _anyFrame);
        }

        var frame = await ReadBodyAsync(length, cancellationToken);
        _anyFrame = true;
        return frame;
    }

    private async Task<ReceivedFrame> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, FirstBuffer));
        var filled = 0;
        try
        {
            while (filled < length)
            {
                if (filled == buffer.Length)
                {
                    buffer = Grow(buffer, (int)Math.Min(length, buffer.Length * 2L));
                }

                var count = await stream.ReadAsync(buffer.AsMemory(filled, Math.Min(buffer.Length, length) - filled), cancellationToken);
                if (count == 0)
                {
                    throw ConnectionErrors.Closed(node, $"after {filled} of the {length} bytes of an answer");
                }

                filled += count;
            }

            return new ReceivedFrame(buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static byte[] Grow(byte[] buffer, int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
