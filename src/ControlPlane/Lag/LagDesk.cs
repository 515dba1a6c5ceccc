using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Answers from the books of owned clusters: the partitions of one group, judged now, with their windows and with what is asked of Kafka for this one group.</summary>
internal sealed class LagDesk(LagBooks books, CloseLook closeLook, IOptions<LagOptions> options, TimeProvider time)
{
    /// <summary>How groups are judged, by the settings of this process.</summary>
    public static LagPolicy PolicyOf(LagOptions options) => new() { AllowedLag = options.AllowedMessages, AllowedTimeMs = (long)options.AllowedTime.TotalMilliseconds };

    /// <summary>Where commits of a cluster come from; null where this process does not own it.</summary>
    public LagFeed? FeedOf(ClusterId cluster) => books.Find(cluster)?.Feed;

    /// <summary>Brokers whose clocks are apart from ours; null where this process does not own the cluster.</summary>
    public BrokerClocks? ClocksOf(ClusterId cluster) => books.Find(cluster)?.Clocks;

    /// <summary>Empty where the group is not known here.</summary>
    public async Task<IReadOnlyList<PartitionJudgement>> ExplainAsync(ClusterId cluster, Group group, CancellationToken cancellationToken)
    {
        if (books.Find(cluster) is not { } book || new GroupLook(book) is var look && !look.TryTake(group, time.GetUtcNow()))
        {
            return [];
        }

        var judged = new GroupJudge(PolicyOf(options.Value), options.Value.Objective).JudgePartitions(look.Snapshot, group, look.At, look.Evidence);
        return await closeLook.CompleteAsync(cluster, judged, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken);
    }
}
