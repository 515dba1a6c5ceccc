using System.Collections.Frozen;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;
using ControlPlane.Lag.Metrics;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Judges all groups of a cluster by its book, and renders the page of their metrics on the way.</summary>
internal sealed class LagJudging(LagPages pages, IOptions<LagMetricsOptions> metrics, IOptions<LagOptions> options, GroupAlertRules alerts, TimeProvider time)
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
        MeasureTopics(judge, look, model, judged, now);
        return judged.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Whether somebody wants to know how often groups commit.</summary>
    public bool CountsCommits => metrics.Value.KMinion;

    /// <summary>
    /// Adds how it is by topic to as many groups as history keeps topics of. They are judged once more for it: that is cheaper than to keep it of all,
    /// of which one in a hundred is wanted.
    /// </summary>
    private void MeasureTopics(GroupJudge judge, GroupLook look, ClusterModel model, Dictionary<string, GroupJudgement> judged, DateTimeOffset now)
    {
        var left = options.Value.HistoryTopics;
        var first = (model.Groups ?? []).Where(group => judged.ContainsKey(group.Id)).OrderByDescending(group => judged[group.Id].BadPartitions > 0).ThenByDescending(group => judged[group.Id].Lag);
        foreach (var group in left == 0 ? [] : first.Take(left))
        {
            if (look.TryTake(group, now))
            {
                judge.Judge(look.Snapshot, group, model, look.At, look.Evidence);
                var topics = judge.ByTopic(look.Snapshot, look.At, left);
                judged[group.Id] = judged[group.Id] with { Topics = topics };
                left -= topics.Length;
            }

            if (left <= 0)
            {
                return;
            }
        }
    }

    /// <summary>The cluster is somebody else's now.</summary>
    public void Forget(ClusterId cluster) => pages.Remove(cluster);
}
