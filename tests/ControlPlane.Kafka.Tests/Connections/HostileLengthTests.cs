using System.Buffers.Binary;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

/// <summary>What a peer's announced lengths cost us. Allocation is counted for the whole process, so nothing else may run meanwhile.</summary>
[Collection(nameof(HostileLengthTests))]
[CollectionDefinition(nameof(HostileLengthTests), DisableParallelization = true)]
public sealed class HostileLengthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(int.MaxValue, KafkaConnectionFailure.FrameTooLarge)]
    [InlineData(10_000_001, KafkaConnectionFailure.FrameTooLarge)]
    [InlineData(-5, KafkaConnectionFailure.ProtocolError)]
    [InlineData(3, KafkaConnectionFailure.ProtocolError)]
    public async Task A_length_that_can_not_be_is_refused_before_anything_is_allocated(int length, KafkaConnectionFailure expected)
    {
        await using var broker = new FakeBroker();
        broker.On(ApiKey.Metadata, (request, stop) =>
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt32BigEndian(bytes, length);
            return request.SendAsync(bytes, stop);
        });
        await using var network = Peers.Network(broker.Endpoint, change: settings => settings with { MaxResponseBytes = 10_000_000 });
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));

        Assert.Equal(expected, error.Kind);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 8_000_000);
    }

    [Fact]
    public async Task A_peer_that_announces_much_and_sends_little_costs_little()
    {
        var time = new FakeTime();
        var held = new TaskCompletionSource();
        await using var broker = new FakeBroker();
        broker.On(ApiKey.Metadata, async (request, stop) =>
        {
            var bytes = new byte[1_000];
            BinaryPrimitives.WriteInt32BigEndian(bytes, 100_000_000);
            await request.SendAsync(bytes, stop);
            held.SetResult();
        });
        await using var network = Peers.Network(broker.Endpoint, time);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var asking = Peers.AskAsync(network, Cancel);
        await held.Task;
        time.Advance(network.Settings.RequestTimeout);
        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => asking);

        Assert.Equal(KafkaConnectionFailure.TimedOut, error.Kind);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 8_000_000);
    }
}
