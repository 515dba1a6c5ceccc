using System.Buffers.Binary;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tail;
using ControlPlane.Kafka.Tests.Connections;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Tail;

/// <summary>What befalls a log that is followed, in the order in which its sink is told.</summary>
public sealed class TopicTailTests : IAsyncDisposable
{
    private readonly FakeLog _log = new();
    private readonly NotedSink _sink = new();
    private readonly CancellationTokenSource _stop = new();
    private KafkaNetwork? _network;
    private Task _running = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        await _log.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Records_come_in_order_and_the_end_at_the_start_is_when_it_has_caught_up()
    {
        (_log.Start, _log.End) = (3, 6);
        _log.Answer = offset => offset < 6 ? _log.Records(Batch(offset)) : null;

        Start();

        await ExpectAsync("record 3", "record 4", "record 5", "caught up");
    }

    [Fact]
    public async Task An_empty_log_is_caught_up_at_once()
    {
        var tail = Start();

        await ExpectAsync("caught up");
        Assert.True(tail.Status.IsCaughtUp);
    }

    [Fact]
    public async Task A_stored_position_is_where_it_goes_on()
    {
        _log.End = 9;
        _log.Answer = offset => offset < 9 ? _log.Records(Batch(offset)) : null;

        Start(position: 7);

        await ExpectAsync("record 7", "record 8", "caught up");
        Assert.DoesNotContain(_log.Fetches, fetch => fetch.Offset < 7);
    }

    [Theory]
    [InlineData(2)] // retention has passed it
    [InlineData(99)] // the log is not as long any more
    public async Task A_stored_position_that_is_gone_begins_anew(long position)
    {
        (_log.Start, _log.End) = (5, 6);
        _log.Answer = offset => offset < 6 ? _log.Records(Batch(offset)) : null;

        Start(position);

        await ExpectAsync("restart", "record 5", "caught up");
    }

    [Theory]
    [InlineData("99999999-4455-6677-8899-aabbccddeeff", false)]
    [InlineData("00112233-4455-6677-8899-aabbccddeeff", true)]
    [InlineData("00000000-0000-0000-0000-000000000000", true)] // not known then
    public async Task A_stored_position_of_another_topic_of_that_name_begins_anew(string of, bool goesOn)
    {
        _log.End = 3;
        _log.Answer = offset => offset < 3 ? _log.Records(Batch(offset)) : null;

        Start(position: 2, new Guid(of));

        await ExpectAsync(goesOn ? ["record 2", "caught up"] : ["restart", "record 0", "record 1", "record 2", "caught up"]);
    }

    [Fact]
    public async Task A_place_that_goes_on_the_way_begins_anew()
    {
        _log.End = 1;
        _log.Answer = offset => offset < 1 ? _log.Records(Batch(offset)) : _log.Records([], ErrorCode.OffsetOutOfRange);

        Start();

        await ExpectAsync("record 0", "caught up", "restart", "record 0", "caught up");
    }

    [Theory]
    [InlineData(4, 5L, true)] // of term 4 it kept 5 records; the others were lost to a leader that had not got them
    [InlineData(4, 7L, false)] // term 4 ended where we are: nothing is lost
    [InlineData(-1, 5L, false)] // not known then: it is taken as it is
    public async Task A_stored_position_that_another_leader_has_grown_over_begins_anew(int epoch, long endOfFour, bool isLost)
    {
        _log.End = 9;
        (_log.Epochs[0], _log.Epochs[4], _log.Epochs[6]) = (0, 2, endOfFour);
        _log.Answer = offset => offset < 9 ? _log.Records(Batch(offset, epoch: offset < endOfFour ? 4 : 6)) : null;

        var tail = Start(position: 7, epoch: epoch);

        await ExpectAsync(isLost ? ["restart", "record 0"] : ["record 7", "record 8", "caught up"]);
        Assert.Equal(isLost ? 1 : 0, tail.Counters.Restarts);
    }

    [Fact]
    public async Task A_log_that_loses_its_end_and_grows_beyond_our_place_while_we_read_begins_anew()
    {
        _log.End = 3;
        _log.Epochs[1] = 0;
        _log.Answer = offset => offset < _log.End ? _log.Records(Batch(offset, epoch: offset < 2 || _log.Leader == 1 ? 1 : 2)) : null;
        var tail = Start();
        await ExpectAsync("record 0", "record 1", "record 2", "caught up");

        _log.Epochs[2] = 2; // the other had two records, and took others since
        (_log.End, _log.Leader) = (5, 2);

        await ExpectAsync("restart", "record 0", "record 1", "record 2", "record 3", "record 4", "caught up");
        Assert.Equal(1, tail.Counters.Restarts);
    }

    [Fact]
    public async Task A_batch_that_is_passed_over_says_nothing_of_its_term()
    {
        _log.End = 3;
        (_log.Epochs[1], _log.Epochs[2]) = (0, 1);
        _log.Answer = offset => offset switch
        {
            0 => _log.Records(Batch(0, epoch: 1)),
            1 => _log.Records(Broken(Batch(1, epoch: 2))),
            2 => _log.Records(Batch(2, epoch: 2)),
            _ => null,
        };

        var tail = Start();

        await ExpectAsync("record 0", "record 2", "caught up");
        Assert.Equal(0, tail.Counters.Restarts);
    }

    [Fact]
    public async Task A_topic_made_anew_begins_anew()
    {
        _log.End = 1;
        _log.Answer = offset => offset < 1 ? _log.Records(Batch(offset)) : _log.Records([], ErrorCode.UnknownTopicId);
        Start();
        await ExpectAsync("record 0", "caught up");

        _log.TopicId = new Guid("99999999-4455-6677-8899-aabbccddeeff");

        await ExpectAsync("restart", "record 0", "caught up");
    }

    [Fact]
    public async Task A_partition_is_asked_of_its_next_leader()
    {
        _log.End = 1;
        _log.Answer = offset => offset < _log.End ? _log.Records(Batch(offset)) : null;
        Start();
        await ExpectAsync("record 0", "caught up");

        (_log.Leader, _log.End) = (2, 2);

        await ExpectAsync("record 1");
        Assert.Contains((2, 1L), _log.Fetches);
    }

    [Fact]
    public async Task A_batch_cut_off_comes_whole_with_the_next_answer()
    {
        _log.End = 2;
        _log.Answer = offset => offset switch
        {
            0 => _log.Records([.. Batch(0), .. Batch(1)[..40]]),
            1 => _log.Records(Batch(1)),
            _ => null,
        };

        Start();

        await ExpectAsync("record 0", "record 1", "caught up");
        Assert.Equal(0, _sink.Batches.PassedOver);
    }

    [Fact]
    public async Task Offsets_that_compaction_took_are_passed()
    {
        _log.End = 1_000;
        _log.Answer = offset => offset < 1_000 ? _log.Records(new BatchBuilder(700).Add([1], [1], offsetDelta: 100).Add([1], [1], offsetDelta: 299).Build()) : null;

        Start();

        await ExpectAsync("record 800", "record 999", "caught up");
    }

    [Fact]
    public async Task A_wrong_checksum_is_fetched_again_and_passed_over_when_it_stays()
    {
        _log.End = 2;
        var broken = Batch(0);
        broken[^1] ^= 1;
        _log.Answer = offset => offset switch { 0 => _log.Records([.. broken, .. Batch(1)]), 1 => _log.Records(Batch(1)), _ => null };

        Start();

        await ExpectAsync("record 1", "caught up");
        Assert.Equal(4, _log.Fetches.Count(fetch => fetch.Offset == 0)); // three tries, then without it
        Assert.Equal(1, _sink.Batches[BatchOutcome.WrongChecksum]);
    }

    [Theory]
    [InlineData(ErrorCode.TopicAuthorizationFailed, TopicTailState.Unauthorized, "needs Describe and Read")]
    [InlineData(ErrorCode.UnknownTopicOrPartition, TopicTailState.NoTopic, "no topic followed")]
    public async Task A_topic_that_can_not_be_followed_says_why_and_is_once_it_can(ErrorCode error, TopicTailState state, string problem)
    {
        _log.TopicError = error;
        var tail = Start();
        await Eventually(() => tail.Status.State == state);
        Assert.Contains(problem, tail.Status.Problem, StringComparison.Ordinal);

        _log.TopicError = ErrorCode.None;

        await ExpectAsync("caught up");
        await Eventually(() => tail.Status is { State: TopicTailState.Following, Problem: null });
    }

    [Fact]
    public async Task A_right_to_describe_without_one_to_read_is_told_apart()
    {
        _log.End = 1;
        _log.Answer = _ => _log.Records([], ErrorCode.TopicAuthorizationFailed);

        var tail = Start();

        await Eventually(() => tail.Status.State == TopicTailState.Unauthorized);
        Assert.Contains("needs Read on Topic", tail.Status.Problem, StringComparison.Ordinal);
        Assert.False(tail.Status.IsCaughtUp);
    }

    private static byte[] Batch(long offset, int epoch = 0)
    {
        var batch = new BatchBuilder(offset).Add([1], [1]).Build();
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(12), epoch); // the leader's, and no part of the checksum
        return batch;
    }

    private static byte[] Broken(byte[] batch)
    {
        batch[^1] ^= 1;
        return batch;
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private TopicTail Start(long? position = null, Guid of = default, int epoch = -1)
    {
        _network = Peers.Network(_log.Endpoint);
        var options = new TopicTailOptions
        {
            Topic = FakeLog.Topic,
            MaxWait = TimeSpan.FromMilliseconds(50),
            RefreshEvery = TimeSpan.FromMilliseconds(200),
            Positions = position is { } at ? new Dictionary<int, TailPlace> { [0] = new(at, epoch) } : [],
            PositionsOf = of,
        };
        var tail = new TopicTail(new KafkaAdmin(_network), options, _ => _sink);
        _running = tail.RunAsync(_stop.Token);
        return tail;
    }

    private async Task ExpectAsync(params string[] notes)
    {
        foreach (var note in notes)
        {
            Assert.Equal(note, await _sink.NextAsync(Cancel));
        }
    }
}
