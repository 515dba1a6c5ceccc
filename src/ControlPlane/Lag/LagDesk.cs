using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Answers from the books of owned clusters: the partitions of one group, judged now, with their windows.</summary>
internal sealed class LagDesk(LagBooks books, IOptions<LagOptions> options, TimeProvider time)
{
    /// <summary>How groups are judged, by the settings of this process.</summary>
    public static LagPolicy PolicyOf(LagOptions options) => new() { AllowedLag = options.AllowedMessages, AllowedTimeMs = (long)options.AllowedTime.TotalMilliseconds };

    /// <summary>Where commits of a cluster come from; null where this process does not own it.</summary>
    public LagFeed? FeedOf(ClusterId cluster) => books.Find(cluster)?.Feed;

    /// <summary>Empty where the group is not known here.</summary>
    public IReadOnlyList<PartitionJudgement> Explain(ClusterId cluster, Group group)
    {
        var snapshot = new LagSnapshot();
        return books.Find(cluster) is { } book && book.Shard.TryRead(group.Id, snapshot)
            ? new GroupJudge(PolicyOf(options.Value), options.Value.Objective).JudgePartitions(snapshot, group, time.GetUtcNow().ToUnixTimeMilliseconds())
            : [];
    }
}
