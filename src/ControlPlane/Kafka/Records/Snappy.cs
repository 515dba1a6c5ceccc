using System.Buffers.Binary;

namespace ControlPlane.Kafka.Records;

/// <summary>Snappy blocks (github.com/google/snappy, format_description.txt), plain or in the frame that Java clients write (xerial).</summary>
internal static class Snappy
{
    private const int FrameHeaderSize = 16;

    private static ReadOnlySpan<byte> FrameMagic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public static bool TryUnpack(ReadOnlySpan<byte> packed, UnpackBuffer unpacked)
    {
        if (packed.Length < FrameHeaderSize || !packed.StartsWith(FrameMagic))
        {
            return TryBlock(packed, unpacked);
        }

        packed = packed[FrameHeaderSize..];
        while (!packed.IsEmpty)
        {
            if (packed.Length < sizeof(int))
            {
                return false;
            }

            var size = BinaryPrimitives.ReadInt32BigEndian(packed);
            packed = packed[sizeof(int)..];
            if (size < 0 || size > packed.Length || !TryBlock(packed[..size], unpacked))
            {
                return false;
            }

            packed = packed[size..];
        }

        return true;
    }

    private static bool TryBlock(ReadOnlySpan<byte> block, UnpackBuffer unpacked)
    {
        var begun = unpacked.Length;
        if (!TrySize(ref block, out var size))
        {
            return false;
        }

        while (!block.IsEmpty)
        {
            var tag = block[0];
            block = block[1..];
            if (!((tag & 3) == 0 ? TryLiteral(ref block, tag, unpacked) : TryCopy(ref block, tag, begun, unpacked)))
            {
                return false;
            }
        }

        return unpacked.Length - begun == size;
    }

    private static bool TrySize(ref ReadOnlySpan<byte> block, out long size)
    {
        size = 0;
        for (var shift = 0; shift < 35 && !block.IsEmpty; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            size |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryLiteral(ref ReadOnlySpan<byte> block, byte tag, UnpackBuffer unpacked)
    {
        long length = tag >> 2;
        if (length >= 60)
        {
            var extra = (int)length - 59;
            if (!TryLittleEndian(ref block, extra, out length))
            {
                return false;
            }
        }

        length++;
        if (length > block.Length || !unpacked.TryAppend(block[..(int)length]))
        {
            return false;
        }

        block = block[(int)length..];
        return true;
    }

    /// <summary>Copies reach back within their own block only.</summary>
    private static bool TryCopy(ref ReadOnlySpan<byte> block, byte tag, int begun, UnpackBuffer unpacked)
    {
        int length;
        long distance;
        switch (tag & 3)
        {
            case 1:
                length = ((tag >> 2) & 7) + 4;
                if (!TryLittleEndian(ref block, 1, out distance))
                {
                    return false;
                }

                distance |= (long)(tag >> 5) << 8;
                break;
            default:
                length = (tag >> 2) + 1;
                if (!TryLittleEndian(ref block, (tag & 3) == 2 ? 2 : 4, out distance))
                {
                    return false;
                }

                break;
        }

        return distance <= unpacked.Length - begun && unpacked.TryRepeat((int)distance, length);
    }

    private static bool TryLittleEndian(ref ReadOnlySpan<byte> block, int count, out long value)
    {
        value = 0;
        if (count > block.Length)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            value |= (long)block[i] << (8 * i);
        }

        block = block[count..];
        return true;
    }
}
