using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Wire;

public sealed class KafkaReaderTests
{
    private delegate object? ReadOne(ref KafkaReader reader);

    private static readonly Dictionary<string, ReadOne> Reads = new(StringComparer.Ordinal)
    {
        ["bool"] = (ref reader) => reader.ReadBool(),
        ["int8"] = (ref reader) => reader.ReadInt8(),
        ["int16"] = (ref reader) => reader.ReadInt16(),
        ["uint16"] = (ref reader) => reader.ReadUInt16(),
        ["int32"] = (ref reader) => reader.ReadInt32(),
        ["int64"] = (ref reader) => reader.ReadInt64(),
        ["float64"] = (ref reader) => reader.ReadFloat64(),
        ["varint"] = (ref reader) => reader.ReadUnsignedVarint(),
        ["uuid"] = (ref reader) => KafkaUuid.Format(reader.ReadUuid()),
        ["string"] = (ref reader) => reader.ReadString(),
        ["string?"] = (ref reader) => reader.ReadNullableString(),
        ["bytes"] = (ref reader) => Hex.Text(reader.ReadBytes()),
        ["bytes?"] = (ref reader) => reader.ReadNullableBytes() is { } bytes ? Hex.Text(bytes) : null,
        ["int32[]"] = (ref reader) => string.Join(',', reader.ReadInt32Array()),
        ["int32[]?"] = (ref reader) => reader.ReadNullableInt32Array() is { } values ? string.Join(',', values) : null,
        ["slice"] = (ref reader) => string.Join(',', reader.ReadInt32Slice().ToArray()),
        ["slice?"] = (ref reader) => reader.ReadNullableInt32Slice() is { } values ? string.Join(',', values.ToArray()) : null,
        ["string[]"] = (ref reader) => string.Join(',', reader.ReadStringArray()),
        ["string[]?"] = (ref reader) => reader.ReadNullableStringArray() is { } values ? string.Join(',', values) : null,
        ["struct[]"] = (ref reader) => string.Join(',', reader.ReadArray<Pair>(0)),
        ["struct[]?"] = (ref reader) => reader.ReadNullableArray<Pair>(0) is { } values ? string.Join(',', values) : null,
        ["struct?"] = (ref reader) => reader.ReadNullableStruct<Pair>(0)?.ToString(),
        ["tags"] = ReadTags,
    };

    [Theory]
    [InlineData("bool", "00", false)]
    [InlineData("bool", "01", true)]
    [InlineData("bool", "7F", true)]
    [InlineData("int8", "80", (sbyte)-128)]
    [InlineData("int16", "8000", short.MinValue)]
    [InlineData("uint16", "FFFF", ushort.MaxValue)]
    [InlineData("int32", "01020304", 0x01020304)]
    [InlineData("int64", "FFFFFFFFFFFFFFFE", -2L)]
    [InlineData("float64", "3FF8000000000000", 1.5)]
    [InlineData("varint", "00", 0u)]
    [InlineData("varint", "7F", 127u)]
    [InlineData("varint", "8001", 128u)]
    [InlineData("varint", "FF7F", 16383u)]
    [InlineData("varint", "808001", 16384u)]
    [InlineData("varint", "FFFFFFFF0F", uint.MaxValue)]
    [InlineData("uuid", "00112233445566778899AABBCCDDEEFF", "ABEiM0RVZneImaq7zN3u_w")]
    public void Fixed_types_are_big_endian_and_varints_little_endian_groups(string type, string hex, object expected) =>
        Assert.Equal(expected, Read(type, hex, flexible: false));

    [Theory]
    [InlineData("string", "0000", "")]
    [InlineData("string", "0003 C3A4 62", "äb")]
    [InlineData("string", "0004 61 FF C3 62", "a\uFFFD\uFFFDb")] // not UTF-8: replaced, not refused
    [InlineData("string?", "FFFF", null)]
    [InlineData("bytes", "00000002 0102", "0102")]
    [InlineData("bytes?", "FFFFFFFF", null)]
    [InlineData("int32[]", "00000002 00000001 FFFFFFFF", "1,-1")]
    [InlineData("int32[]", "00000000", "")]
    [InlineData("int32[]?", "FFFFFFFF", null)]
    [InlineData("slice", "00000002 00000001 FFFFFFFF", "1,-1")]
    [InlineData("slice?", "FFFFFFFF", null)]
    [InlineData("string[]", "00000002 0001 61 0000", "a,")]
    [InlineData("string[]?", "FFFFFFFF", null)]
    [InlineData("struct[]", "00000001 0005 0007", "5:7")]
    [InlineData("struct[]?", "FFFFFFFF", null)]
    [InlineData("struct?", "FF", null)]
    [InlineData("struct?", "01 0005 0007", "5:7")]
    [InlineData("tags", "", "")]
    public void Lengths_are_fixed_width_where_the_version_is_not_flexible(string type, string hex, object? expected) =>
        Assert.Equal(expected, Read(type, hex, flexible: false));

    [Theory]
    [InlineData("string", "01", "")]
    [InlineData("string", "04 C3A4 62", "äb")]
    [InlineData("string?", "00", null)]
    [InlineData("bytes", "03 0102", "0102")]
    [InlineData("bytes?", "00", null)]
    [InlineData("int32[]", "03 00000001 FFFFFFFF", "1,-1")]
    [InlineData("int32[]", "01", "")]
    [InlineData("int32[]?", "00", null)]
    [InlineData("slice", "03 00000001 FFFFFFFF", "1,-1")]
    [InlineData("slice?", "00", null)]
    [InlineData("string[]", "03 02 61 01", "a,")]
    [InlineData("string[]?", "00", null)]
    [InlineData("struct[]", "02 0005 0007 00", "5:7")]
    [InlineData("struct[]", "02 0005 0007 01 09 03 AABBCC", "5:7")] // an unknown tagged field inside an element
    [InlineData("struct[]?", "00", null)]
    [InlineData("struct?", "FF", null)]
    [InlineData("struct?", "01 0005 0007 00", "5:7")]
    [InlineData("tags", "00", "")]
    [InlineData("tags", "02 00 00 05 02 AABB", "0=,5=AABB")]
    [InlineData("tags", "01 FFFFFFFF0F 01 AA", "4294967295=AA")]
    [InlineData("tags", "01 03 05 01 07 02 BBCC", "3=010702BBCC")] // a section inside a field is the field's own
    public void Lengths_are_one_more_than_they_say_where_the_version_is_flexible(string type, string hex, object? expected) =>
        Assert.Equal(expected, Read(type, hex, flexible: true));

    [Theory]
    [InlineData("bool", "", "ends within the bool at byte 0")]
    [InlineData("int16", "00", "ends within the int16 at byte 0: it needs 2 bytes, 1 are left")]
    [InlineData("int64", "00000000000000", "int64")]
    [InlineData("uuid", "0011", "uuid")]
    [InlineData("varint", "80", "ends within the unsigned varint at byte 1")]
    [InlineData("varint", "FFFFFFFF1F", "varint at byte 0 does not fit into 32 bits")]
    [InlineData("varint", "808080808001", "varint at byte 0 does not fit into 32 bits")]
    [InlineData("string", "FFFF", "string that ends at byte 2 is null")]
    [InlineData("string", "0005 61", "string at byte 0 announces 5 elements of at least 1 bytes, but only 1 bytes are left")]
    [InlineData("string", "FFFE", "string at byte 0 has the length -2; expected -1 (null) or more")]
    [InlineData("bytes", "7FFFFFFF 00", "byte sequence at byte 0 announces 2147483647")]
    [InlineData("bytes", "80000000 00", "byte sequence at byte 0 has the length -2147483648")]
    [InlineData("int32[]", "00000002 00000001", "array at byte 0 announces 2 elements of at least 4 bytes, but only 4 bytes are left")]
    [InlineData("int32[]", "FFFFFFFF", "array that ends at byte 4 is null")]
    [InlineData("slice", "FFFFFFFF", "array that ends at byte 4 is null")]
    [InlineData("string[]", "00000002 0000 00", "array at byte 0 announces 2 elements of at least 2 bytes")]
    [InlineData("struct[]", "7FFFFFFF 00050007", "array at byte 0 announces 2147483647 elements of at least 4 bytes")]
    [InlineData("struct?", "00", "optional struct at byte 0 begins with 0; expected 1 (present) or -1 (null)")]
    public void Bad_input_is_refused_with_what_and_where(string type, string hex, string expected)
    {
        var error = Assert.Throws<WireFormatException>(() => Read(type, hex, flexible: false));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("string", "00", "string that ends at byte 1 is null")]
    [InlineData("string", "FFFFFFFF0F", "string at byte 0 announces 4294967294 elements")]
    [InlineData("bytes", "00", "byte sequence that ends at byte 1 is null")]
    [InlineData("bytes", "05 AABB", "byte sequence at byte 0 announces 4 elements of at least 1 bytes, but only 2 bytes are left")]
    [InlineData("int32[]", "00", "array that ends at byte 1 is null")]
    [InlineData("int32[]", "FFFFFFFF0F 00000000", "array at byte 0 announces 4294967294 elements")]
    [InlineData("tags", "01", "tagged section at byte 0 announces 1 fields, but only 0 bytes are left")]
    [InlineData("tags", "FFFFFFFF0F 0000", "tagged section at byte 0 announces 4294967295 fields")]
    [InlineData("tags", "02 05 00 05 00", "Tag 5 at byte 3 follows tag 5; tags must ascend")]
    [InlineData("tags", "02 05 00 04 00", "Tag 4 at byte 3 follows tag 5; tags must ascend")]
    [InlineData("tags", "01 05 02 00", "field of tag 5 at byte 1 announces 2 bytes, but only 1 are left")]
    [InlineData("tags", "01 05 FFFFFFFF0F", "field of tag 5 at byte 1 announces 4294967295 bytes")]
    public void Bad_compact_input_is_refused_with_what_and_where(string type, string hex, string expected)
    {
        var error = Assert.Throws<WireFormatException>(() => Read(type, hex, flexible: true));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_behind_the_last_field_are_refused()
    {
        var error = Assert.Throws<WireFormatException>(() =>
        {
            var reader = new KafkaReader([0, 1, 2]);
            reader.ReadInt16();
            reader.ExpectEnd();
        });

        Assert.Equal("1 bytes follow the last field, which ends at byte 2.", error.Message);
    }

    [Fact]
    public void A_tagged_field_reads_no_further_than_its_own_end()
    {
        var error = Assert.Throws<WireFormatException>(() =>
        {
            var reader = new KafkaReader(Hex.Bytes("01 00 02 0001 00000000")) { Flexible = true };
            var tags = reader.BeginTaggedFields();
            reader.NextTaggedField(ref tags, out _, out var field);
            field.ReadInt32();
        });

        Assert.Contains("int32 at byte 3: it needs 4 bytes, 2 are left", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Slices_that_share_a_backing_keep_their_own_values()
    {
        using var writer = new KafkaWriter { Flexible = true };
        var lists = Enumerable.Range(0, 3000).Select(i => Enumerable.Range(i, i % 17).ToArray()).Append([.. Enumerable.Range(0, 20_000)]).ToArray();
        foreach (var list in lists)
        {
            writer.WriteInt32Array(list);
        }

        var reader = new KafkaReader(writer.WrittenSpan) { Flexible = true };
        var slices = new ReadOnlyMemory<int>[lists.Length];
        for (var i = 0; i < slices.Length; i++)
        {
            slices[i] = reader.ReadInt32Slice();
        }

        Assert.Equal(0, reader.Remaining);
        Assert.All(lists.Zip(slices), pair => Assert.Equal(pair.First, pair.Second.ToArray()));
    }

    private static object? Read(string type, string hex, bool flexible)
    {
        var reader = new KafkaReader(Hex.Bytes(hex)) { Flexible = flexible };
        var value = Reads[type](ref reader);
        reader.ExpectEnd();
        return value;
    }

    private static string ReadTags(ref KafkaReader reader)
    {
        var fields = new List<string>();
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            var bytes = new byte[field.Remaining];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)field.ReadInt8();
            }

            fields.Add($"{tag}={Hex.Text(bytes)}");
        }

        return string.Join(',', fields);
    }

    private readonly record struct Pair(short A, short B) : IWireStruct<Pair>
    {
        public static int MinSize => 4;

        public static Pair Read(ref KafkaReader reader, short version)
        {
            var pair = new Pair(reader.ReadInt16(), reader.ReadInt16());
            reader.SkipTaggedFields();
            return pair;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16(A);
            writer.WriteInt16(B);
            writer.WriteEmptyTaggedFields();
        }

        public override string ToString() => $"{A}:{B}";
    }
}
