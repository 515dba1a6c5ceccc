using System.Collections.Frozen;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;
using ControlPlane.Lag.Metrics;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Judges all groups of a cluster by its book, and renders the page of their metrics on the way.</summary>
internal sealed class LagJudging(LagPages pages, IOptions<LagMetricsOptions> metrics, GroupAlertRules alerts, TimeProvider time)
{
    private readonly LagNames _names = LagNames.Of(metrics.Value);

    public FrozenDictionary<string, GroupJudgement> Judge(GroupJudge judge, LagBook book, ClusterModel model)
    {
        var (page, look, now) = (new LagPageBuilder(model.Id, metrics.Value, _names) { Partitions = model.Partitions, Commits = book.AreFollowed ? book.Commits : null }, new GroupLook(book), time.GetUtcNow());
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

    /// <summary>Whether somebody wants to know how often groups commit.</summary>
    public bool CountsCommits => metrics.Value.KMinion;

    /// <summary>The cluster is somebody else's now.</summary>
    public void Forget(ClusterId cluster) => pages.Remove(cluster);
}
