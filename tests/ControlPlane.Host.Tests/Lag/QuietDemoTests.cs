using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Host.Tests.Simulation;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>The demo's groups are judged like any others, and those that are well raise no anomaly.</summary>
public sealed class QuietDemoTests
{
    public static TheoryData<string> Quiet => [.. DemoFleet.Clusters.Where(cluster => !cluster.Spec.Troubled).Select(cluster => cluster.Id.Value)];

    [Theory]
    [MemberData(nameof(Quiet))]
    public async Task Nothing_is_told_of_a_demo_cluster_that_nobody_hurts(string cluster)
    {
        var time = new ManualTime(SimulatedWorld.Start);
        await using var kafka = SimulatedKafkaCluster.Open(DemoFleet.Clusters.Single(one => one.Id.Value == cluster).Spec, time);
        var (state, ends) = (ClusterState.Initial(new ClusterId(cluster), time.GetUtcNow()), new EndOffsetStore());
        var (shard, judge) = (new LagShard(new LagStoreOptions(), ends), new GroupJudge(LagPolicy.Usual, TimeSpan.FromMinutes(5)));
        var rhythm = new OffsetRhythm(new OffsetPace(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1)));
        var (feed, snapshot) = (new PolledFeed(ends, shard), new LagSnapshot());
        var (found, judged, tracked) = (new List<string>(), 0, TrackedAnomalies.None);
        for (var passed = 0; passed < 10 * 60; passed += 15)
        {
            time.Pass(15);
            Handle(SampleKind.Topology, await kafka.FetchTopologyAsync(Token));
            var offsets = await kafka.FetchOffsetsAsync(state.Model, rhythm.Next(state.Model, time.GetUtcNow()), Token);
            rhythm.Took(offsets.Value!, offsets.At);
            Handle(SampleKind.Offsets, offsets);
            Handle(SampleKind.Groups, await kafka.FetchGroupsAsync(Token));
            feed.Take(state.Model);
            var now = time.GetUtcNow();
            var judgements = (state.Model.Groups ?? []).Where(group => shard.TryRead(group.Id, snapshot)).ToDictionary(
                group => group.Id,
                group => shard.TryRead(group.Id, snapshot) ? judge.Judge(snapshot, group, state.Model, now.ToUnixTimeMilliseconds()) : throw new InvalidOperationException(group.Id),
                StringComparer.Ordinal);
            judged += judgements.Count;
            var round = Detectors.Look(state.Model with { Judgements = judgements }, tracked.All, now);
            Assert.Empty(round.Verdicts[ConsumerLagDetector.Name].Unjudged);
            var step = AnomalyTracker.Next(tracked, round, state.Model.Id, now, () => Guid.CreateVersion7(now));
            tracked = step.State;
            found.AddRange(step.Transitions.Where(one => one.Anomaly is { State: AnomalyState.Active, Key.Kind: ConsumerLagDetector.Name }).Select(one => one.Anomaly.Last.Sentence));
        }

        Assert.True(judged > 100 && found.Count == 0, $"{judged} judged; {string.Join('\n', found.Distinct().Take(5))}");

        void Handle<T>(SampleKind kind, Sampled<T> sample)
            where T : class
            => state = ClusterLogic.Handle(state, new SampleTaken<T>(kind, TimeSpan.FromSeconds(15), sample), time.GetUtcNow()).State;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
