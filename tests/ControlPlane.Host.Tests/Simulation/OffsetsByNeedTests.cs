using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

/// <summary>One simulated cluster, two watchers in virtual time: one asks for all offsets every ten seconds, the other by need.</summary>
public sealed class OffsetsByNeedTests(ITestOutputHelper output)
{
    private readonly ManualTime _time = new(SimulatedWorld.Start);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_costs_a_fraction_and_tells_the_same()
    {
        await using var kafka = SimulatedKafkaCluster.Open(new SimulationSpec { Brokers = 3, Topics = 40, PartitionsPerTopic = 25, Groups = 4, Seed = 5 }, _time);
        var pace = new OffsetPace(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60));
        var (all, some) = (new Watcher(kafka, null, _time), new Watcher(kafka, new OffsetRhythm(pace), _time));
        await ForAsync(30, all, some);
        (all.Asked, some.Asked) = (0, 0);
        (all.Bytes, some.Bytes) = (0, 0);

        await ForAsync(60, all, some);

        output.WriteLine($"{all.Partitions} partitions, {some.Read} read: asked a minute {all.Asked / 10} -> {some.Asked / 10}, bytes a minute {all.Bytes / 10} -> {some.Bytes / 10}");
        Assert.Equal(all.Partitions * 2 * 60, all.Asked);
        Assert.InRange(some.Read, 1, all.Partitions / 2);
        // Read ones six times a minute and their starts twice, the others once and once.
        Assert.InRange(some.Asked / 10, 0, (int)(1.15 * ((8 * some.Read) + (2 * (all.Partitions - some.Read)))));
        Assert.True(some.Bytes * 2 < all.Bytes, $"{some.Bytes} against {all.Bytes}");
        var (whole, sampled) = (all.Model, some.Model);
        Assert.Equal(whole.Counts.MessagesIn!.Value, sampled.Counts.MessagesIn!.Value, whole.Counts.MessagesIn.Value * 0.05);
        Assert.Equal(whole.Counts.BytesIn!.Value, sampled.Counts.BytesIn!.Value, whole.Counts.BytesIn.Value * 0.05);
        Assert.Equal(whole.Completeness, sampled.Completeness);
        Assert.All(whole.Groups!.Value, group => Assert.Equal(GroupLag.Of(whole, group), GroupLag.Of(sampled, group)));
    }

    [Fact]
    public async Task A_skipped_poll_is_no_point_of_the_curve()
    {
        await using var kafka = SimulatedKafkaCluster.Open(new SimulationSpec { Brokers = 3, Topics = 4, PartitionsPerTopic = 4, Groups = 3, Seed = 11 }, _time);
        var some = new Watcher(kafka, new OffsetRhythm(new OffsetPace(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60))), _time);
        await ForAsync(6, some);
        var group = some.Model.Groups!.Value.First(one => one.Offsets is { Length: > 0 });
        var (topic, partition) = (group.Offsets!.Value[0].Topic, group.Offsets.Value[0].Partition);
        var table = some.Model.Partitions;
        var (ends, index) = (new EndOffsetStore(), table.TopicStart[table.FindTopic(topic)] + partition);
        var feed = new PolledFeed(ends, null);
        feed.Take(some.Model);
        var at = some.Model.Load.LogEndAt[index];

        foreach (var wasAsked in new[] { false, false, true })
        {
            _time.Pass(10);
            await some.OffsetsAsync(new OffsetsRound(Only(index, wasAsked), new bool[table.PartitionCount]), Token);
            feed.Take(some.Model);
        }

        var (times, offsets) = (new long[ends.Points], new long[ends.Points]);
        var count = ends.Read(ends.Find(topic), partition, times, offsets, out _);
        Assert.Equal([at, at + 30_000], times[..count]);
        Assert.True(offsets[1] > offsets[0]);
        bool[] Only(int one, bool isAsked)
        {
            var asked = new bool[table.PartitionCount];
            asked[one] = isAsked;
            return asked;
        }
    }

    private async Task ForAsync(int rounds, params Watcher[] watchers)
    {
        for (var round = 0; round < rounds; round++)
        {
            _time.Pass(10);
            foreach (var watcher in watchers)
            {
                await watcher.RoundAsync(isThird: round % 3 == 2, Token);
            }
        }
    }

    /// <summary>The sampler's rounds, one after the other.</summary>
    private sealed class Watcher(SimulatedKafkaCluster kafka, OffsetRhythm? rhythm, TimeProvider time)
    {
        private ClusterState _state = ClusterState.Initial(new ClusterId("sim"), time.GetUtcNow());

        public ClusterModel Model => _state.Model;

        public int Partitions => Model.Partitions.PartitionCount;

        /// <summary>Partitions that some group has committed on.</summary>
        public int Read => Model.Groups!.Value.SelectMany(group => group.Offsets ?? []).Select(one => (one.Topic, one.Partition)).Distinct().Count();

        /// <summary>Partitions asked for their end, and for their start.</summary>
        public long Asked { get; set; }

        public long Bytes { get; set; }

        public async Task RoundAsync(bool isThird, CancellationToken cancellationToken)
        {
            Handle(SampleKind.Topology, await kafka.FetchTopologyAsync(cancellationToken));
            var sample = await OffsetsAsync(rhythm?.Next(Model, time.GetUtcNow()), cancellationToken);
            rhythm?.Took(sample.Value!, sample.At);
            Handle(SampleKind.Groups, await kafka.FetchGroupsAsync(cancellationToken));
            if (isThird)
            {
                Handle(SampleKind.LogDirs, await kafka.FetchLogDirsAsync([1, 2, 3], cancellationToken));
            }
        }

        public async Task<Sampled<OffsetsSample>> OffsetsAsync(OffsetsRound? round, CancellationToken cancellationToken)
        {
            var sample = await kafka.FetchOffsetsAsync(Model, round, cancellationToken);
            Asked += sample.Value!.LogEnd.Concat(sample.Value.LogStart).Count(offset => offset != OffsetsSample.NotAsked);
            Bytes += sample.Cost.BytesSent + sample.Cost.BytesReceived;
            Handle(SampleKind.Offsets, sample);
            return sample;
        }

        private void Handle<T>(SampleKind kind, Sampled<T> sample)
            where T : class
            => _state = ClusterLogic.Handle(_state, new SampleTaken<T>(kind, TimeSpan.FromSeconds(10), sample), time.GetUtcNow()).State;
    }
}
