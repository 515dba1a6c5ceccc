using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Connectivity.Spread;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Tail;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>When another process is let go that reads half of an offsets topic for us, and that we go on where it was. Only tests let the time pass by which it is judged.</summary>
public sealed class LettingGoTests : IAsyncLifetime
{
    private const long Known = 7;
    private static readonly Guid Other = new("99999999-4455-6677-8899-aabbccddeeff");

    private readonly TwoPartitions _log = new();
    private readonly FakeTime _time = new();
    private readonly ScriptedHiring _hiring;
    private readonly GroupBook _book = new();
    private readonly CancellationTokenSource _stop = new();
    private KafkaNetwork _network = null!;
    private OffsetsTail _tail = null!;
    private Task _running = Task.CompletedTask;

    public LettingGoTests() => _hiring = new ScriptedHiring(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Both partitions are read here to the end, and then the second one by somebody else.</summary>
    public async ValueTask InitializeAsync()
    {
        _network = new KafkaNetwork(new KafkaConnectionSettings { BootstrapServers = [_log.Endpoint] });
        var from = new OffsetsPosition(1, Known, new GroupFeed(_book).Export()) { TopicId = _log.TopicId };
        _tail = new OffsetsTail(new KafkaAdmin(_network), _ => _book, [from], new TopicTailOptions { MaxWait = TimeSpan.FromMilliseconds(20), RefreshEvery = TimeSpan.FromMilliseconds(50) }, _hiring);
        _running = _tail.RunAsync(_stop.Token);
        Assert.Equal(Known, await _log.NextFetchAsync(partition: 1, Token));
        await UntilAsync(() => _tail.Status.State == TopicTailState.Following);
        _time.Advance(TimeSpan.FromSeconds(2));
        await _hiring.Hired.Task.WaitAsync(Token);
        _hiring.Stream.Begin();
        await TellAsync();
        await _hiring.Reading.Task.WaitAsync(Token);
        Assert.Equal([new OffsetsReader("other", 1)], ((IOffsetsFeed)_tail).Status.Others);
    }

    [Fact]
    public async Task Who_says_nothing_for_twelve_seconds_is_let_go()
    {
        _time.Advance(TimeSpan.FromSeconds(11.9));
        await TellAsync();
        _time.Advance(TimeSpan.FromSeconds(11.9));
        Assert.False(_hiring.Ended.Task.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.2));

        await ExpectAsync("it said nothing for 12 s", goesOnAt: Known);
    }

    [Fact]
    public async Task Who_has_caught_up_and_then_is_behind_for_a_minute_is_let_go()
    {
        await PassAsync(11, behind: 500);
        await PassAsync(1, behind: 0); // it kept up once
        await PassAsync(12, behind: 500);
        Assert.False(_hiring.Ended.Task.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(5));
        Tell(behind: 501);

        await ExpectAsync("it does not keep up, and is 501 records behind", goesOnAt: Known);
    }

    [Fact]
    public async Task Who_has_not_caught_up_yet_may_take_its_time()
    {
        await PassAsync(30, behind: 500, isCaughtUp: false);

        Assert.False(_hiring.Ended.Task.IsCompleted);
    }

    [Fact]
    public async Task Who_reads_a_topic_that_was_made_anew_before_we_know_of_it_is_let_go()
    {
        Tell(topic: Other);

        await ExpectAsync("it reads another __consumer_offsets than we do", goesOnAt: Known);
        Assert.Equal(0, _book.Restarts);
    }

    [Fact]
    public async Task Who_still_reads_the_topic_that_was_there_before_is_let_go_and_its_partitions_are_read_from_their_beginning()
    {
        var before = _log.TopicId;
        _log.TopicId = Other;
        await UntilAsync(() => _tail.TopicId == Other);

        Tell(topic: before);

        await ExpectAsync("it reads another __consumer_offsets than we do", goesOnAt: 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _network.DisposeAsync();
        await _log.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ExpectAsync(string why, long goesOnAt)
    {
        Assert.Equal((why, true), await _hiring.Ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Empty(((IOffsetsFeed)_tail).Status.Others);
        Assert.Equal(goesOnAt, await _log.NextFetchAsync(partition: 1, Token)); // by us: nobody else is there
    }

    /// <summary>So many statuses, one every five seconds.</summary>
    private async Task PassAsync(int times, long behind, bool isCaughtUp = true)
    {
        for (var i = 0; i < times; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await TellAsync(behind, isCaughtUp);
        }
    }

    private void Tell(long behind = 0, bool isCaughtUp = true, Guid? topic = null) =>
        _hiring.Stream.Say(new ReadingStatus(true, isCaughtUp, null, topic ?? _log.TopicId, 0, behind));

    /// <summary>Until it was heard, and more is waited for.</summary>
    private async Task TellAsync(long behind = 0, bool isCaughtUp = true)
    {
        Tell(behind, isCaughtUp);
        await Task.WhenAny(_hiring.Stream.HeardAsync(), _hiring.Ended.Task).WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>One reader, of whom a test tells what it says; nobody after it.</summary>
    private sealed class ScriptedHiring(TimeProvider time) : IOffsetsHiring
    {
        public ScriptedStream Stream { get; } = new();

        public TaskCompletionSource Hired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<(string Why, bool HasRead)> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Readers => 2;

        public TimeProvider Time => time;

        public Task<Hiring> HireAsync(OffsetsShare share, CancellationToken cancellationToken) =>
            Task.FromResult(Hired.TrySetResult() ? new Hiring(new HiredReader("other", Stream, new MemoryStream()), null) : Hiring.Nobody);

        public void Began(HiredReader reader, OffsetsShare share) => Reading.SetResult();

        void IOffsetsHiring.Ended(HiredReader reader, OffsetsShare share, string why, bool hasRead) => Ended.SetResult((why, hasRead));
    }
}
