using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Keeps the books of one owned cluster: takes commits and end offsets from each new picture, judges all groups, and posts what it found.</summary>
internal sealed partial class LagWork(LagBooks books, OffsetsFollower follower, LagJudging judging, IOptions<LagOptions> options, TimeProvider time, ILogger<LagWork> logger) : IClusterWork
{
    /// <summary>Pictures come several a second; groups and offsets in them every ten seconds or so.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenExpiries = TimeSpan.FromMinutes(10);

    /// <summary>How much is kept of each partition of a group, by the settings of this process.</summary>
    public static LagStoreOptions StoreOptions(LagOptions options) => new(MinDistanceMs: LagStoreOptions.StallingDistanceMs, ExpireAfterMs: (long)options.Expire.TotalMilliseconds);

    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var limits = options.Value;
        var book = new LagBook(new EndOffsetStore(), StoreOptions(limits), time) { Commits = judging.CountsCommits ? new CommitCounts() : null };
        var remembered = await follower.RememberAsync(cluster, book, stopping);
        var following = limits.Follow ? follower.FollowAsync(cluster, book, remembered, ending.Token) : follower.PollAsync(cluster, book, ending.Token);
        var asking = follower.AskAsync(cluster, book, ending.Token);
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
            judging.Forget(cluster.Id);
            await ending.CancelAsync();
            await following;
            await asking;
        }
    }

    private async Task JudgeAsync(OwnedCluster cluster, LagBook book, LagOptions limits, CancellationToken stopping)
    {
        var (feed, judge) = (new PolledFeed(book.Ends, book.Polled, book.Followed, book.Shares), new GroupJudge(LagDesk.PolicyOf(limits), limits.Objective));
        var (pulse, expiredAt) = (new Pulse(time), time.GetUtcNow());
        cluster.Changed += Wake;
        try
        {
            while (true)
            {
                try
                {
                    var (believed, wasWithheld) = (book.AreFollowed, book.IsWithheld);
                    book.Review();
                    feed.StoreIn(book.Polled);
                    if (cluster.Actor.Model is { } model && (feed.Take(model) || believed != book.AreFollowed || wasWithheld)) // what was caught up with is judged at once
                    {
                        book.Clocks.Look(model);
                        if (!book.IsWithheld)
                        {
                            await cluster.Actor.PostAsync(new GroupsJudged(judging.Judge(judge, book, model)), stopping);
                        }
                    }

                    if (time.GetUtcNow() - expiredAt > BetweenExpiries)
                    {
                        expiredAt = time.GetUtcNow();
                        book.Polled?.Expire(expiredAt.ToUnixTimeMilliseconds());
                        book.Shares.Expire(expiredAt.ToUnixTimeMilliseconds());
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: the lag of its groups could not be judged this time")]
    private partial void LogRoundFailed(ClusterId cluster, Exception exception);
}
