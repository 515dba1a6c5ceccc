using System.Buffers.Binary;
using System.Globalization;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Records;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>Following what a real broker packed: it writes its own records with the codec that offsets.topic.compression.codec names.</summary>
public sealed class CompressedOffsetsTests
{
    private const string Setting = "offsets.topic.compression.codec";
    private const string Topic = "orders";

    /// <summary>In one commit: batches large enough for what codecs do with repetitions.</summary>
    private const int Partitions = 60;

    private static readonly RecordCompression[] Codecs = [RecordCompression.Gzip, RecordCompression.Snappy, RecordCompression.Lz4, RecordCompression.Zstd];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commits_are_read_whichever_codec_the_broker_packs_them_with()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions
        {
            DedicatedController = false,
            SessionTimeout = TimeSpan.FromMinutes(1),
            BrokerConfig = new Dictionary<string, string> { [Setting] = CodeOf(Codecs[0]) },
        });
        var settings = new KafkaConnectionSettings { BootstrapServers = kafka.BootstrapServers.Split(',') };
        using var users = new RealKafkaClient(kafka.BootstrapServers);
        await users.CreateTopicAsync(Topic, Partitions, 1);
        await using var followed = new FollowedCluster(settings);
        foreach (var codec in Codecs)
        {
            if (codec != Codecs[0])
            {
                kafka.Broker(1).Configure(Setting, CodeOf(codec));
                await kafka.Broker(1).RestartAsync(Token);
            }

            users.Commit($"{codec}", [.. Enumerable.Range(0, Partitions).Select(partition => (Topic, partition, OffsetOf(codec, partition)))]);
            await followed.UntilAsync(
                () => followed.Book.OffsetsOf($"{codec}") is var seen && seen.Count == Partitions && seen.All(pair => pair.Value == OffsetOf(codec, pair.Key.Partition)),
                $"all commits in {codec}");
            Assert.Contains(codec, CodecsOnDisk(kafka.Broker(1)));
        }

        await using var late = new FollowedCluster(settings);
        await late.UntilAsync(() => late.Tail.Status.IsCaughtUp, "caught up");
        await late.AgreesAsync([.. Codecs.Select(codec => $"{codec}")]);
        Assert.Equal(Codecs.Length * Partitions, late.Book.Offsets.Count);
        Assert.Equal(0, late.Tail.PartitionCounters.Concat(followed.Tail.PartitionCounters).Sum(one => one.Records.Skipped + one.Batches.PassedOver));
    }

    private static string CodeOf(RecordCompression codec) => ((int)codec).ToString(CultureInfo.InvariantCulture);

    private static long OffsetOf(RecordCompression codec, int partition) => ((long)codec * 1_000_000) + (partition * partition);

    /// <summary>From the headers of the batches in the log's own files: three bits of the attributes.</summary>
    private static HashSet<RecordCompression> CodecsOnDisk(RealKafkaNode broker)
    {
        var codecs = new HashSet<RecordCompression>();
        foreach (var file in broker.LogDirs.SelectMany(dir => Directory.EnumerateFiles(dir, "*.log", SearchOption.AllDirectories)).Where(path => path.Contains("__consumer_offsets-", StringComparison.Ordinal)))
        {
            var bytes = File.ReadAllBytes(file);
            for (var at = 0; at + 61 <= bytes.Length && BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 8)) is var length and > 0; at += 12 + length)
            {
                codecs.Add((RecordCompression)(bytes[at + 22] & 7));
            }
        }

        return codecs;
    }
}
