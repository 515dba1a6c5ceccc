using System.Text;

namespace ControlPlane.Engine.Lag.Memory;

/// <summary>Reads what <see cref="MemoryWriter"/> wrote; whatever else it finds is a <see cref="LagMemoryException"/>.</summary>
internal ref struct MemoryReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Bytes that were not read yet.</summary>
    public readonly int Left => _rest.Length;

    public ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var one = Take(1)[0];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
            {
                return shift == 63 && one > 1 ? throw Wrong("a number is too large") : value;
            }
        }

        throw Wrong("a number does not end");
    }

    /// <summary>Of things of at least one byte each: more than there are bytes left can't be.</summary>
    public int Count()
    {
        var count = Number();
        return count <= (ulong)_rest.Length ? (int)count : throw Wrong("it counts more than it holds");
    }

    public int Index(int limit)
    {
        var value = Number();
        return value < (ulong)limit ? (int)value : throw Wrong("a number is out of its range");
    }

    public int Int()
    {
        var value = Signed();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong("a number is out of its range");
    }

    public long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public long OrUnknown()
    {
        var value = Number();
        return value <= long.MaxValue ? (long)value - 1 : throw Wrong("a number is out of its range");
    }

    public string? TextOrNull()
    {
        var size = Number();
        return size == 0 ? null : size - 1 <= (ulong)_rest.Length ? Encoding.UTF8.GetString(Take((int)size - 1)) : throw Wrong("a text is longer than the rest");
    }

    public string Text() => TextOrNull() ?? throw Wrong("a text is missing");

    /// <summary>Bytes after their number.</summary>
    public ReadOnlySpan<byte> Sized() => Take(Count());

    public Guid Id() => new(Take(16), bigEndian: true);

    public static LagMemoryException Wrong(string what) => new($"The stored lag can't be read: {what}.") { What = what };

    private ReadOnlySpan<byte> Take(int size)
    {
        if (_rest.Length < size)
        {
            throw Wrong("it ends early");
        }

        var taken = _rest[..size];
        _rest = _rest[size..];
        return taken;
    }
}
