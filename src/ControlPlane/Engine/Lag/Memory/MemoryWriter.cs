using System.Buffers.Binary;
using System.Text;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>Writes numbers in as few bytes as they need, one after the other.</summary>
public sealed class MemoryWriter
{
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Takes the same space again.</summary>
    public void Clear() => Length = 0;

    /// <summary>Seven bits a byte, the lowest first.</summary>
    public void Number(ulong value)
    {
        var to = Space(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[at++] = (byte)(value | 0x80);
        }

        to[at++] = (byte)value;
        Length += at;
    }

    public void Count(int value) => Number((ulong)value);

    /// <summary>Near to zero on either side is short.</summary>
    public void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>-1, which is not known, and everything above.</summary>
    public void OrUnknown(long value) => Number((ulong)(value + 1));

    public void Text(string? value)
    {
        if (value is null)
        {
            Number(0);
            return;
        }

        var size = Encoding.UTF8.GetByteCount(value);
        Number((ulong)size + 1);
        Encoding.UTF8.GetBytes(value, Space(size));
        Length += size;
    }

    public void Id(Guid value)
    {
        value.TryWriteBytes(Space(16), bigEndian: true, out _);
        Length += 16;
    }

    public void Fixed(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Space(4), value);
        Length += 4;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Space(value.Length));
        Length += value.Length;
    }

    private Span<byte> Space(int size)
    {
        if (_bytes.Length - Length < size)
        {
            Array.Resize(ref _bytes, checked((int)Math.Min(Array.MaxLength, Math.Max((long)_bytes.Length * 2, (long)Length + size))));
        }

        return _bytes.AsSpan(Length);
    }
}
