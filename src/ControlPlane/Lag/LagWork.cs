using System.Collections.Frozen;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Lag.Memory;
using ControlPlane.Lag.Metrics;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Keeps the books of one owned cluster: takes commits and end offsets from each new picture, judges all groups, and posts what it found.</summary>
internal sealed partial class LagWork(
    LagBooks books, LagMemory memory, LagPages pages, IOptions<LagOptions> options, IOptions<LagMetricsOptions> metrics, GroupAlertRules alerts, TimeProvider time, ILogger<LagWork> logger) : IClusterWork
{
    /// <summary>Pictures come several a second; groups and offsets in them every ten seconds or so.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenExpiries = TimeSpan.FromMinutes(10);

    private readonly LagNames _names = LagNames.Of(metrics.Value);

    /// <summary>How much is kept of each partition of a group, by the settings of this process.</summary>
    public static LagStoreOptions StoreOptions(LagOptions options) => new(MinDistanceMs: LagStoreOptions.StallingDistanceMs, ExpireAfterMs: (long)options.Expire.TotalMilliseconds);

    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var limits = options.Value;
        var book = new LagBook(new EndOffsetStore(), StoreOptions(limits), time);
        var remembered = limits.Follow ? await memory.LoadAsync(cluster.Id, book, stopping) : RememberedLag.Nothing;
        var following = limits.Follow ? FollowAsync(cluster, book, remembered, ending.Token) : Task.CompletedTask;
        var asking = book.Stable.RunAsync(cluster.Kafka.PartitionQuestions, ending.Token);
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
            pages.Remove(cluster.Id);
            await ending.CancelAsync();
            await following;
            await asking;
        }
    }

    private async Task FollowAsync(OwnedCluster cluster, LagBook book, RememberedLag remembered, CancellationToken stopping)
    {
        if (cluster.Kafka.FollowOffsets(partition => new ShardEvents(book, partition, time, remembered.GroupsOf(partition), () => BeginAnew(cluster.Id, book)), remembered.Positions) is not { } feed)
        {
            return; // a simulated cluster keeps no log of commits
        }

        book.Follow(feed, isResumed: !remembered.IsNothing);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var keeping = memory.KeepAsync(cluster, book, feed, ending.Token);
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
        finally
        {
            await ending.CancelAsync();
            await keeping; // with what was read last
        }
    }

    /// <summary>What was remembered of a part of the topic is no use: it begins behind it, was cut off before it, or is another topic.</summary>
    private void BeginAnew(ClusterId cluster, LagBook book)
    {
        book.KeepPolled(); // what is forgotten here is judged by polls from where it is
        if (book.EndResume())
        {
            LogBegunAnew(cluster);
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
                    if (cluster.Actor.Model is { } model && (feed.Take(model) | book.IsWithheld)) // what is withheld is not to wait for the next poll
                    {
                        book.Clocks.Look(model);
                        book.Review();
                        feed.StoreIn(book.Polled);
                        if (!book.IsWithheld)
                        {
                            await cluster.Actor.PostAsync(new GroupsJudged(JudgeAll(judge, book, model)), stopping);
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

    private FrozenDictionary<string, GroupJudgement> JudgeAll(GroupJudge judge, LagBook book, ClusterModel model)
    {
        var (page, look, now) = (new LagPageBuilder(model.Id, metrics.Value, _names), new GroupLook(book), time.GetUtcNow());
        var judged = new Dictionary<string, GroupJudgement>(StringComparer.Ordinal);
        foreach (var group in model.Groups ?? [])
        {
            if (look.TryTake(group, now))
            {
                var judgement = judged[group.Id] = judge.Judge(look.Snapshot, group, model, look.At, look.Evidence) with { At = now, Alerts = alerts.Of(group.Id), IsSettled = book.IsSettled };
                book.Stable.Want(judge, look.Snapshot);
                page.Add(group, look.Snapshot, judgement, look.At);
            }
            else
            {
                page.Add(group, model);
            }
        }

        pages.Show(model.Id, page.Build());

        return judged.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: the lag of its groups could not be judged this time")]
    private partial void LogRoundFailed(ClusterId cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: __consumer_offsets does not go on where it was remembered (deleted, cut off or made anew); those partitions of it are read from their beginning")]
    private partial void LogBegunAnew(ClusterId cluster);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: following __consumer_offsets ended by an error; its groups are judged by polls")]
    private partial void LogFollowingFailed(ClusterId cluster, Exception exception);
}
