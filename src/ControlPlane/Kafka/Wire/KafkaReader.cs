using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace ControlPlane.Kafka.Wire;

/// <summary>
/// Reads Kafka's primitive types from one received frame. Every length and count is held against what is left of the
/// frame before anything is allocated, so a hostile frame costs at most a small multiple of its own size.
/// </summary>
public ref struct KafkaReader(ReadOnlySpan<byte> frame)
{
    private const int UuidSize = 16;

    private readonly ReadOnlySpan<byte> _frame = frame;
    private Int32Slab? _slab;

    /// <summary>Bytes read so far; error texts give places in this count.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _frame.Length - Position;

    /// <summary>Compact lengths and tagged fields (KIP-482) on or off. Each message sets it from its own version.</summary>
    public bool Flexible { get; set; }

    public bool ReadBool() => Take(sizeof(byte), "bool")[0] != 0;

    public sbyte ReadInt8() => (sbyte)Take(sizeof(sbyte), "int8")[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(sizeof(short), "int16"));

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort), "uint16"));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int), "int32"));

    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long), "int64"));

    public double ReadFloat64() => BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double), "float64"));

    public Guid ReadUuid() => new(Take(UuidSize, "uuid"), bigEndian: true);

    /// <summary>Base-128, least significant group first, at most five bytes; not zig-zag.</summary>
    public uint ReadUnsignedVarint()
    {
        var start = Position;
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Take(1, "unsigned varint")[0];
            if (shift == 28 && next > 0x0F)
            {
                break; // more than 32 bits, or a sixth byte to follow
            }

            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new WireFormatException($"The unsigned varint at byte {start} does not fit into 32 bits.");
    }

    public string ReadString() => ReadNullableString() ?? throw UnexpectedNull("string");

    public string? ReadNullableString()
    {
        var length = ReadLength(Flexible ? LengthForm.Compact : LengthForm.Int16, 1, "string");
        return length < 0 ? null : Decode(Take(length, "string"));
    }

    public byte[] ReadBytes() => ReadNullableBytes() ?? throw UnexpectedNull("byte sequence");

    public byte[]? ReadNullableBytes()
    {
        var length = ReadLength(Flexible ? LengthForm.Compact : LengthForm.Int32, 1, "byte sequence");
        return length < 0 ? null : Take(length, "byte sequence").ToArray();
    }

    /// <summary>The element count of an array that can't be null, of elements that take at least <paramref name="minElementSize"/> bytes each.</summary>
    public int ReadArrayLength(int minElementSize)
    {
        var count = ReadNullableArrayLength(minElementSize);
        return count >= 0 ? count : throw UnexpectedNull("array");
    }

    /// <summary>As <see cref="ReadArrayLength"/>; -1 stands for a null array.</summary>
    public int ReadNullableArrayLength(int minElementSize) =>
        ReadLength(Flexible ? LengthForm.Compact : LengthForm.Int32, minElementSize, "array");

    public T[] ReadArray<T>(short version)
        where T : IWireStruct<T> => ReadElements<T>(ReadArrayLength(T.MinSize), version);

    public T[]? ReadNullableArray<T>(short version)
        where T : IWireStruct<T>
    {
        var count = ReadNullableArrayLength(T.MinSize);
        return count < 0 ? null : ReadElements<T>(count, version);
    }

    public string[] ReadStringArray() =>
        ReadNullableStringArray() ?? throw UnexpectedNull("array");

    public string[]? ReadNullableStringArray()
    {
        var count = ReadNullableArrayLength(Flexible ? 1 : sizeof(short));
        if (count < 0)
        {
            return null;
        }

        var values = count == 0 ? [] : new string[count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ReadString();
        }

        return values;
    }

    public int[] ReadInt32Array() => ReadNullableInt32Array() ?? throw UnexpectedNull("array");

    public int[]? ReadNullableInt32Array()
    {
        var count = ReadNullableArrayLength(sizeof(int));
        if (count < 0)
        {
            return null;
        }

        var values = count == 0 ? [] : new int[count];
        ReadInt32s(values);
        return values;
    }

    /// <summary>As <see cref="ReadInt32Array"/>, for answers with very many lists: they share a backing, which one kept list keeps alive.</summary>
    public ReadOnlyMemory<int> ReadInt32Slice() => ReadNullableInt32Slice() ?? throw UnexpectedNull("array");

    public ReadOnlyMemory<int>? ReadNullableInt32Slice()
    {
        var count = ReadNullableArrayLength(sizeof(int));
        if (count < 0)
        {
            return null;
        }

        _slab ??= new Int32Slab(Remaining);
        var values = _slab.Take(count);
        ReadInt32s(values.Span);
        return values;
    }

    public T? ReadNullableStruct<T>(short version)
        where T : struct, IWireStruct<T>
    {
        var start = Position;
        return ReadInt8() switch
        {
            -1 => null,
            1 => T.Read(ref this, version),
            var marker => throw new WireFormatException(
                $"The optional struct at byte {start} begins with {marker}; expected 1 (present) or -1 (null)."),
        };
    }

    /// <summary>Ends a struct of which we know no tagged fields: passes over those that a newer peer sent. Does nothing in a non-flexible version.</summary>
    public void SkipTaggedFields()
    {
        var tags = BeginTaggedFields();
        while (NextTaggedField(ref tags, out _, out _))
        {
            // Each is passed over by its size.
        }
    }

    /// <summary>Begins a tagged section; then call <see cref="NextTaggedField"/> until it returns false.</summary>
    public TaggedFields BeginTaggedFields()
    {
        if (!Flexible)
        {
            return default;
        }

        var start = Position;
        var count = ReadUnsignedVarint();
        if (count > Remaining / TaggedFields.MinSize)
        {
            throw new WireFormatException(
                $"The tagged section at byte {start} announces {count} fields, but only {Remaining} bytes are left.");
        }

        return new TaggedFields((int)count, LastTag: -1);
    }

    /// <summary>Moves past the next tagged field and gives a reader of exactly its bytes.</summary>
    public bool NextTaggedField(ref TaggedFields tags, out uint tag, out KafkaReader field)
    {
        if (tags.Left == 0)
        {
            tag = 0;
            field = default;
            return false;
        }

        var start = Position;
        tag = ReadUnsignedVarint();
        if (tag <= tags.LastTag)
        {
            throw new WireFormatException($"Tag {tag} at byte {start} follows tag {tags.LastTag}; tags must ascend.");
        }

        var size = ReadUnsignedVarint();
        if (size > Remaining)
        {
            throw new WireFormatException(
                $"The field of tag {tag} at byte {start} announces {size} bytes, but only {Remaining} are left.");
        }

        var end = Position + (int)size;
        field = new KafkaReader(_frame[..end]) { Position = Position, Flexible = true };
        Position = end;
        tags = new TaggedFields(tags.Left - 1, tag);
        return true;
    }

    /// <summary>Refuses bytes behind the last field: they mean that one side misunderstood the layout.</summary>
    public readonly void ExpectEnd()
    {
        if (Remaining != 0)
        {
            throw new WireFormatException($"{Remaining} bytes follow the last field, which ends at byte {Position}.");
        }
    }

    private T[] ReadElements<T>(int count, short version)
        where T : IWireStruct<T>
    {
        var elements = count == 0 ? [] : new T[count];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = T.Read(ref this, version);
        }

        return elements;
    }

    private void ReadInt32s(Span<int> values)
    {
        var bytes = Take(values.Length * sizeof(int), "int32 array");
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, int>(bytes), values);
        }
        else
        {
            MemoryMarshal.Cast<byte, int>(bytes).CopyTo(values);
        }
    }

    /// <summary>
    /// Replaces what is not UTF-8, as Kafka's own client does: some client ids are no text. Not left to Encoding.GetString,
    /// which allocates for each wrong byte and would make a forged string cost 34 times its size.
    /// </summary>
    private static string Decode(ReadOnlySpan<byte> utf8)
    {
        if (Utf8.IsValid(utf8))
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var chars = ArrayPool<char>.Shared.Rent(utf8.Length); // no byte becomes more than one char
        Utf8.ToUtf16(utf8, chars, out _, out var written, replaceInvalidSequences: true, isFinalBlock: true);
        var text = new string(chars, 0, written);
        ArrayPool<char>.Shared.Return(chars);
        return text;
    }

    /// <summary>-1 for null. Otherwise as many elements of <paramref name="minSize"/> bytes as can still be in the frame, or an exception.</summary>
    private int ReadLength(LengthForm form, int minSize, string what)
    {
        var start = Position;
        var length = form switch
        {
            LengthForm.Compact => (long)ReadUnsignedVarint() - 1,
            LengthForm.Int16 => ReadInt16(),
            _ => ReadInt32(),
        };
        if (length < -1 || length > Remaining / minSize)
        {
            throw WrongLength(start, length, minSize, what);
        }

        return (int)length;
    }

    private ReadOnlySpan<byte> Take(int count, string what)
    {
        if ((uint)count > (uint)Remaining)
        {
            throw TooShort(count, what);
        }

        var bytes = _frame.Slice(Position, count);
        Position += count;
        return bytes;
    }

    private readonly WireFormatException TooShort(int count, string what) =>
        new($"The frame ends within the {what} at byte {Position}: it needs {count} bytes, {Remaining} are left.");

    private readonly WireFormatException WrongLength(int start, long length, int minSize, string what) =>
        new(length < -1
            ? $"The {what} at byte {start} has the length {length}; expected -1 (null) or more."
            : $"The {what} at byte {start} announces {length} elements of at least {minSize} bytes, but only {Remaining} bytes are left.");

    private readonly WireFormatException UnexpectedNull(string what) =>
        new($"The {what} that ends at byte {Position} is null, where the protocol allows no null.");

    private enum LengthForm
    {
        Int16,
        Int32,
        Compact,
    }
}
