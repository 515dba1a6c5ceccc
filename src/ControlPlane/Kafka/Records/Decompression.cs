using System.Buffers;
using System.IO.Compression;
using ControlPlane.Kafka.Records.Zstandard;

namespace ControlPlane.Kafka.Records;

/// <summary>Unpacks batches, never beyond a limit. The offsets topic, which is all that we fetch, is packed where its brokers set offsets.topic.compression.codec.</summary>
internal static class Decompression
{
    /// <summary>Always gives a buffer to dispose, also where it failed.</summary>
    public static BatchOutcome TryUnpack(RecordCompression compression, ReadOnlySpan<byte> packed, int maxBytes, out UnpackBuffer unpacked)
    {
        unpacked = new UnpackBuffer(maxBytes, 4 * packed.Length);
        return compression switch
        {
            RecordCompression.Gzip => Gunzip(packed, unpacked),
            RecordCompression.Snappy => Outcome(Snappy.TryUnpack(packed, unpacked), unpacked),
            RecordCompression.Lz4 => Outcome(Lz4.TryUnpack(packed, unpacked), unpacked),
            RecordCompression.Zstd => Outcome(ZstdFrame.TryUnpack(packed, unpacked), unpacked),
            _ => BatchOutcome.UnknownCompression,
        };
    }

    private static BatchOutcome Outcome(bool isWhole, UnpackBuffer unpacked) =>
        unpacked.IsOverfull ? BatchOutcome.TooLarge : isWhole ? BatchOutcome.Read : BatchOutcome.Malformed;

    private static BatchOutcome Gunzip(ReadOnlySpan<byte> packed, UnpackBuffer unpacked)
    {
        var copy = ArrayPool<byte>.Shared.Rent(packed.Length);
        Span<byte> piece = stackalloc byte[4096];
        try
        {
            packed.CopyTo(copy);
            using var source = new MemoryStream(copy, 0, packed.Length, writable: false);
            using var gzip = new GZipStream(source, CompressionMode.Decompress);
            while (true)
            {
                var count = gzip.Read(piece);
                if (count == 0 || !unpacked.TryAppend(piece[..count]))
                {
                    return Outcome(true, unpacked);
                }
            }
        }
        catch (InvalidDataException)
        {
            return BatchOutcome.Malformed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }
}

/// <summary>Bytes that grow up to a limit in a rented buffer. Beyond the limit it is overfull and takes nothing more.</summary>
internal sealed class UnpackBuffer(int maxBytes, int firstSize) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Clamp(firstSize, 16, Math.Max(16, Math.Min(maxBytes, 1024 * 1024))));

    public int Length { get; private set; }

    public bool IsOverfull { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        var free = Free(bytes.Length);
        if (IsOverfull)
        {
            return false;
        }

        bytes.CopyTo(free);
        Length += bytes.Length;
        return true;
    }

    /// <summary>Repeats what stands <paramref name="distance"/> bytes back; the repetition may run into itself.</summary>
    public bool TryRepeat(int distance, int count)
    {
        if (distance <= 0 || distance > Length)
        {
            return false;
        }

        var free = Free(count);
        if (IsOverfull)
        {
            return false;
        }

        if (distance >= count)
        {
            _buffer.AsSpan(Length - distance, count).CopyTo(free);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                free[i] = _buffer[Length - distance + i];
            }
        }

        Length += count;
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Length = 0;
    }

    /// <summary>Room for at least so many bytes, or an empty span where that would be too much.</summary>
    private Span<byte> Free(int atLeast)
    {
        if (Length + (long)atLeast > maxBytes)
        {
            IsOverfull = true;
            return default;
        }

        if (atLeast > _buffer.Length - Length)
        {
            Grow(atLeast);
        }

        return _buffer.AsSpan(Length);
    }

    private void Grow(int atLeast)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + atLeast, (int)Math.Min(maxBytes, _buffer.Length * 2L)));
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
