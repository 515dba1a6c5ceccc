using System.Text;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

public sealed class BrokerConnectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_older_broker_is_asked_again_in_the_version_it_knows(bool namesItsRange)
    {
        await using var broker = new FakeBroker();
        broker.On(ApiKey.ApiVersions, (request, stop) => request.Header.ApiVersion > (namesItsRange ? 3 : 0)
            ? request.RespondInVersionAsync(new ApiVersionsResponse(ErrorCode.UnsupportedVersion, namesItsRange ? [new(ApiKey.ApiVersions, 0, 3)] : []), 0, stop)
            : request.RespondAsync(FakeBroker.Versions(), stop));
        await using var network = Peers.Network(broker.Endpoint);

        await Peers.AskAsync(network, Cancel);

        Assert.Equal([4, (short)(namesItsRange ? 3 : 0)], broker.Requests.Where(header => header.ApiKey == ApiKey.ApiVersions).Select(header => header.ApiVersion));
        Assert.Equal(1, broker.Connections);
    }

    [Fact]
    public async Task The_highest_common_version_is_used_and_a_missing_api_is_named()
    {
        await using var broker = new FakeBroker();
        broker.Answer(ApiKey.ApiVersions, FakeBroker.Versions(new(ApiKey.Metadata, 0, 11), new(ApiKey.DescribeQuorum, 3, 9)));
        await using var network = Peers.Network(broker.Endpoint);

        await Peers.AskAsync(network, Cancel);
        var error = await Assert.ThrowsAsync<UnsupportedByBrokerException>(
            () => network.SendToAnyAsync(DescribeQuorumRequest.OfClusterMetadata, RequestLane.Look, Cancel));

        Assert.Equal(11, broker.Requests.Single(header => header.ApiKey == ApiKey.Metadata).ApiVersion);
        Assert.Contains("only in v3 to v9; v0 to v2 is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_without_a_usable_Metadata_is_too_old()
    {
        await using var broker = new FakeBroker();
        broker.Answer(ApiKey.ApiVersions, FakeBroker.Versions(new ApiVersionsResponse.ApiVersion(ApiKey.Metadata, 0, 8)));
        await using var network = Peers.Network(broker.Endpoint);

        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));

        Assert.Equal(KafkaConnectionFailure.BrokerTooOld, error.Kind);
        Assert.Contains("v0 to v8, v9 (Kafka 2.4) or newer is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_correlation_id_ends_the_connection_and_the_next_request_gets_a_new_one()
    {
        await using var broker = new FakeBroker();
        broker.InTurn(
            ApiKey.Metadata,
            (request, stop) => request.RespondWithCorrelationIdAsync(broker.Metadata(), request.Header.CorrelationId + 1, stop),
            (request, stop) => request.RespondAsync(broker.Metadata(), stop));
        await using var network = Peers.Network(broker.Endpoint);

        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));
        await Peers.AskAsync(network, Cancel);

        Assert.Equal(KafkaConnectionFailure.ProtocolError, error.Kind);
        Assert.True(error.OutcomeUnknown);
        Assert.Equal(2, broker.Connections);
    }

    [Fact]
    public async Task An_answer_nobody_asked_for_ends_the_connection()
    {
        await using var broker = new FakeBroker();
        broker.On(ApiKey.Metadata, async (request, stop) =>
        {
            await request.RespondAsync(broker.Metadata(), stop);
            await request.RespondAsync(broker.Metadata(), stop);
        });
        await using var network = Peers.Network(broker.Endpoint);
        var lost = NextChange(network, BrokerConnectionChange.Lost);

        await Peers.AskAsync(network, Cancel);

        Assert.Equal(KafkaConnectionFailure.ProtocolError, (await lost).Failure!.Kind);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(20)]
    public async Task An_answer_cut_off_is_a_lost_connection(int bytes)
    {
        await using var broker = new FakeBroker();
        broker.On(ApiKey.Metadata, (request, stop) => request.CutAfterAsync(broker.Metadata(), bytes, stop));
        await using var network = Peers.Network(broker.Endpoint);

        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));

        Assert.Equal(KafkaConnectionFailure.ClosedByBroker, error.Kind);
        Assert.True(error.IsRetriable);
        Assert.Contains(FormattableString.Invariant($"after {(bytes < 4 ? bytes : bytes - 4)} of the "), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_answer_end_the_connection()
    {
        await using var broker = new FakeBroker();
        broker.On(ApiKey.Metadata, (request, stop) =>
        {
            var frame = request.Frame(broker.Metadata(), request.Header.CorrelationId, request.Header.ApiVersion);
            frame.AsSpan(9).Fill(0xFF);
            return request.SendAsync(frame, stop);
        });
        await using var network = Peers.Network(broker.Endpoint);

        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));

        Assert.Equal(KafkaConnectionFailure.ProtocolError, error.Kind);
        Assert.Contains("answer to Metadata v13", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", KafkaConnectionFailure.SpeaksHttp)]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0050", KafkaConnectionFailure.SpeaksTls)]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n", KafkaConnectionFailure.ProtocolError)]
    [InlineData("", KafkaConnectionFailure.ClosedByBroker)]
    public async Task What_is_not_Kafka_is_recognized(string greeting, KafkaConnectionFailure expected)
    {
        await using var peer = new FakeBroker(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[10], stop);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(greeting), stop);
        });
        await using var network = Peers.Network(peer.Endpoint);

        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));

        Assert.Equal(expected, error.Kind);
        Assert.Contains(peer.Endpoint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_refused_and_an_unknown_name_is_a_dns_failure()
    {
        using var closed = LoopbackPorts.Refusing(out var port);
        await using var nobody = Peers.Network($"127.0.0.1:{port}");
        // Where no name server answers, the system needs its 10 s and more to say so.
        await using var nowhere = Peers.Network("no-such-host.invalid:9092", change: settings => settings with { ConnectTimeout = TimeSpan.FromMinutes(2) });

        Assert.Equal(KafkaConnectionFailure.Refused, (await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(nobody, Cancel))).Kind);
        Assert.Equal(KafkaConnectionFailure.DnsFailed, (await Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(nowhere, Cancel))).Kind);
    }

    [Fact]
    public async Task A_silent_peer_is_given_up_at_the_connect_timeout_and_the_message_says_in_which_step()
    {
        var time = new FakeTime();
        var asked = new TaskCompletionSource();
        await using var peer = new FakeBroker(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[10], stop);
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, stop);
        });
        await using var network = Peers.Network(peer.Endpoint, time);

        var asking = Peers.AskAsync(network, Cancel);
        await asked.Task;
        time.Advance(network.Settings.ConnectTimeout);
        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => asking);

        Assert.Equal(KafkaConnectionFailure.TimedOut, error.Kind);
        Assert.Contains("asking for its API versions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_request_never_leaves_its_answer_to_the_next_one()
    {
        var arrived = new TaskCompletionSource();
        await using var broker = new FakeBroker();
        broker.InTurn(
            ApiKey.Metadata,
            (_, stop) =>
            {
                arrived.SetResult();
                return Task.Delay(Timeout.Infinite, stop);
            },
            (request, stop) => request.RespondAsync(broker.Metadata(), stop));
        await using var network = Peers.Network(broker.Endpoint);
        using var impatient = new CancellationTokenSource();

        var first = Peers.AskAsync(network, impatient.Token);
        await arrived.Task;
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal("fake-cluster", (await Peers.AskAsync(network, Cancel)).ClusterId);
        Assert.Equal(2, broker.Connections);
    }

    [Fact]
    public async Task A_request_without_answer_times_out_with_unknown_outcome_and_is_reported()
    {
        var time = new FakeTime();
        var arrived = new TaskCompletionSource();
        await using var broker = new FakeBroker();
        broker.On(ApiKey.Metadata, (_, stop) =>
        {
            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, stop);
        });
        await using var network = Peers.Network(broker.Endpoint, time);
        var reported = NextChange(network, BrokerConnectionChange.RequestTimedOut);

        var asking = Peers.AskAsync(network, Cancel);
        await arrived.Task;
        time.Advance(network.Settings.RequestTimeout);
        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => asking);

        Assert.Equal((KafkaConnectionFailure.TimedOut, true), (error.Kind, error.OutcomeUnknown));
        Assert.Same(error, (await reported).Failure);
    }

    [Fact]
    public async Task Concurrent_requests_share_one_connection_and_each_gets_its_own_answer()
    {
        await using var broker = new FakeBroker();
        broker.On(ApiKey.Metadata, (request, stop) =>
            request.RespondAsync(broker.Metadata([.. request.Read<MetadataRequest>().Topics!.Select(topic => new MetadataResponse.Topic(ErrorCode.None, topic.Name, Guid.Empty, false, [], 0))]), stop));
        await using var network = Peers.Network(broker.Endpoint);

        var names = await Task.WhenAll(Enumerable.Range(0, 50).Select(async index =>
            (await network.SendToAnyAsync(new MetadataRequest([new MetadataRequest.Topic($"t{index}")]), RequestLane.Look, Cancel)).Topics[0].Name));

        Assert.Equal(Enumerable.Range(0, 50).Select(index => $"t{index}"), names);
        Assert.Equal(1, broker.Connections);
        Assert.True(network.Counters.Requests >= 51 && network.Counters.BytesReceived > 1_000 && network.Counters.BytesSent > 1_000);
    }

    internal static Task<BrokerConnectionEvent> NextChange(KafkaNetwork network, BrokerConnectionChange wanted)
    {
        var seen = new TaskCompletionSource<BrokerConnectionEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        network.ConnectionChanged += change =>
        {
            if (change.Change == wanted)
            {
                seen.TrySetResult(change);
            }
        };
        return seen.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
    }
}
