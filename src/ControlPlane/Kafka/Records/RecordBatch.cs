namespace ControlPlane.Kafka.Records;

/// <summary>What stands in front of the records of one batch (KIP-98), without its bytes.</summary>
public readonly record struct RecordBatch
{
    /// <summary>Producer id of records that no idempotent producer wrote.</summary>
    public const long NoProducerId = -1;

    private const int CompressionMask = 0x07;
    private const int AppendTimeFlag = 0x08;
    private const int TransactionalFlag = 0x10;
    private const int ControlFlag = 0x20;

    public long BaseOffset { get; init; }

    /// <summary>Of the last record that the batch was written with; compaction may have taken it since.</summary>
    public long LastOffset { get; init; }

    public byte Magic { get; init; }

    public short Attributes { get; init; }

    public long BaseTimestamp { get; init; }

    public long MaxTimestamp { get; init; }

    public long ProducerId { get; init; }

    public short ProducerEpoch { get; init; }

    /// <summary>The term of the leader that took the batch; logs that agree on it agree on all before it (KIP-101).</summary>
    public int LeaderEpoch { get; init; }

    /// <summary>As announced; what is really there can be less.</summary>
    public int RecordCount { get; init; }

    public RecordCompression Compression => (RecordCompression)(Attributes & CompressionMask);

    /// <summary>All records carry <see cref="MaxTimestamp"/>, the time at which the broker appended them.</summary>
    public bool HasAppendTime => (Attributes & AppendTimeFlag) != 0;

    public bool IsTransactional => (Attributes & TransactionalFlag) != 0;

    /// <summary>Holds a marker of a transaction's end instead of records.</summary>
    public bool IsControl => (Attributes & ControlFlag) != 0;
}

/// <summary>How the records of a batch are packed; the numbers are those of the batch's attributes.</summary>
public enum RecordCompression
{
    None = 0,
    Gzip = 1,
    Snappy = 2,
    Lz4 = 3,
    Zstd = 4,
}

/// <summary>One record; its bytes are valid only while it is being handed over.</summary>
public readonly ref struct KafkaRecord
{
    public required long Offset { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long Timestamp { get; init; }

    public required ReadOnlySpan<byte> Key { get; init; }

    public required ReadOnlySpan<byte> Value { get; init; }

    /// <summary>A null key, which is not an empty one.</summary>
    public bool HasNoKey { get; init; }

    /// <summary>A null value: the key is deleted.</summary>
    public bool IsTombstone { get; init; }
}

/// <summary>Takes records and markers in the order of the log. Called on the thread that reads; must not keep the bytes.</summary>
public interface IRecordVisitor
{
    void Take(in RecordBatch batch, scoped in KafkaRecord record);

    /// <summary>All open records of this producer in this partition count now, or never will.</summary>
    void EndTransaction(long producerId, bool isCommit, long offset);
}

/// <summary>What became of one batch.</summary>
public enum BatchOutcome
{
    /// <summary>Every record was handed over.</summary>
    Read,

    /// <summary>The checksum (CRC-32C; CRC-32 before version 2) does not hold.</summary>
    WrongChecksum,

    /// <summary>Its header or records can't be; those before the place were handed over.</summary>
    Malformed,

    /// <summary>A message format that is not 0, 1 or 2.</summary>
    UnknownFormat,

    /// <summary>Packed in a way that we can't unpack.</summary>
    UnknownCompression,

    /// <summary>Unpacked it would be larger than we accept.</summary>
    TooLarge,
}
