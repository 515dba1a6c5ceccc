using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Api;
using ControlPlane.Lag;
using ControlPlane.Lag.Metrics;
using ControlPlane.Sampling;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>How a group is by topic: of which groups it is measured, and what of it history keeps.</summary>
public sealed class GroupTopicsTests
{
    private readonly LagBook _book = new(new EndOffsetStore(), new LagStoreOptions(), TimeProvider.System);
    private readonly List<Group> _groups = [];
    private readonly long _now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public void A_group_is_measured_by_topic_and_so_kept()
    {
        Keep("billing", ("orders", 40), ("payments", 90));
        var model = Judged(most: 500);

        Assert.Equal([("orders", 60L), ("payments", 10L)], model.Judgements["billing"].Topics.Select(topic => (topic.Topic, topic.Lag)));
        var frames = HistoryFrames.Of(model, new SamplingOptions());
        var lag = frames.Single(frame => frame.Metric == "lag");
        Assert.Equal([("group-topic:orders/billing", 60f), ("group-topic:payments/billing", 10f)], lag.Objects.Zip(lag.Values).Where(pair => pair.First.StartsWith("group-topic:", StringComparison.Ordinal)));
        Assert.Equal(model.Judgements["billing"].Lag, model.Judgements["billing"].Topics.Sum(topic => topic.Lag));
        foreach (var metric in new[] { "time_lag", "consume_rate", "produce_rate" })
        {
            Assert.Contains("group-topic:orders/billing", frames.Single(frame => frame.Metric == metric).Objects);
        }
    }

    [Fact]
    public void A_group_with_one_topic_is_its_topic()
    {
        Keep("billing", ("orders", 40));

        Assert.Empty(Judged(most: 500).Judgements["billing"].Topics);
    }

    [Fact]
    public void The_budget_goes_to_groups_in_trouble_then_to_those_with_more_lag()
    {
        Keep("little", ("orders", 99), ("payments", 99));
        Keep("much", ("orders", 50), ("payments", 50), ("refunds", 70));
        Keep("none", ("orders", 100), ("payments", 100));

        var judged = Judged(most: 4).Judgements;

        Assert.Equal(["orders", "payments", "refunds"], judged["much"].Topics.Select(topic => topic.Topic));
        Assert.Equal("orders", Assert.Single(judged["little"].Topics).Topic);
        Assert.Empty(judged["none"].Topics);
        Assert.All(Judged(most: 0).Judgements.Values, one => Assert.Empty(one.Topics));
    }

    private ClusterModel Judged(int most)
    {
        var options = Options.Create(new LagOptions { HistoryTopics = most });
        var judging = new LagJudging(new LagPages(), Options.Create(new LagMetricsOptions()), options, new GroupAlertRules(Options.Create(new LagAlertOptions()), NullLogger<GroupAlertRules>.Instance), TimeProvider.System);
        var model = A.Cluster().Brokers(1).Topic("orders", 1, 1).Topic("payments", 1, 1).Topic("refunds", 1, 1).Build() with { Groups = [.. _groups] };
        return model with { Judgements = judging.Judge(new GroupJudge(LagPolicy.Usual, TimeSpan.FromMinutes(5)), _book, model) };
    }

    /// <summary>Ten commits up to an hour ago; each log ends at 100.</summary>
    private void Keep(string group, params (string Topic, long Committed)[] topics)
    {
        foreach (var (topic, committed) in topics)
        {
            var id = _book.Ends.IdOf(topic);
            _book.Ends.Add(id, 0, 80, _now - 3_600_000, 0);
            _book.Ends.Add(id, 0, 100, _now - 1_000, 0);
            for (var commit = 0; commit < 10; commit++)
            {
                var at = _now - 600_000 + (commit * 50_000);
                _book.Shard.Commit(group, topic, 0, new CommitPoint(committed - 9 + commit, at, at, at));
            }
        }

        _groups.Add(new Group(group, "classic", "consumer", "Stable", 1, [new GroupMember("m-1", null, "client", "/10.0.0.1", [.. topics.Select(one => new AssignedPartition(one.Topic, 0))])]) { OffsetsAt = TimeProvider.System.GetUtcNow() });
    }
}
