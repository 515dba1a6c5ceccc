using ControlPlane.Kafka.Tail;
using ControlPlane.Kafka.Tests.Tail;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>Batches that librdkafka packed, fetched from real brokers of the oldest and the newest release.</summary>
public sealed class FetchingTests(SharedClusters clusters)
{
    private const int Count = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("4.3.1", "none")]
    [InlineData("4.3.1", "gzip")]
    [InlineData("4.3.1", "snappy")]
    [InlineData("4.3.1", "lz4")]
    [InlineData("3.3.2", "lz4")]
    public async Task Every_record_comes_in_order_however_it_is_packed(string version, string compression)
    {
        var kafka = version == "4.3.1" ? await clusters.NewestAsync() : await clusters.SingleAsync(version);
        await using var clients = new TestClients(kafka);
        var topic = TestClients.Unique("packed");
        await clients.CreateTopicAsync(topic, 1, 1);
        using var packer = new RealKafkaClient(new Dictionary<string, string> { ["bootstrap.servers"] = kafka.BootstrapServers, ["compression.type"] = compression, ["linger.ms"] = "50" });
        await packer.ProduceAsync(topic, 0, Count, bytesEach: 300);
        var sink = new NotedSink();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var running = new TopicTail(clients.Admin, new TopicTailOptions { Topic = topic }, _ => sink).RunAsync(stop.Token);
        for (var offset = 0; offset < Count; offset++)
        {
            Assert.Equal($"record {offset}", await sink.NextAsync(Cancel));
        }

        Assert.Equal("caught up", await sink.NextAsync(Cancel));
        Assert.Equal(0, sink.Batches.PassedOver);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
