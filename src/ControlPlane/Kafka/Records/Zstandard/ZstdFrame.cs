using System.Buffers.Binary;

namespace ControlPlane.Kafka.Records.Zstandard;

/// <summary>Frames of Zstandard and their blocks (RFC 8878). The checksum of a frame is passed over: the batch has one. Dictionaries are unknown to Kafka.</summary>
internal static class ZstdFrame
{
    public const int MaxBlock = 128 * 1024;

    private const uint Magic = 0xFD2FB528;
    private const uint SkippableMagic = 0x184D2A50;
    private const int HeaderSize = 3;
    private const int ChecksumSize = 4;

    public static bool TryUnpack(ReadOnlySpan<byte> packed, UnpackBuffer unpacked)
    {
        if (packed.IsEmpty)
        {
            return false;
        }

        while (!packed.IsEmpty)
        {
            if (packed.Length < 2 * sizeof(uint))
            {
                return false;
            }

            var magic = BinaryPrimitives.ReadUInt32LittleEndian(packed);
            if ((magic & 0xFFFFFFF0) == SkippableMagic)
            {
                var size = BinaryPrimitives.ReadUInt32LittleEndian(packed[sizeof(uint)..]);
                if (size > packed.Length - (2 * sizeof(uint)))
                {
                    return false;
                }

                packed = packed[(int)((2 * sizeof(uint)) + size)..];
            }
            else if (magic != Magic || !TryFrame(packed[sizeof(uint)..], unpacked, out var used))
            {
                return false;
            }
            else
            {
                packed = packed[(sizeof(uint) + used)..];
            }
        }

        return true;
    }

    private static bool TryFrame(ReadOnlySpan<byte> frame, UnpackBuffer unpacked, out int used)
    {
        var flags = frame[0];
        var isSingleSegment = (flags & 0x20) != 0;
        var contentSize = (flags >> 6) switch { 0 => isSingleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        used = 1 + (isSingleSegment ? 0 : 1) + contentSize;
        if ((flags & 0x0B) != 0)
        {
            return false; // a dictionary that nobody agreed on, or a bit of the future
        }

        var (literals, sequences) = (new Literals(), new Sequences());
        while (frame.Length - used >= HeaderSize)
        {
            var header = frame[used] | (frame[used + 1] << 8) | (frame[used + 2] << 16);
            var (kind, size) = ((header >> 1) & 3, header >> 3);
            used += HeaderSize;
            var length = kind == 1 ? 1 : size;
            if (length > frame.Length - used || (kind != 1 && size > MaxBlock) || !TryBlock(kind, size, frame.Slice(used, length), literals, sequences, unpacked))
            {
                return false;
            }

            used += length;
            if ((header & 1) != 0)
            {
                used += (flags & 0x04) == 0 ? 0 : ChecksumSize;
                return used <= frame.Length;
            }
        }

        return false;
    }

    private static bool TryBlock(int kind, int size, ReadOnlySpan<byte> block, Literals literals, Sequences sequences, UnpackBuffer unpacked)
    {
        switch (kind)
        {
            case 0:
                return unpacked.TryAppend(block);
            case 1:
                return size == 0 || (unpacked.TryAppend(block) && (size == 1 || unpacked.TryRepeat(1, size - 1)));
            case 2:
                return literals.TryRead(block, out var length) && sequences.TryRun(block[length..], literals.Bytes, unpacked);
            default:
                return false;
        }
    }
}
