using System.Diagnostics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Sampling;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Connectivity;

/// <summary>What the port tells of real brokers, old and new, held against what another client did to them.</summary>
public sealed class RealKafkaClusterTests
{
    private const string Topic = "orders";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("3.3.2")]
    [InlineData("3.9.2")]
    public async Task A_round_of_every_kind_tells_what_was_created(string version)
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Version = version, Brokers = 3 });
        using (var client = new RealKafkaClient(kafka.BootstrapServers))
        {
            await client.CreateTopicAsync(Topic, [1, 2], [2, 3], [3, 1]);
            await client.ProduceAsync(Topic, 0, 500, 1_000);
            await client.ProduceAsync(Topic, 1, 40);
            client.Commit("billing", (Topic, 0, 200), (Topic, 1, 40));
        }

        await using var cluster = RealClusters.Open(kafka.BootstrapServers);
        var model = await RoundsAsync(cluster);

        AssertIdentity(model, version, kafka.ClusterId);
        AssertShape(model);
        AssertLoad(model);
        var group = Assert.Single(model.Groups!.Value, group => group.Id == "billing");
        Assert.Equal(new GroupLag(300, 0), GroupLag.Of(model, group));
        Assert.Equal(3, model.Configs.Brokers.Count);
        Assert.Equal(1, model.Partitions.TopicMinInSync[model.Partitions.FindTopic(Topic)]);
        Assert.Equal(Status.Ok, model.Health.Status);
    }

    [Fact]
    public async Task Bytes_in_are_measured_within_a_fifth_of_what_is_produced()
    {
        const int PerTick = 20, RecordBytes = 1_000;
        var tick = TimeSpan.FromMilliseconds(200);
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Version = "3.9.2" });
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        await client.CreateTopicAsync(Topic, [1]);
        await client.ProduceAsync(Topic, 0, 1); // so that all is known and open before the clock starts
        await using var watched = new WatchedCluster(
            kafka.BootstrapServers, new SamplingOptions { Offsets = TimeSpan.FromSeconds(1), LogDirs = TimeSpan.FromSeconds(1), MaxShare = 1 });
        await watched.UntilAsync(model => model.Partitions.FindTopic(Topic) >= 0, TimeSpan.FromSeconds(120));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var began = Stopwatch.GetTimestamp();
        var producing = ProduceAsync(client, PerTick, RecordBytes, tick, stop.Token);
        await watched.UntilAsync(_ => Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(75), TimeSpan.FromSeconds(90)); // the window is full of it
        var measured = BytesIn(watched.Model!);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        var produced = await producing * (double)RecordBytes / seconds;

        TestContext.Current.SendDiagnosticMessage($"produced {produced:0} B/s, measured {measured:0} B/s");
        Assert.InRange(measured, produced * 0.8, produced * 1.2);
    }

    /// <summary>Records acknowledged until it is stopped; what a busy machine held up is made good, so that the rate holds.</summary>
    private static async Task<int> ProduceAsync(RealKafkaClient client, int perTick, int bytesEach, TimeSpan tick, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(tick);
        var began = Stopwatch.GetTimestamp();
        var count = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var due = ((int)(Stopwatch.GetElapsedTime(began) / tick) * perTick) - count;
                await client.ProduceAsync(Topic, 0, due, bytesEach);
                count += due;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        return count;
    }

    private static float BytesIn(ClusterModel model) => model.Load.BytesIn[model.Partitions.TopicStart[model.Partitions.FindTopic(Topic)]];

    /// <summary>Every kind once, as the sampler asks them, each whole and without a failure.</summary>
    private static async Task<ClusterModel> RoundsAsync(IKafkaCluster cluster)
    {
        var state = ClusterState.Initial(new ClusterId("real"), TimeProvider.System.GetUtcNow());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        do
        {
            Take(SampleKind.Topology, await cluster.FetchTopologyAsync(limit.Token));
        }
        while (state.Model.Counts is not { OfflinePartitions: 0, UnderReplicated: 0 } || state.Model.Partitions.FindTopic(Topic) < 0);

        int[] ids = [1, 2, 3];
        ObservedBroker[] brokers = [.. state.Model.Brokers.Select(broker => new ObservedBroker(broker.Id, broker.Host!, broker.Port!.Value, broker.Rack, broker.IsFenced))];
        Take(SampleKind.Liveness, await cluster.ProbeAsync(brokers, limit.Token));
        Take(SampleKind.Identity, await cluster.IdentifyAsync(limit.Token));
        Take(SampleKind.Quorum, await cluster.FetchQuorumAsync(limit.Token));
        Take(SampleKind.Reassignments, await cluster.FetchReassignmentsAsync(limit.Token));
        Take(SampleKind.Offsets, await cluster.FetchOffsetsAsync(state.Model, null, limit.Token));
        Take(SampleKind.LogDirs, await cluster.FetchLogDirsAsync(ids, limit.Token));
        Take(SampleKind.Groups, await cluster.FetchGroupsAsync(limit.Token));
        Take(SampleKind.BrokerConfigs, await cluster.FetchBrokerConfigsAsync(ids, limit.Token));
        Take(SampleKind.TopicConfigs, await cluster.FetchTopicConfigsAsync([Topic], limit.Token));
        return state.Model;

        void Take<T>(SampleKind kind, Sampled<T> sample)
            where T : class
        {
            Assert.True(sample.Failures.IsEmpty, $"{kind}: {string.Join("; ", sample.Failures)}");
            Assert.True(sample.Cost.Requests > 0, $"{kind} cost nothing");
            state = ClusterLogic.Handle(state, new SampleTaken<T>(kind, Interval, sample), sample.At).State;
        }
    }

    private static void AssertIdentity(ClusterModel model, string version, string clusterId)
    {
        Assert.Equal(clusterId, model.KafkaClusterId);
        Assert.Equal(version[..3], model.Release);
        Assert.Equal("kraft", model.Identity!.Mode);
        Assert.Empty(model.Identity.MissingPermissions);
        Assert.Equal(("kraft", 100), (model.Controller.Mode, model.Controller.ActiveId));
        Assert.Equal(100, Assert.Single(model.Controller.Voters).Id);
        Assert.Empty(model.Reassigning!.Value);
    }

    private static void AssertShape(ClusterModel model)
    {
        Assert.Equal([(1, "rack-1"), (2, "rack-2"), (3, "rack-3")], model.Brokers.Select(broker => (broker.Id, broker.Rack)));
        Assert.All(model.Brokers, broker => Assert.Equal(BrokerState.Active, broker.State));
        var table = model.Partitions;
        var start = table.TopicStart[table.FindTopic(Topic)];
        Assert.Equal(3, table.PartitionsOf(table.FindTopic(Topic)));
        Assert.NotEqual(Guid.Empty, table.TopicId[table.FindTopic(Topic)]);
        foreach (var (replicas, p) in ((int[][])[[1, 2], [2, 3], [3, 1]]).Select((replicas, p) => (replicas, p)))
        {
            Assert.Equal(replicas, table.ReplicasOf(start + p).ToArray().Select(index => model.Brokers[index].Id));
            Assert.All(table.FlagsOf(start + p).ToArray(), flags => Assert.Equal(ReplicaFlags.InSync, flags));
        }
    }

    private static void AssertLoad(ClusterModel model)
    {
        var (table, load) = (model.Partitions, model.Load);
        var start = table.TopicStart[table.FindTopic(Topic)];
        Assert.Equal([500, 40, 0], load.LogEndOffset[start..(start + 3)]);
        foreach (var slot in Enumerable.Range(table.ReplicaStart[start], 2))
        {
            Assert.InRange(load.ReplicaBytes[slot], 500_000, 560_000); // the values, and what batches and records carry around them
        }

        Assert.Equal([0, 0], load.ReplicaBytes[table.ReplicaStart[start + 2]..table.ReplicaStart[start + 3]]);
        var dirs = model.Brokers.Select(broker => Assert.Single(broker.LogDirs!.Value)).ToList();
        Assert.All(dirs, dir => Assert.InRange(dir.UsableBytes!.Value, 0, dir.TotalBytes!.Value));
    }
}
