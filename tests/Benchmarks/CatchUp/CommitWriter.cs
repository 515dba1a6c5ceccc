using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace ControlPlane.Benchmarks.CatchUp;

/// <summary>
/// Writes commit records into __consumer_offsets of a real broker, as its coordinator would: 50,000 groups with 20 partitions each commit one
/// after the other, over and over. A broker takes produce requests to its own topics from the client id of its admin tools only.
/// </summary>
internal static class CommitWriter
{
    public const int Groups = 50_000;
    public const int PartitionsEach = 20;
    public const int Topics = 20;
    public const int OffsetsPartitions = 50;
    public const long FirstOffset = 1_000;
    public const string OffsetsTopic = "__consumer_offsets";

    public static string TopicOf(int group) => string.Create(CultureInfo.InvariantCulture, $"payments.orders.v{group % Topics}");

    /// <summary>Returns how many records were written: the last round may be a part.</summary>
    public static long Write(string bootstrapServers, long records, CancellationToken cancellationToken)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            ClientId = "__admin_client",
            Acks = Acks.Leader,
            LingerMs = 50,
            BatchSize = 512 * 1024,
            BatchNumMessages = 20_000,
            QueueBufferingMaxMessages = 2_000_000,
            QueueBufferingMaxKbytes = 512 * 1024,
            EnableDeliveryReports = false,
        };
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        var keys = Keys();
        var places = Enumerable.Range(0, Groups).Select(group => new TopicPartition(OffsetsTopic, PlaceOf(Name(group)))).ToArray();
        var written = 0L;
        for (var round = 0; written < records; round++)
        {
            var value = Value(FirstOffset + round);
            for (var group = 0; group < Groups && written < records; group++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var partition = 0; partition < PartitionsEach && written < records; partition++, written++)
                {
                    Send(producer, places[group], new Message<byte[], byte[]> { Key = keys[(group * PartitionsEach) + partition], Value = value });
                }
            }
        }

        producer.Flush(cancellationToken);
        return written;
    }

    private static void Send(IProducer<byte[], byte[]> producer, TopicPartition place, Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(place, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> ex) when (ex.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(100)); // the broker is slower than we are
            }
        }
    }

    /// <summary>The group whose commits stand last in each partition.</summary>
    public static IReadOnlyList<string> LastGroups() =>
        [.. Enumerable.Range(0, Groups).GroupBy(group => PlaceOf(Name(group))).Select(place => Name(place.Max()))];

    /// <summary>What every partition of every group has committed after so many records.</summary>
    public static long LastOffset(long records) => FirstOffset + (records / (Groups * PartitionsEach)) - 1;

    private static string Name(int group) => string.Create(CultureInfo.InvariantCulture, $"payments-consumer-{group:D6}");

    private static byte[][] Keys()
    {
        var keys = new byte[Groups * PartitionsEach][];
        for (var group = 0; group < Groups; group++)
        {
            byte[] start = [0, 1, .. Text(Name(group)), .. Text(TopicOf(group))];
            for (var partition = 0; partition < PartitionsEach; partition++)
            {
                var key = new byte[start.Length + sizeof(int)];
                start.CopyTo(key, 0);
                BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(start.Length), partition);
                keys[(group * PartitionsEach) + partition] = key;
            }
        }

        return keys;
    }

    /// <summary>Version 3: offset, leader epoch, no metadata, time.</summary>
    private static byte[] Value(long offset)
    {
        var value = new byte[24];
        value[1] = 3;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(2), offset);
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(16), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        return value;
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    /// <summary>Java's hash of a string, without its sign, by the number of partitions.</summary>
    private static int PlaceOf(string group)
    {
        var hash = 0;
        foreach (var letter in group)
        {
            hash = unchecked((31 * hash) + letter);
        }

        return (hash & int.MaxValue) % OffsetsPartitions;
    }
}
