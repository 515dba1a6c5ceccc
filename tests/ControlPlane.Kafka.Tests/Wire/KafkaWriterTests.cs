using ControlPlane.Kafka.Wire;
using Xunit;

namespace ControlPlane.Kafka.Tests.Wire;

public sealed class KafkaWriterTests
{
    [Theory]
    [InlineData(0u, "00")]
    [InlineData(127u, "7F")]
    [InlineData(128u, "8001")]
    [InlineData(16383u, "FF7F")]
    [InlineData(16384u, "808001")]
    [InlineData(uint.MaxValue, "FFFFFFFF0F")]
    public void Varints_take_seven_bits_a_byte(uint value, string expected) =>
        Assert.Equal(expected, Hex.Written(false, writer => writer.WriteUnsignedVarint(value)));

    [Fact]
    public void Fixed_types_are_big_endian() =>
        Assert.Equal(
            "01" + "80" + "0102" + "FFFF" + "01020304" + "FFFFFFFFFFFFFFFE" + "3FF8000000000000" + "00112233445566778899AABBCCDDEEFF",
            Hex.Written(false, writer =>
            {
                writer.WriteBool(true);
                writer.WriteInt8(-128);
                writer.WriteInt16(0x0102);
                writer.WriteUInt16(ushort.MaxValue);
                writer.WriteInt32(0x01020304);
                writer.WriteInt64(-2);
                writer.WriteFloat64(1.5);
                writer.WriteUuid(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
            }));

    [Theory]
    [InlineData(null, "FFFF", "00")]
    [InlineData("", "0000", "01")]
    [InlineData("äb", "0003C3A462", "04C3A462")]
    public void Strings_have_a_length_or_a_compact_one(string? value, string legacy, string compact)
    {
        Assert.Equal(legacy, Hex.Written(false, writer => writer.WriteNullableString(value)));
        Assert.Equal(compact, Hex.Written(true, writer => writer.WriteNullableString(value)));
    }

    [Theory]
    [InlineData(126, "7F")]
    [InlineData(127, "8001")]
    [InlineData(16382, "FF7F")]
    [InlineData(16383, "808001")]
    [InlineData(40_000, "C1B802")]
    public void Long_compact_strings_have_long_lengths(int length, string prefix)
    {
        var hex = Hex.Written(true, writer => writer.WriteString(new string('x', length)));

        Assert.StartsWith(prefix + "7878", hex, StringComparison.Ordinal);
        Assert.Equal(prefix.Length + (length * 2), hex.Length);
    }

    [Fact]
    public void A_string_too_long_for_a_16_bit_length_is_refused_before_it_is_sent()
    {
        using var writer = new KafkaWriter();

        Assert.Throws<ArgumentException>(() => writer.WriteString(new string('x', short.MaxValue + 1)));
        writer.Reset();
        writer.WriteString(new string('x', short.MaxValue));
        Assert.Equal(short.MaxValue + 2, writer.WrittenCount);
    }

    [Fact]
    public void Null_and_empty_arrays_differ()
    {
        Assert.Equal("FFFFFFFF00000000", Hex.Written(false, NullThenEmpty));
        Assert.Equal("0001", Hex.Written(true, NullThenEmpty));

        static void NullThenEmpty(KafkaWriter writer)
        {
            writer.WriteNullableInt32Array(null);
            writer.WriteNullableInt32Array([]);
        }
    }

    [Fact]
    public void Tagged_fields_exist_only_in_flexible_versions()
    {
        Assert.Equal("", Hex.Written(false, writer => writer.WriteEmptyTaggedFields()));
        Assert.Equal("00", Hex.Written(true, writer => writer.WriteEmptyTaggedFields()));
        Assert.Equal("0105020102", Hex.Written(true, writer =>
        {
            writer.WriteUnsignedVarint(1);
            writer.WriteTaggedField(5, field => field.WriteInt16(0x0102));
        }));
    }

    [Fact]
    public void A_frame_begins_with_the_size_of_what_follows()
    {
        Assert.Equal("AA" + "00000003" + "010203", Hex.Written(false, writer =>
        {
            writer.WriteRaw([0xAA]);
            var frame = writer.BeginFrame();
            writer.WriteRaw([1, 2, 3]);
            writer.EndFrame(frame);
        }));
    }

    [Fact]
    public void The_buffer_grows_and_can_be_used_again()
    {
        using var writer = new KafkaWriter(1);
        for (var i = 0; i < 100_000; i++)
        {
            writer.WriteInt32(i);
        }

        Assert.Equal(400_000, writer.WrittenCount);
        Assert.Equal("0001869F", Hex.Text(writer.WrittenSpan[^4..]));

        writer.Reset();
        writer.WriteInt8(1);
        Assert.Equal("01", Hex.Text(writer.WrittenMemory.Span));
    }
}
