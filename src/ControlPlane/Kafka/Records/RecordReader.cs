using System.Buffers.Binary;

namespace ControlPlane.Kafka.Records;

/// <summary>The records of one unpacked batch of format 2: zig-zag varints throughout.</summary>
internal static class RecordReader
{
    private const short CommitMarker = 1;
    private const short AbortMarker = 0;
    private const int MarkerKeySize = 4; // version and type

    public static BatchOutcome Read<TVisitor>(in RecordBatch batch, ReadOnlySpan<byte> bytes, long fromOffset, ref TVisitor visitor)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        var cursor = new VarintCursor(bytes);
        for (var i = 0; i < batch.RecordCount; i++)
        {
            if (!cursor.TryLength(out var length) || length < 0 || !cursor.TryTake(length, out var body)
                || !TryRecord(batch, body, out var record))
            {
                return BatchOutcome.Malformed;
            }

            if (record.Offset >= fromOffset)
            {
                Hand(batch, record, ref visitor);
            }
        }

        return BatchOutcome.Read;
    }

    private static void Hand<TVisitor>(in RecordBatch batch, scoped in KafkaRecord record, ref TVisitor visitor)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        if (!batch.IsControl)
        {
            visitor.Take(batch, record);
            return;
        }

        if (record.Key.Length >= MarkerKeySize)
        {
            var type = BinaryPrimitives.ReadInt16BigEndian(record.Key[sizeof(short)..]);
            if (type is CommitMarker or AbortMarker) // others are of the quorum's own log
            {
                visitor.EndTransaction(batch.ProducerId, type == CommitMarker, record.Offset);
            }
        }
    }

    private static bool TryRecord(scoped in RecordBatch batch, ReadOnlySpan<byte> body, out KafkaRecord record)
    {
        var cursor = new VarintCursor(body);
        record = default;
        if (!cursor.TryTake(1, out _) || !cursor.TryVarlong(out var timestampDelta) || !cursor.TryLength(out var offsetDelta) || offsetDelta < 0
            || !cursor.TryBytes(out var key, out var hasNoKey) || !cursor.TryBytes(out var value, out var isTombstone))
        {
            return false;
        }

        // Headers follow; nobody here needs them, and the record's own length leads past them.
        record = new KafkaRecord
        {
            Offset = batch.BaseOffset + offsetDelta,
            Timestamp = batch.HasAppendTime ? batch.MaxTimestamp : batch.BaseTimestamp + timestampDelta,
            Key = key,
            HasNoKey = hasNoKey,
            Value = value,
            IsTombstone = isTombstone,
        };
        return true;
    }
}
