using System.Buffers.Binary;

namespace ControlPlane.Kafka.Records;

/// <summary>
/// LZ4 frames and their blocks (github.com/lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md). Its own checksums are
/// passed over: the batch has one, and old clients wrote a wrong one into the frame's header.
/// </summary>
internal static class Lz4
{
    private const uint FrameMagic = 0x184D2204;
    private const uint StoredFlag = 0x80000000;
    private const int BlockChecksumFlag = 0x10;
    private const int ContentSizeFlag = 0x08;
    private const int DictionaryFlag = 0x01;
    private const int ChecksumSize = 4;
    private const int ShortestMatch = 4;

    public static bool TryUnpack(ReadOnlySpan<byte> frame, UnpackBuffer unpacked)
    {
        if (frame.Length < 7 || BinaryPrimitives.ReadUInt32LittleEndian(frame) != FrameMagic)
        {
            return false;
        }

        var flags = frame[4];
        var at = 7 + ((flags & ContentSizeFlag) == 0 ? 0 : sizeof(ulong));
        if ((flags & DictionaryFlag) != 0)
        {
            return false; // nobody agreed on a dictionary
        }

        var trailer = (flags & BlockChecksumFlag) == 0 ? 0 : ChecksumSize;
        while (frame.Length - at >= sizeof(uint))
        {
            var header = BinaryPrimitives.ReadUInt32LittleEndian(frame[at..]);
            at += sizeof(uint);
            if (header == 0)
            {
                return true; // a checksum of the content may follow
            }

            var size = (int)(header & ~StoredFlag);
            if (size > frame.Length - at - trailer)
            {
                return false;
            }

            var block = frame.Slice(at, size);
            if (!((header & StoredFlag) == 0 ? TryBlock(block, unpacked) : unpacked.TryAppend(block)))
            {
                return false;
            }

            at += size + trailer;
        }

        return false;
    }

    private static bool TryBlock(ReadOnlySpan<byte> block, UnpackBuffer unpacked)
    {
        while (!block.IsEmpty)
        {
            var token = block[0];
            block = block[1..];
            if (!TryLength(ref block, token >> 4, out var literals) || literals > block.Length || !unpacked.TryAppend(block[..literals]))
            {
                return false;
            }

            block = block[literals..];
            if (block.IsEmpty)
            {
                return true; // the last sequence has no match
            }

            if (block.Length < sizeof(ushort))
            {
                return false;
            }

            var distance = BinaryPrimitives.ReadUInt16LittleEndian(block);
            block = block[sizeof(ushort)..];
            if (!TryLength(ref block, token & 0x0F, out var match) || !unpacked.TryRepeat(distance, match + ShortestMatch))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryLength(ref ReadOnlySpan<byte> block, int nibble, out int length)
    {
        length = nibble;
        if (nibble < 15)
        {
            return true;
        }

        while (!block.IsEmpty)
        {
            var next = block[0];
            block = block[1..];
            length += next;
            if (next < byte.MaxValue)
            {
                return length >= 0;
            }
        }

        return false;
    }
}
