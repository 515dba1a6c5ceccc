using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Tail;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>A tail of a real cluster's offsets topic, running until disposed, and the book that it fills.</summary>
internal sealed class FollowedCluster : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KafkaNetwork _network;
    private readonly Task _running;

    public FollowedCluster(KafkaConnectionSettings settings, IReadOnlyCollection<OffsetsPosition>? from = null, GroupBook? book = null, IOffsetsHiring? hiring = null)
    {
        Book = book ?? new GroupBook();
        _network = new KafkaNetwork(settings);
        Admin = new KafkaAdmin(_network);
        Tail = new OffsetsTail(Admin, _ => Book, from, new TopicTailOptions { MaxWait = TimeSpan.FromMilliseconds(100), RefreshEvery = TimeSpan.FromSeconds(5) }, hiring);
        _running = Tail.RunAsync(_stop.Token);
    }

    public KafkaAdmin Admin { get; }

    public OffsetsTail Tail { get; }

    public GroupBook Book { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits until the book says of these groups what their coordinator answers.</summary>
    public async Task AgreesAsync(params string[] groups)
    {
        var answers = await Admin.FetchGroupOffsetsAsync(groups, Token);
        Assert.True(answers.IsComplete);
        foreach (var group in groups)
        {
            var expected = answers.Values[group].Offsets.Where(one => one.Offset is not null)
                .ToDictionary(one => (one.Topic, one.Partition), one => one.Offset!.Value).OrderBy(pair => pair.Key).ToList();
            await UntilAsync(() => Book.OffsetsOf(group).OrderBy(pair => pair.Key).SequenceEqual(expected), $"{group}: {Text(expected)} instead of {Text(Book.OffsetsOf(group))}");
        }
    }

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            Assert.False(_running.IsCompleted, $"the tail has ended: {_running.Exception}");
            Assert.False(limit.IsCancellationRequested, $"Not within two minutes: {what}; {Tail.Status.State} {Tail.Status.Problem}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _network.DisposeAsync();
        _stop.Dispose();
    }

    private static string Text<TKey>(IEnumerable<KeyValuePair<TKey, long>> offsets) => string.Join(' ', offsets.Select(pair => $"{pair.Key}={pair.Value}"));
}
