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
        var limits = options.Value;
        var ends = new EndOffsetStore();
        var shard = new LagShard(new LagStoreOptions(ExpireAfterMs: (long)limits.Expire.TotalMilliseconds), ends);
        var (book, feed) = (new LagBook(ends, shard), new PolledFeed(ends, shard));
        var judge = new GroupJudge(LagDesk.PolicyOf(limits), limits.Objective);
        var (pulse, expiredAt) = (new Pulse(time), time.GetUtcNow());
        cluster.Changed += Wake;
        books.Open(cluster.Id, book);
        try
        {
            while (true)
            {
                try
                {
                    if (cluster.Actor.Model is { } model && feed.Take(model))
                    {
                        await cluster.Actor.PostAsync(new GroupsJudged(JudgeAll(judge, shard, model)), stopping);
                    }

                    if (time.GetUtcNow() - expiredAt > BetweenExpiries)
                    {
                        expiredAt = time.GetUtcNow();
                        shard.Expire(expiredAt.ToUnixTimeMilliseconds());
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
            books.Close(cluster.Id, book);
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
}
