using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

public sealed class KafkaNetworkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_loss_of_an_idle_connection_is_reported_at_once_with_the_brokers_id()
    {
        await using var broker = new FakeBroker { NodeId = 7 };
        await using var network = Peers.Network(broker.Endpoint);
        await Peers.LearnAsync(network, broker, Cancel);
        var lost = BrokerConnectionTests.NextChange(network, BrokerConnectionChange.Lost);

        broker.DropConnections();

        Assert.Equal(7, (await lost).Node.Id);
    }

    [Fact]
    public async Task A_connection_that_ended_while_idle_is_replaced_without_a_word()
    {
        await using var broker = new FakeBroker();
        await using var network = Peers.Network(broker.Endpoint);
        await Peers.AskAsync(network, Cancel);
        var lost = BrokerConnectionTests.NextChange(network, BrokerConnectionChange.Lost);
        broker.DropConnections();
        await lost;

        await Peers.AskAsync(network, Cancel);

        Assert.Equal(2, broker.Connections);
    }

    [Fact]
    public async Task Lanes_do_not_wait_for_each_other()
    {
        var release = new TaskCompletionSource();
        await using var broker = new FakeBroker();
        broker.On(ApiKey.DescribeLogDirs, async (request, stop) =>
        {
            await release.Task.WaitAsync(stop);
            await request.RespondAsync(new DescribeLogDirsResponse(0, ErrorCode.None, []), stop);
        });
        await using var network = Peers.Network(broker.Endpoint);
        await Peers.LearnAsync(network, broker, Cancel);

        var slow = network.SendToBrokerAsync(1, new DescribeLogDirsRequest([]), RequestLane.Bulk, Cancel);
        await network.SendToBrokerAsync(1, new MetadataRequest([]), RequestLane.Look, Cancel);

        Assert.False(slow.IsCompleted);
        release.SetResult();
        await slow;
    }

    [Fact]
    public async Task A_failing_broker_is_left_alone_for_longer_and_longer()
    {
        var time = new FakeTime();
        using var closed = LoopbackPorts.Refusing(out var port);
        await using var network = Peers.Network($"127.0.0.1:{port}", time);
        var attempts = 0;
        network.ConnectionChanged += _ => attempts++;

        var first = await FailAsync(network);
        var meanwhile = await FailAsync(network);
        Assert.Equal(1, attempts); // not even tried again
        Assert.Equal(KafkaConnectionFailure.Refused, meanwhile.Kind);
        time.Advance(TimeSpan.FromMilliseconds(130));
        var second = await FailAsync(network);

        Assert.Equal(2, attempts);
        Assert.InRange(first.RetryAfter!.Value.TotalMilliseconds, 80, 120);
        Assert.InRange(second.RetryAfter!.Value.TotalMilliseconds, 160, 240);
    }

    [Fact]
    public async Task When_no_known_broker_answers_the_bootstrap_servers_are_asked_again()
    {
        await using var bootstrap = new FakeBroker();
        var gone = new FakeBroker { NodeId = 2 };
        await using var network = Peers.Network(bootstrap.Endpoint);
        await Peers.LearnAsync(network, gone, Cancel);
        await gone.DisposeAsync();

        Assert.Equal("fake-cluster", (await Peers.AskAsync(network, Cancel)).ClusterId);
    }

    [Fact]
    public async Task An_unknown_broker_is_an_error_that_says_so()
    {
        await using var broker = new FakeBroker();
        await using var network = Peers.Network(broker.Endpoint);
        await Peers.LearnAsync(network, broker, Cancel);

        var error = await Assert.ThrowsAsync<KafkaException>(() => network.SendToBrokerAsync(99, new MetadataRequest([]), RequestLane.Look, Cancel));

        Assert.Equal(ErrorCode.BrokerNotAvailable, error.ErrorCode);
        Assert.Contains("Broker 99 has no known address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_renewed_by_a_fresh_connection_after_four_fifths_of_its_life()
    {
        var time = new FakeTime();
        await using var broker = new FakeBroker();
        broker.Answer(ApiKey.SaslHandshake, new SaslHandshakeResponse(ErrorCode.None, ["PLAIN"]));
        broker.Answer(ApiKey.SaslAuthenticate, new SaslAuthenticateResponse(ErrorCode.None, null, [], SessionLifetimeMs: 60_000));
        await using var network = Peers.Network(broker.Endpoint, time, WithPlain);
        var lost = 0;
        network.ConnectionChanged += change => lost += change.Change == BrokerConnectionChange.Lost ? 1 : 0;

        await Peers.AskAsync(network, Cancel);
        time.Advance(TimeSpan.FromSeconds(47));
        await Peers.AskAsync(network, Cancel);
        Assert.Equal(1, broker.Connections);
        time.Advance(TimeSpan.FromSeconds(2));
        await Peers.AskAsync(network, Cancel);

        Assert.Equal(2, broker.Connections);
        Assert.Equal(2, broker.Requests.Count(header => header.ApiKey == ApiKey.SaslAuthenticate));
        Assert.Equal(0, lost); // that was us, and no sign of death
    }

    [Fact]
    public async Task An_idle_connection_is_closed_before_the_broker_would()
    {
        var time = new FakeTime();
        await using var broker = new FakeBroker();
        await using var network = Peers.Network(broker.Endpoint, time);

        await Peers.AskAsync(network, Cancel);
        time.Advance(TimeSpan.FromMinutes(5));
        await Peers.AskAsync(network, Cancel);

        Assert.Equal(2, broker.Connections);
    }

    [Fact]
    public async Task A_wrong_password_is_not_tried_on_every_broker()
    {
        await using var first = new FakeBroker();
        await using var second = new FakeBroker { NodeId = 2 };
        foreach (var broker in (FakeBroker[])[first, second])
        {
            broker.Answer(ApiKey.SaslHandshake, new SaslHandshakeResponse(ErrorCode.None, ["PLAIN"]));
            broker.Answer(ApiKey.SaslAuthenticate, new SaslAuthenticateResponse(ErrorCode.SaslAuthenticationFailed, "Authentication failed: Invalid username or password", [], 0));
        }

        await using var network = Peers.Network($"{first.Endpoint},{second.Endpoint}", change: WithPlain);

        var error = await FailAsync(network);

        Assert.Equal(KafkaConnectionFailure.AuthenticationFailed, error.Kind);
        Assert.False(error.IsRetriable);
        Assert.Contains("Check user name and password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-pw", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, first.Connections + second.Connections);
    }

    [Fact]
    public async Task A_throttled_connection_holds_back_as_long_as_told()
    {
        var time = new FakeTime();
        await using var broker = new FakeBroker();
        broker.InTurn(
            ApiKey.Metadata,
            (request, stop) => request.RespondAsync(broker.Metadata() with { ThrottleTimeMs = 5_000 }, stop),
            (request, stop) => request.RespondAsync(broker.Metadata(), stop));
        await using var network = Peers.Network(broker.Endpoint, time);
        await Peers.AskAsync(network, Cancel);

        var held = Peers.AskAsync(network, Cancel);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(held.IsCompleted);
        Assert.Single(broker.Requests, header => header.ApiKey == ApiKey.Metadata);
        time.Advance(TimeSpan.FromSeconds(0.2));

        await held;
        Assert.Equal(TimeSpan.FromSeconds(5), network.Counters.Throttled);
    }

    private static KafkaConnectionSettings WithPlain(KafkaConnectionSettings settings) => settings with
    {
        SecurityProtocol = SecurityProtocol.SaslPlaintext,
        SaslMechanism = SaslMechanism.Plain,
        Username = "alice",
        Password = "s3cret-pw",
    };

    private static Task<KafkaConnectionException> FailAsync(KafkaNetwork network) =>
        Assert.ThrowsAsync<KafkaConnectionException>(() => Peers.AskAsync(network, Cancel));
}
