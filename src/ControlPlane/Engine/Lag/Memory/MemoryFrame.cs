using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>
/// What surrounds each stored part: a mark, the version, the kind, both sizes and a checksum over all of it. Compressed, because windows
/// repeat themselves. A part that is cut off, changed by a bit or written by another version is refused before anything in it is read.
/// </summary>
public static class MemoryFrame
{
    public const ushort Version = 3;

    private const uint Mark = 0x4B4C4147; // KLAG
    private const int HeaderSize = 4 + 2 + 1 + 4;
    private const int ChecksumSize = 16;

    /// <summary>A million partitions of groups in one part are some hundred megabytes: this stops sizes that nobody wrote.</summary>
    private const int MostBytes = 1 << 30;

    private const int Quality = 1;
    private const int Window = 22;

    /// <summary>Wraps one part.</summary>
    public static byte[] Seal(MemoryKind kind, ReadOnlySpan<byte> payload)
    {
        var sealedPart = new byte[HeaderSize + BrotliEncoder.GetMaxCompressedLength(payload.Length) + ChecksumSize];
        BinaryPrimitives.WriteUInt32BigEndian(sealedPart, Mark);
        BinaryPrimitives.WriteUInt16BigEndian(sealedPart.AsSpan(4), Version);
        sealedPart[6] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(sealedPart.AsSpan(7), payload.Length);
        if (!BrotliEncoder.TryCompress(payload, sealedPart.AsSpan(HeaderSize), out var size, Quality, Window))
        {
            throw new InvalidOperationException($"{payload.Length} bytes could not be compressed into {sealedPart.Length}.");
        }

        Checksum(sealedPart.AsSpan(0, HeaderSize + size)).CopyTo(sealedPart.AsSpan(HeaderSize + size));
        return sealedPart[..(HeaderSize + size + ChecksumSize)];
    }

    /// <summary>Unwraps one part.</summary>
    /// <exception cref="LagMemoryException">It is not one of ours, or not whole.</exception>
    public static byte[] Open(MemoryKind kind, ReadOnlySpan<byte> part)
    {
        if (part.Length < HeaderSize + ChecksumSize || BinaryPrimitives.ReadUInt32BigEndian(part) != Mark)
        {
            throw MemoryReader.Wrong("it does not begin as such a part does");
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(part[4..]) is not Version and var version)
        {
            throw MemoryReader.Wrong($"it has version {version}, and this product reads version {Version}");
        }

        if (!Checksum(part[..^ChecksumSize]).AsSpan().SequenceEqual(part[^ChecksumSize..]))
        {
            throw MemoryReader.Wrong("its checksum is wrong");
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(part[7..]);
        if (part[6] != (byte)kind || size is < 0 or > MostBytes)
        {
            throw MemoryReader.Wrong("it is of another kind, or of an impossible size");
        }

        var payload = new byte[size];
        return BrotliDecoder.TryDecompress(part[HeaderSize..^ChecksumSize], payload, out var written) && written == size ? payload : throw MemoryReader.Wrong("it does not unpack to its size");
    }

    private static byte[] Checksum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes)[..ChecksumSize];
}
