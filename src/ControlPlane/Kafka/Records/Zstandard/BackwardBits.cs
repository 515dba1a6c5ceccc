using System.Buffers.Binary;
using System.Numerics;

namespace ControlPlane.Kafka.Records.Zstandard;

/// <summary>Bits that were written forwards and are read from their end; the last byte's highest one only marks where they end.</summary>
internal ref struct BackwardBits
{
    private readonly ReadOnlySpan<byte> _bytes;

    public BackwardBits(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        Left = bytes.IsEmpty || bytes[^1] == 0 ? -1 : ((bytes.Length - 1) * 8) + BitOperations.Log2(bytes[^1]);
    }

    /// <summary>Bits not read yet; below zero where more was read than there is, or where there is no end mark.</summary>
    public int Left { get; private set; }

    /// <summary>At most 56 bits. Before the first bit there are zeros.</summary>
    public ulong Read(int count)
    {
        var bits = Peek(count);
        Left -= count;
        return bits;
    }

    public readonly ulong Peek(int count)
    {
        var from = Left - count;
        if (count == 0 || from < -63)
        {
            return 0;
        }

        if (from < 0)
        {
            return (Load(0) << -from) & ((1UL << count) - 1);
        }

        return (Load(from >> 3) >> (from & 7)) & ((1UL << count) - 1);
    }

    public void Skip(int count) => Left -= count;

    private readonly ulong Load(int at)
    {
        if (at + sizeof(ulong) <= _bytes.Length)
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(_bytes[at..]);
        }

        var value = 0UL;
        for (var i = _bytes.Length - 1; i >= at; i--)
        {
            value = (value << 8) | _bytes[i];
        }

        return value;
    }
}
