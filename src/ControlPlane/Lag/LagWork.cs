using System.Collections.Frozen;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Keeps the books of one owned cluster: takes commits and end offsets from each new picture, judges all groups, and posts what it found.</summary>
internal sealed partial class LagWork(LagBooks books, IOptions<LagOptions> options, TimeProvider time, ILogger<LagWork> logger) : IClusterWork
{
    /// <summary>Pictures come several a second; groups and offsets in them every ten seconds or so.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenExpiries = TimeSpan.FromMinutes(10);

    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var limits = options.Value;
        var book = new LagBook(new EndOffsetStore(), new LagStoreOptions(ExpireAfterMs: (long)limits.Expire.TotalMilliseconds), time);
        var following = limits.Follow ? FollowAsync(cluster, book, ending.Token) : Task.CompletedTask;
        books.Open(cluster.Id, book);
        cluster.Kafka.UseCommits(book);
        try
        {
            await JudgeAsync(cluster, book, limits, stopping);
        }
        finally
        {
            cluster.Kafka.UseCommits(null);
            books.Close(cluster.Id, book);
            await ending.CancelAsync();
            await following;
        }
    }

    private async Task FollowAsync(OwnedCluster cluster, LagBook book, CancellationToken stopping)
    {
        if (cluster.Kafka.FollowOffsets(_ => new ShardEvents(book.Followed, time)) is not { } feed)
        {
            return; // a simulated cluster keeps no log of commits
        }

        book.Follow(feed);
        try
        {
            await feed.RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception ex)
        {
            LogFollowingFailed(cluster.Id, ex);
            book.GiveUp($"following ended by an error of this product ({ex.GetType().Name}); the log has the details. It begins again when the cluster is claimed anew.");
        }
    }

    private async Task JudgeAsync(OwnedCluster cluster, LagBook book, LagOptions limits, CancellationToken stopping)
    {
        var (feed, judge) = (new PolledFeed(book.Ends, book.Polled, book.Followed), new GroupJudge(LagDesk.PolicyOf(limits), limits.Objective));
        var (pulse, expiredAt) = (new Pulse(time), time.GetUtcNow());
        cluster.Changed += Wake;
        try
        {
            while (true)
            {
                try
                {
                    var believed = book.AreFollowed;
                    book.Review(); // what was caught up with is judged at once
                    if (cluster.Actor.Model is { } model && (feed.Take(model) || believed != book.AreFollowed))
                    {
                        await cluster.Actor.PostAsync(new GroupsJudged(JudgeAll(judge, book.Shard, model)), stopping);
                    }

                    if (time.GetUtcNow() - expiredAt > BetweenExpiries)
                    {
                        expiredAt = time.GetUtcNow();
                        book.Polled.Expire(expiredAt.ToUnixTimeMilliseconds());
                        book.Followed.Expire(expiredAt.ToUnixTimeMilliseconds());
                    }
                }
                catch (Exception ex) when (ex is not OperationCanceledException)
                {
                    LogRoundFailed(cluster.Id, ex); // one bad picture must not end the judging of a cluster
                }

                await pulse.WaitAsync(LongestPause, stopping);
            }
        }
        finally
        {
            cluster.Changed -= Wake;
        }

        void Wake(ChangeKind kind) => pulse.Nudge();
    }

    private FrozenDictionary<string, GroupJudgement> JudgeAll(GroupJudge judge, LagShard shard, ClusterModel model)
    {
        var (judged, snapshot, now) = (new Dictionary<string, GroupJudgement>(StringComparer.Ordinal), new LagSnapshot(), time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var group in model.Groups ?? [])
        {
            if (shard.TryRead(group.Id, snapshot))
            {
                judged[group.Id] = judge.Judge(snapshot, group, model, now);
            }
        }

        return judged.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: the lag of its groups could not be judged this time")]
    private partial void LogRoundFailed(ClusterId cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: following __consumer_offsets ended by an error; its groups are judged by polls")]
    private partial void LogFollowingFailed(ClusterId cluster, Exception exception);
}
