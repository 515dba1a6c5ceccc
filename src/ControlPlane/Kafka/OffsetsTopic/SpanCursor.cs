using System.Buffers.Binary;
using System.Text;

namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>
/// Reads what millions of records a minute consist of, without exceptions or strings: after the first field that is not
/// there <see cref="IsBroken"/> stays set and every further one is empty.
/// </summary>
internal ref struct SpanCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public bool IsBroken { get; private set; }

    public short Int16() => Take(sizeof(short)) is { IsEmpty: false } taken ? BinaryPrimitives.ReadInt16BigEndian(taken) : (short)0;

    public int Int32() => Take(sizeof(int)) is { IsEmpty: false } taken ? BinaryPrimitives.ReadInt32BigEndian(taken) : 0;

    public long Int64() => Take(sizeof(long)) is { IsEmpty: false } taken ? BinaryPrimitives.ReadInt64BigEndian(taken) : 0;

    public Guid Uuid() => Take(16) is { IsEmpty: false } taken ? new Guid(taken, bigEndian: true) : Guid.Empty;

    /// <summary>A string with a 16-bit length that can't be null.</summary>
    public ReadOnlySpan<byte> Text() => Take(Int16());

    /// <summary>A compact string that can't be null.</summary>
    public ReadOnlySpan<byte> CompactText() => Take((long)UnsignedVarint() - 1);

    public string String() => Encoding.UTF8.GetString(Text());

    public uint UnsignedVarint()
    {
        uint value = 0;
        for (var shift = 0; shift < 35 && !_left.IsEmpty; shift += 7)
        {
            var next = _left[0];
            _left = _left[1..];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        IsBroken = true;
        return 0;
    }

    public ReadOnlySpan<byte> Take(long count)
    {
        if (IsBroken || (ulong)count > (ulong)_left.Length)
        {
            IsBroken = true;
            return default;
        }

        var taken = _left[..(int)count];
        _left = _left[(int)count..];
        return taken;
    }
}
