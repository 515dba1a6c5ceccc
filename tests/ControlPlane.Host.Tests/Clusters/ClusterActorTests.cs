using System.Threading.Channels;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Host.Tests.Clusters;

public sealed class ClusterActorTests
{
    private static readonly ClusterId Id = new("orders");

    [Fact]
    public async Task Messages_are_handled_one_at_a_time_in_arrival_order()
    {
        var token = TestContext.Current.CancellationToken;
        var seen = Channel.CreateUnbounded<long>();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(token);
        var inside = 0;
        var actor = new ClusterActor(
            Id,
            (effect, model) =>
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                if (effect is ClusterEffect.StateChanged)
                {
                    seen.Writer.TryWrite(model.Controller.Epoch ?? -1);
                }

                Interlocked.Decrement(ref inside);
            },
            TimeProvider.System,
            NullLogger<ClusterActor>.Instance);
        var running = actor.RunAsync(stopping.Token);

        const int Count = 2 * ClusterActor.MailboxSize;
        for (var epoch = 1; epoch <= Count; epoch++)
        {
            await actor.PostAsync(Quorum(epoch), token);
        }

        for (var epoch = 1; epoch <= Count; epoch++)
        {
            Assert.Equal(epoch, await seen.Reader.ReadAsync(token));
        }

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_bad_message_does_not_stop_the_cluster()
    {
        var token = TestContext.Current.CancellationToken;
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(token);
        var actor = new ClusterActor(Id, (_, _) => changed.TrySetResult(), TimeProvider.System, NullLogger<ClusterActor>.Instance);
        var running = actor.RunAsync(stopping.Token);

        await actor.PostAsync(new Unheard(), token);
        await actor.PostAsync(Quorum(1), token);
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(60), token);

        Assert.Equal(1, actor.Model!.Controller.Epoch);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_slow_watcher_misses_no_kind_and_holds_one_change_of_each()
    {
        var token = TestContext.Current.CancellationToken;
        var hub = new ChangeHub();
        await using var changes = hub.WatchAsync(token).GetAsyncEnumerator(token);
        var first = changes.MoveNextAsync();
        for (var generation = 1; generation <= 1000; generation++)
        {
            hub.Publish(new ClusterChange(Id, ChangeKind.Load, generation));
            hub.Publish(new ClusterChange(Id, ChangeKind.State, generation));
        }

        var last = new Dictionary<ChangeKind, long>();
        var count = 0;
        Assert.True(await first);
        while (true)
        {
            count++;
            last[changes.Current.Kind] = changes.Current.Generation;
            if (last.Count == 2 && last.Values.All(generation => generation == 1000))
            {
                break;
            }

            Assert.True(await changes.MoveNextAsync());
        }

        Assert.InRange(count, 2, 100);
    }

    private static SampleTaken<QuorumSample> Quorum(int epoch) =>
        new(SampleKind.Quorum, TimeSpan.FromSeconds(10), new(DateTimeOffset.UnixEpoch, new QuorumSample("kraft", 1, epoch, [], []), []));

    private sealed record Unheard : ClusterMessage;
}
