using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ControlPlane.Kafka.Wire;

/// <summary>
/// Writes Kafka's primitive types, big-endian, into one growing buffer. Reusable through <see cref="Reset"/>; the buffer
/// is pooled and wiped when given back, since requests can carry passwords and tokens.
/// </summary>
public sealed class KafkaWriter(int initialCapacity = 512) : IDisposable
{
    private const int MaxVarintSize = 5;
    private const int UuidSize = 16;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(initialCapacity);

    /// <summary>Compact lengths and tagged fields (KIP-482) on or off. Each message sets it from its own version.</summary>
    public bool Flexible { get; set; }

    public int WrittenCount { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, WrittenCount);

    /// <summary>Valid until the next write, reset or dispose.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, WrittenCount);

    public void Reset() => (WrittenCount, Flexible) = (0, false);

    public void WriteBool(bool value) => Reserve(sizeof(byte))[0] = value ? (byte)1 : (byte)0;

    public void WriteInt8(sbyte value) => Reserve(sizeof(sbyte))[0] = (byte)value;

    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(sizeof(short)), value);

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(sizeof(ushort)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(sizeof(int)), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(sizeof(long)), value);

    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(sizeof(double)), value);

    public void WriteUuid(Guid value) => value.TryWriteBytes(Reserve(UuidSize), bigEndian: true, out _);

    public void WriteUnsignedVarint(uint value)
    {
        Span<byte> bytes = stackalloc byte[MaxVarintSize];
        var size = 0;
        while (value >= 0x80)
        {
            bytes[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[size++] = (byte)value;
        WriteRaw(bytes[..size]);
    }

    /// <summary>Bytes as they are, without a length.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void WriteString(string value) => WriteNullableString(value ?? throw new ArgumentNullException(nameof(value)));

    public void WriteNullableString(string? value)
    {
        var length = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (Flexible)
        {
            WriteCompactLength(length);
        }
        else
        {
            WriteInt16(length <= short.MaxValue
                ? (short)length
                : throw new ArgumentException($"A string of {length} bytes is too long for this version: it carries at most {short.MaxValue}.", nameof(value)));
        }

        if (length > 0)
        {
            Encoding.UTF8.GetBytes(value, Reserve(length));
        }
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteArrayLength(value.Length);
        WriteRaw(value);
    }

    public void WriteNullableBytes(byte[]? value)
    {
        WriteNullableArrayLength(value?.Length ?? -1);
        WriteRaw(value);
    }

    public void WriteArrayLength(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        WriteNullableArrayLength(count);
    }

    /// <summary>-1 stands for a null array.</summary>
    public void WriteNullableArrayLength(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, -1);
        if (Flexible)
        {
            WriteCompactLength(count);
        }
        else
        {
            WriteInt32(count);
        }
    }

    public void WriteArray<T>(ReadOnlySpan<T> elements, short version)
        where T : IWireStruct<T>
    {
        WriteArrayLength(elements.Length);
        foreach (ref readonly var element in elements)
        {
            element.Write(this, version);
        }
    }

    public void WriteNullableArray<T>(T[]? elements, short version)
        where T : IWireStruct<T>
    {
        if (elements is null)
        {
            WriteNullableArrayLength(-1);
        }
        else
        {
            WriteArray<T>(elements, version);
        }
    }

    public void WriteStringArray(ReadOnlySpan<string> values)
    {
        WriteArrayLength(values.Length);
        foreach (var value in values)
        {
            WriteString(value);
        }
    }

    public void WriteNullableStringArray(string[]? values)
    {
        if (values is null)
        {
            WriteNullableArrayLength(-1);
        }
        else
        {
            WriteStringArray(values);
        }
    }

    public void WriteInt32Array(ReadOnlySpan<int> values)
    {
        WriteArrayLength(values.Length);
        var bytes = Reserve(values.Length * sizeof(int));
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes[(i * sizeof(int))..], values[i]);
        }
    }

    public void WriteNullableInt32Array(int[]? values)
    {
        if (values is null)
        {
            WriteNullableArrayLength(-1);
        }
        else
        {
            WriteInt32Array(values);
        }
    }

    /// <summary>What <see cref="KafkaReader.ReadNullableInt32Slice"/> read. Named apart: a null int[] would convert to an empty list, not to null.</summary>
    public void WriteNullableInt32Slice(ReadOnlyMemory<int>? values)
    {
        if (values is { } present)
        {
            WriteInt32Array(present.Span);
        }
        else
        {
            WriteNullableArrayLength(-1);
        }
    }

    public void WriteNullableStruct<T>(T? value, short version)
        where T : struct, IWireStruct<T>
    {
        WriteInt8(value is null ? (sbyte)-1 : (sbyte)1);
        value?.Write(this, version);
    }

    /// <summary>Ends a struct without tagged fields. Does nothing in a non-flexible version.</summary>
    public void WriteEmptyTaggedFields()
    {
        if (Flexible)
        {
            WriteUnsignedVarint(0);
        }
    }

    /// <summary>One field of a tagged section; the count goes before through <see cref="WriteUnsignedVarint"/>, tags ascend.</summary>
    public void WriteTaggedField(uint tag, Action<KafkaWriter> write)
    {
        using var field = new KafkaWriter(64) { Flexible = true };
        write(field);
        WriteUnsignedVarint(tag);
        WriteUnsignedVarint((uint)field.WrittenCount);
        WriteRaw(field.WrittenSpan);
    }

    /// <summary>Begins a frame: leaves room for its size. Returns what <see cref="EndFrame"/> needs.</summary>
    public int BeginFrame()
    {
        var start = WrittenCount;
        WriteInt32(0);
        return start;
    }

    /// <summary>Puts the size of all that was written since <see cref="BeginFrame"/> in front of it.</summary>
    public void EndFrame(int start) =>
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), WrittenCount - start - sizeof(int));

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            _buffer = [];
            WrittenCount = 0;
        }
    }

    private void WriteCompactLength(int length) => WriteUnsignedVarint((uint)(length + 1));

    private Span<byte> Reserve(int count)
    {
        if (count > _buffer.Length - WrittenCount)
        {
            Grow(count);
        }

        var span = _buffer.AsSpan(WrittenCount, count);
        WrittenCount += count;
        return span;
    }

    private void Grow(int count)
    {
        var needed = (long)WrittenCount + count;
        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException($"A message of {needed} bytes is larger than one frame can be.");
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, _buffer.Length * 2L)));
        WrittenSpan.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}
