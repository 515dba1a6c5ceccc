using System.Buffers.Binary;

namespace ControlPlane.Kafka.Records;

/// <summary>
/// Walks over the batches that a fetch brought. Never throws, whatever the bytes: each batch has an outcome, and a batch
/// that can't be read does not hide the next.
/// </summary>
public ref struct RecordBatchReader(ReadOnlySpan<byte> bytes, RecordLimits limits)
{
    /// <summary>Base offset and length, the only fields that every format has in the same place and no checksum covers.</summary>
    private const int PrefixSize = sizeof(long) + sizeof(int);
    private const int MagicAt = 16;
    private const int ChecksumAt = 17;
    private const int AttributesAt = 21;
    private const int HeaderSize = 61;
    private const int LikelyRecords = 1_000_000;
    private const int SmallestOld = 14; // checksum, magic, attributes, two lengths

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Of the batch that <see cref="Next"/> moved to; only base and last offset where it can't be read.</summary>
    public RecordBatch Current { get; private set; }

    /// <summary>Bytes are left that are no whole batch: it comes with the next fetch.</summary>
    public bool WasCutOff { get; private set; }

    /// <summary>
    /// Hands the next batch's records from <paramref name="fromOffset"/> on to the visitor. False: there is no further batch,
    /// or only the beginning of one, which <see cref="WasCutOff"/> tells.
    /// </summary>
    public bool Next<TVisitor>(long fromOffset, ref TVisitor visitor, out BatchOutcome outcome)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        outcome = BatchOutcome.Read;
        var left = _bytes[_at..];
        if (left.Length < PrefixSize)
        {
            WasCutOff = !left.IsEmpty;
            return false;
        }

        var baseOffset = BinaryPrimitives.ReadInt64BigEndian(left);
        var length = BinaryPrimitives.ReadInt32BigEndian(left[sizeof(long)..]);
        if (length < SmallestOld || baseOffset < 0)
        {
            // Where this batch ends is not known, so neither is where the next begins.
            Current = new RecordBatch { BaseOffset = fromOffset, LastOffset = fromOffset };
            _at = _bytes.Length;
            outcome = BatchOutcome.Malformed;
            return true;
        }

        if (length > left.Length - PrefixSize)
        {
            WasCutOff = true;
            return false;
        }

        var batch = left[..(PrefixSize + length)];
        _at += batch.Length;
        Current = new RecordBatch { BaseOffset = baseOffset, LastOffset = baseOffset };
        outcome = batch[MagicAt] switch
        {
            2 => Read(batch, fromOffset, ref visitor),
            0 or 1 => ReadOld(batch, fromOffset, ref visitor),
            _ => BatchOutcome.UnknownFormat,
        };
        return true;
    }

    private static RecordBatch Header(ReadOnlySpan<byte> batch)
    {
        var baseOffset = BinaryPrimitives.ReadInt64BigEndian(batch);
        return new RecordBatch
        {
            BaseOffset = baseOffset,
            LeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(batch[PrefixSize..]),
            Magic = batch[MagicAt],
            Attributes = BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]),
            LastOffset = baseOffset + BinaryPrimitives.ReadInt32BigEndian(batch[23..]),
            BaseTimestamp = BinaryPrimitives.ReadInt64BigEndian(batch[27..]),
            MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(batch[35..]),
            ProducerId = BinaryPrimitives.ReadInt64BigEndian(batch[43..]),
            ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(batch[51..]),
            RecordCount = BinaryPrimitives.ReadInt32BigEndian(batch[57..]),
        };
    }

    private BatchOutcome Read<TVisitor>(ReadOnlySpan<byte> batch, long fromOffset, ref TVisitor visitor)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        if (batch.Length < HeaderSize)
        {
            return BatchOutcome.Malformed;
        }

        var header = Header(batch);
        if (Crc32C.Of(batch[AttributesAt..]) != BinaryPrimitives.ReadUInt32BigEndian(batch[ChecksumAt..]))
        {
            // Perhaps this field is what is wrong; a small step is the best guess of where the next batch begins.
            var isLikely = header.LastOffset - header.BaseOffset is >= 0 and <= LikelyRecords;
            Current = new RecordBatch { BaseOffset = header.BaseOffset, LastOffset = isLikely ? header.LastOffset : header.BaseOffset };
            return BatchOutcome.WrongChecksum;
        }

        if (header.LastOffset < header.BaseOffset || header.RecordCount < 0)
        {
            return BatchOutcome.Malformed;
        }

        Current = header;
        var payload = batch[HeaderSize..];
        if (header.Compression == RecordCompression.None)
        {
            return RecordReader.Read(header, payload, fromOffset, ref visitor);
        }

        var outcome = Decompression.TryUnpack(header.Compression, payload, limits.MaxUnpackedBytes, out var unpacked);
        using (unpacked)
        {
            return outcome == BatchOutcome.Read ? RecordReader.Read(header, unpacked.Bytes, fromOffset, ref visitor) : outcome;
        }
    }

    private BatchOutcome ReadOld<TVisitor>(ReadOnlySpan<byte> message, long fromOffset, ref TVisitor visitor)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        var outcome = OldMessage.Read(message, fromOffset, limits, ref visitor, out var batch);
        Current = batch;
        return outcome;
    }
}

/// <summary>How much of a peer's bytes is believed.</summary>
public readonly record struct RecordLimits(int MaxUnpackedBytes)
{
    /// <summary>Far above what brokers accept (message.max.bytes, 1 MB by default), even well compressed.</summary>
    public static RecordLimits Default { get; } = new(64 * 1024 * 1024);
}
