using System.Buffers.Binary;

namespace ControlPlane.Kafka.Records.Zstandard;

/// <summary>The first part of a block: bytes that are copied as they are, mostly written in a Huffman code (RFC 8878, 3.1.1.3.1).</summary>
internal sealed class Literals
{
    private const int JumpTable = 6;

    private readonly HuffmanTable _huffman = new();
    private byte[] _bytes = new byte[4096];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Count);

    public bool TryRead(ReadOnlySpan<byte> block, out int length)
    {
        length = 0;
        if (block.IsEmpty)
        {
            return false;
        }

        var (kind, format) = (block[0] & 3, (block[0] >> 2) & 3);
        return kind < 2 ? TryPlain(block, kind == 1, format, out length) : TryCoded(block, kind == 2, format, out length);
    }

    private bool TryPlain(ReadOnlySpan<byte> block, bool isOneByte, int format, out int length)
    {
        var header = format == 1 ? 2 : format == 3 ? 3 : 1;
        length = header;
        if (block.Length < header)
        {
            return false;
        }

        var size = header == 1 ? block[0] >> 3 : (block[0] >> 4) + (block[1] << 4) + (header == 3 ? block[2] << 12 : 0);
        length = header + (isOneByte ? 1 : size);
        if (length > block.Length || !TryMakeRoom(size))
        {
            return false;
        }

        if (isOneByte)
        {
            _bytes.AsSpan(0, size).Fill(block[header]);
        }
        else
        {
            block.Slice(header, size).CopyTo(_bytes);
        }

        return true;
    }

    private bool TryCoded(ReadOnlySpan<byte> block, bool hasTree, int format, out int length)
    {
        var header = format < 2 ? 3 : format + 2;
        length = header;
        if (block.Length < header)
        {
            return false;
        }

        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        wide.Clear();
        block[..header].CopyTo(wide);
        var (bits, word) = (format < 2 ? 10 : format == 2 ? 14 : 18, BinaryPrimitives.ReadUInt64LittleEndian(wide) >> 4);
        var (size, packed) = ((int)(word & ((1UL << bits) - 1)), (int)((word >> bits) & ((1UL << bits) - 1)));
        length = header + packed;
        if (length > block.Length || !TryMakeRoom(size))
        {
            return false;
        }

        var source = block.Slice(header, packed);
        var tree = 0;
        if (hasTree ? !_huffman.TryRead(source, out tree) : !_huffman.IsThere)
        {
            return false;
        }

        source = source[tree..];
        return format == 0 ? _huffman.TryDecode(source, _bytes.AsSpan(0, size)) : TryFour(source, size);
    }

    private bool TryFour(ReadOnlySpan<byte> source, int size)
    {
        if (source.Length < JumpTable)
        {
            return false;
        }

        var (each, at) = ((size + 3) / 4, JumpTable);
        for (var stream = 0; stream < 4; stream++)
        {
            var length = stream == 3 ? source.Length - at : BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * stream)..]);
            var from = stream * each;
            var count = stream == 3 ? size - from : each;
            if (length < 0 || at + length > source.Length || count < 0 || from + count > size || !_huffman.TryDecode(source.Slice(at, length), _bytes.AsSpan(from, count)))
            {
                return false;
            }

            at += length;
        }

        return true;
    }

    private bool TryMakeRoom(int size)
    {
        if (size > ZstdFrame.MaxBlock)
        {
            return false;
        }

        _bytes = size > _bytes.Length ? new byte[ZstdFrame.MaxBlock] : _bytes;
        Count = size;
        return true;
    }
}
