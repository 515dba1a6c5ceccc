using System.Buffers.Binary;

namespace ControlPlane.Kafka.Records;

/// <summary>
/// Messages of the formats 0 and 1 (before 0.11, KIP-32): still in the segments of compacted topics that are older than
/// their brokers. A packed message holds others in its value.
/// </summary>
internal static class OldMessage
{
    private const int PrefixSize = 12; // offset, length
    private const int CompressionMask = 0x07;
    private const int AppendTimeFlag = 0x08;

    public static BatchOutcome Read<TVisitor>(
        ReadOnlySpan<byte> message, long fromOffset, RecordLimits limits, ref TVisitor visitor, out RecordBatch batch)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        var offset = BinaryPrimitives.ReadInt64BigEndian(message);
        var outcome = TryParse(message, offset, out batch, out var record);
        if (outcome != BatchOutcome.Read)
        {
            return outcome;
        }

        if (batch.Compression == RecordCompression.None)
        {
            Hand(batch, record, fromOffset, ref visitor);
            return BatchOutcome.Read;
        }

        outcome = Decompression.TryUnpack(batch.Compression, record.Value, limits.MaxUnpackedBytes, out var unpacked);
        using (unpacked)
        {
            return outcome == BatchOutcome.Read ? ReadInner(batch, unpacked.Bytes, fromOffset, ref visitor) : outcome;
        }
    }

    /// <summary>Format 1 counts the offsets inside from 0; the outer one is that of the last.</summary>
    private static BatchOutcome ReadInner<TVisitor>(in RecordBatch outer, ReadOnlySpan<byte> messages, long fromOffset, ref TVisitor visitor)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        var shift = 0L;
        if (outer.Magic == 1)
        {
            var cursor = messages;
            while (TryTake(ref cursor, out var one))
            {
                shift = outer.LastOffset - BinaryPrimitives.ReadInt64BigEndian(one);
            }
        }

        while (!messages.IsEmpty)
        {
            if (!TryTake(ref messages, out var one)
                || TryParse(one, BinaryPrimitives.ReadInt64BigEndian(one) + shift, out var inner, out var record) != BatchOutcome.Read
                || inner.Compression != RecordCompression.None)
            {
                return BatchOutcome.Malformed;
            }

            Hand(outer, record, fromOffset, ref visitor);
        }

        return BatchOutcome.Read;
    }

    private static void Hand<TVisitor>(in RecordBatch batch, scoped in KafkaRecord record, long fromOffset, ref TVisitor visitor)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        if (record.Offset >= fromOffset)
        {
            visitor.Take(batch, record);
        }
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> messages, out ReadOnlySpan<byte> one)
    {
        one = default;
        if (messages.Length < PrefixSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(messages[sizeof(long)..]);
        if (length < 0 || length > messages.Length - PrefixSize)
        {
            return false;
        }

        one = messages[..(PrefixSize + length)];
        messages = messages[one.Length..];
        return true;
    }

    private static BatchOutcome TryParse(ReadOnlySpan<byte> message, long offset, out RecordBatch batch, out KafkaRecord record)
    {
        batch = new RecordBatch { BaseOffset = offset, LastOffset = offset, ProducerId = RecordBatch.NoProducerId };
        record = default;
        var cursor = message[PrefixSize..];
        if (cursor.Length < 14)
        {
            return BatchOutcome.Malformed;
        }

        if (Crc32.Of(cursor[sizeof(uint)..]) != BinaryPrimitives.ReadUInt32BigEndian(cursor))
        {
            return BatchOutcome.WrongChecksum;
        }

        var (magic, attributes) = (cursor[4], cursor[5]);
        if (magic > 1)
        {
            return BatchOutcome.UnknownFormat;
        }

        cursor = cursor[6..];
        var timestamp = -1L;
        if (magic == 1)
        {
            if (cursor.Length < sizeof(long))
            {
                return BatchOutcome.Malformed;
            }

            timestamp = BinaryPrimitives.ReadInt64BigEndian(cursor);
            cursor = cursor[sizeof(long)..];
        }

        if (!TryBytes(ref cursor, out var key, out var hasNoKey) || !TryBytes(ref cursor, out var value, out var isTombstone))
        {
            return BatchOutcome.Malformed;
        }

        batch = batch with
        {
            Magic = magic,
            Attributes = (short)(attributes & (CompressionMask | AppendTimeFlag)),
            BaseTimestamp = timestamp,
            MaxTimestamp = timestamp,
            RecordCount = 1,
        };
        record = new KafkaRecord { Offset = offset, Timestamp = timestamp, Key = key, HasNoKey = hasNoKey, Value = value, IsTombstone = isTombstone };
        return BatchOutcome.Read;
    }

    private static bool TryBytes(scoped ref ReadOnlySpan<byte> cursor, out ReadOnlySpan<byte> bytes, out bool isNull)
    {
        bytes = default;
        isNull = false;
        if (cursor.Length < sizeof(int))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(cursor);
        cursor = cursor[sizeof(int)..];
        if (length < -1 || length > cursor.Length)
        {
            return false;
        }

        isNull = length < 0;
        if (!isNull)
        {
            bytes = cursor[..length];
            cursor = cursor[length..];
        }

        return true;
    }
}

/// <summary>The checksum of the formats before batches: that of Ethernet and zip.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320; // bits reversed

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = Table[(byte)(crc ^ one)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint Entry(int index)
    {
        var value = (uint)index;
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) == 0 ? value >> 1 : Polynomial ^ (value >> 1);
        }

        return value;
    }
}
