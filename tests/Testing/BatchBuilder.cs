using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace ControlPlane.Testing;

/// <summary>Writes record batches of format 2 from Kafka's description of them, sharing no code with the product.</summary>
public sealed class BatchBuilder(long baseOffset, long baseTimestamp = 1_700_000_000_000)
{
    private readonly List<byte> _records = [];
    private int _count;
    private int _lastDelta;

    public long ProducerId { get; init; } = -1;

    public bool IsTransactional { get; init; }

    public bool IsControl { get; init; }

    public bool IsGzipped { get; init; }

    /// <summary>A batch that ends a transaction.</summary>
    public static byte[] Marker(long offset, long producerId, bool isCommit) =>
        new BatchBuilder(offset) { ProducerId = producerId, IsTransactional = true, IsControl = true }
            .Add([0, 0, 0, isCommit ? (byte)1 : (byte)0], [0, 0, 0, 0, 0, 0]).Build();

    public BatchBuilder Add(byte[]? key, byte[]? value, int? offsetDelta = null)
    {
        _lastDelta = offsetDelta ?? (_count == 0 ? 0 : _lastDelta + 1);
        var body = new List<byte> { 0 };
        Varint(body, _count); // milliseconds after the base
        Varint(body, _lastDelta);
        Block(body, key);
        Block(body, value);
        Varint(body, 0); // headers
        Varint(_records, body.Count);
        _records.AddRange(body);
        _count++;
        return this;
    }

    public byte[] Build()
    {
        byte[] payload = IsGzipped ? Gzip([.. _records]) : [.. _records];
        var batch = new byte[61 + payload.Length];
        var span = batch.AsSpan();
        BinaryPrimitives.WriteInt64BigEndian(span, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], batch.Length - 12);
        batch[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(span[21..], (short)((IsGzipped ? 1 : 0) | (IsTransactional ? 0x10 : 0) | (IsControl ? 0x20 : 0)));
        BinaryPrimitives.WriteInt32BigEndian(span[23..], _lastDelta);
        BinaryPrimitives.WriteInt64BigEndian(span[27..], baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(span[35..], baseTimestamp + Math.Max(0, _count - 1));
        BinaryPrimitives.WriteInt64BigEndian(span[43..], ProducerId);
        BinaryPrimitives.WriteInt32BigEndian(span[53..], -1);
        BinaryPrimitives.WriteInt32BigEndian(span[57..], _count);
        payload.CopyTo(batch, 61);
        Seal(batch);
        return batch;
    }

    /// <summary>Puts the checksum right after bytes were changed.</summary>
    public static void Seal(byte[] batch)
    {
        var crc = uint.MaxValue;
        foreach (var one in batch.AsSpan(21))
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), ~crc);
    }

    private static void Block(List<byte> to, byte[]? block)
    {
        Varint(to, block?.Length ?? -1);
        to.AddRange(block ?? []);
    }

    private static void Varint(List<byte> to, int value)
    {
        for (var raw = (uint)((value << 1) ^ (value >> 31)); ; raw >>= 7)
        {
            to.Add((byte)(raw < 0x80 ? raw : (raw & 0x7F) | 0x80));
            if (raw < 0x80)
            {
                return;
            }
        }
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
