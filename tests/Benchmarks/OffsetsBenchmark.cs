using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ControlPlane.Connectivity;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;
using ControlPlane.Testing;

namespace ControlPlane.Benchmarks;

/// <summary>
/// Commits a second that one thread gets out of record batches as brokers write them: checksum, records, keys and values,
/// which of them count, handed to a listener that does nothing with them.
/// </summary>
internal static class OffsetsBenchmark
{
    private const int OffsetsPartitions = 50;
    private const int ChunkBytes = 2 * 1024 * 1024; // what a fetch brings of one partition

    public static IReadOnlyList<Figure> Run(int groups, int partitionsEach, double seconds)
    {
        var chunks = Chunks(groups, partitionsEach);
        var bytes = chunks.Sum(chunk => (long)chunk.Bytes.Length);
        var commits = groups * (long)partitionsEach;
        var listener = new Counting();
        var decodeOnly = Measure(chunks, seconds, _ => new DecodeOnly(), (only, chunk) =>
        {
            var decoder = new OffsetsRecordDecoder<DecodeOnly>(only, only.Records);
            RecordChunk.Read(chunk.Bytes, chunk.Offset, skipBroken: false, only.Batches, ref decoder);
            return only.Records.Decoded;
        });
        var before = Live();
        var partitions = new OffsetsPartition[OffsetsPartitions];
        var first = Stopclock.Start();
        var whole = Measure(
            chunks, seconds, partition => partitions[partition] = new OffsetsPartition(partition, listener), (one, chunk) =>
            {
                one.Take(chunk.Bytes, chunk.Offset, skipBroken: false);
                return one.Records.Decoded;
            });
        var memory = Live() - before;
        GC.KeepAlive(partitions);
        return
        [
            new($"log: {commits:N0} keys of {groups:N0} groups in {OffsetsPartitions} partitions, {bytes / 1048576.0:0} MB, a batch per commit request of {partitionsEach}", ""),
            new("batches and records decoded, one thread", $"{decodeOnly:N0} commits/s"),
            new("decoded, judged and handed over, one thread", $"{whole:N0} commits/s", "400,000"),
            new("managed memory of what is known of every key", $"{Report.Megabytes(memory)} ({memory / commits} bytes a key)"),
            new("handed over in the whole run", string.Create(CultureInfo.InvariantCulture, $"{listener.Count:N0} in {Report.Seconds(first.WallSince)}")),
        ];
    }

    /// <summary>Passes over the whole log, until the time is up; per second of CPU, as other processes may be busy.</summary>
    private static double Measure<T>(List<Chunk> chunks, double seconds, Func<int, T> make, Func<T, Chunk, long> take)
    {
        var takers = Enumerable.Range(0, OffsetsPartitions).Select(make).ToArray();
        Pass(); // the first one makes every key known, and the code compiled
        var before = Decoded();
        var clock = Stopclock.Start();
        do
        {
            Pass();
        }
        while (clock.WallSince.TotalSeconds < seconds);

        return (Decoded() - before) / clock.CpuSince.TotalSeconds;

        void Pass()
        {
            foreach (var chunk in chunks)
            {
                take(takers[chunk.Partition], chunk);
                chunk.MoveOn();
            }
        }

        long Decoded() => takers.Sum(one => take(one, Chunk.Empty));
    }

    private static List<Chunk> Chunks(int groups, int partitionsEach)
    {
        var chunks = new List<Chunk>();
        var open = Enumerable.Range(0, OffsetsPartitions).Select(_ => (Bytes: new List<byte>(), Offset: 0L)).ToArray();
        for (var group = 0; group < groups; group++)
        {
            var place = group % OffsetsPartitions;
            var batch = new BatchBuilder(open[place].Offset);
            for (var partition = 0; partition < partitionsEach; partition++)
            {
                batch.Add(Key($"payments-consumer-{group:D6}", $"payments.orders.v{group % 100}", partition), Value(1_000 + partition));
            }

            open[place].Bytes.AddRange(batch.Build());
            open[place].Offset += partitionsEach;
            if (open[place].Bytes.Count >= ChunkBytes)
            {
                Close(place);
            }
        }

        Enumerable.Range(0, OffsetsPartitions).ToList().ForEach(Close);
        foreach (var chunk in chunks)
        {
            chunk.Shift = open[chunk.Partition].Offset; // a pass later the same commits stand behind all of this one
        }

        return chunks;

        void Close(int place)
        {
            if (open[place].Bytes.Count > 0)
            {
                chunks.Add(new Chunk(place, [.. open[place].Bytes]));
                open[place].Bytes.Clear();
            }
        }
    }

    private static byte[] Key(string group, string topic, int partition)
    {
        var partitionBytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(partitionBytes, partition);
        return [0, 1, .. Text(group), .. Text(topic), .. partitionBytes];
    }

    /// <summary>Version 3: offset, leader epoch, no metadata, time.</summary>
    private static byte[] Value(long offset)
    {
        var value = new byte[24];
        value[1] = 3;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(2), offset);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(16), 1_800_000_000_000);
        return value;
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static long Live() => GC.GetTotalMemory(forceFullCollection: true);

    /// <summary>What one fetch brings of one partition.</summary>
    private sealed class Chunk(int partition, byte[] bytes)
    {
        public static Chunk Empty { get; } = new(0, []);

        public int Partition => partition;

        public byte[] Bytes => bytes;

        public long Offset { get; private set; }

        public long Shift { get; set; }

        /// <summary>The same commits once more, at later offsets: those are not part of the checksum.</summary>
        public void MoveOn()
        {
            for (var at = 0; at < bytes.Length; at += 12 + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 8)))
            {
                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(at), BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at)) + Shift);
            }
        }
    }

    private sealed class DecodeOnly : IOffsetsRecordVisitor
    {
        public OffsetsRecordCounters Records { get; } = new();

        public BatchCounters Batches { get; } = new();

        public void Commit(scoped in OffsetCommit commit, in RecordPlace place)
        {
            // only decoding is measured
        }

        public void Group(in GroupRecord record, in RecordPlace place)
        {
            // there are none
        }

        public void EndTransaction(long producerId, bool isCommit, long offset)
        {
            // there are none
        }
    }

    private sealed class Counting : IGroupEvents
    {
        public long Count { get; private set; }

        public void Committed(in OffsetCommitted commit) => Count++;

        public void Deleted(in OffsetDeleted offset) => throw new InvalidOperationException("nothing is deleted");

        public void Changed(GroupState group) => throw new InvalidOperationException("there are only offsets");

        public void GroupDeleted(string group) => throw new InvalidOperationException("nothing is deleted");

        public void Restarted() => throw new InvalidOperationException("nothing is lost");
    }
}
