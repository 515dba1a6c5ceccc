using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Xunit;

namespace ControlPlane.Engine.Tests.Sampling;

public sealed class ClusterLogicTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_model_says_exactly_what_the_last_sample_said(int seed)
    {
        var cluster = new RandomCluster(seed);
        var state = ClusterState.Initial(new ClusterId("c"), Start);
        for (var round = 0; round < 40; round++)
        {
            cluster.Change();
            state = Take(state, cluster.Sample(), round);

            AssertSame(cluster, state.Model);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_published_model_never_changes(int seed)
    {
        var cluster = new RandomCluster(seed);
        var state = ClusterState.Initial(new ClusterId("c"), Start);
        var published = new List<(ClusterModel Model, string Fingerprint)>();
        for (var round = 0; round < 25; round++)
        {
            cluster.Change();
            state = Take(state, cluster.Sample(), round);
            state = TakeLoad(state, cluster, round);
            published.Add((state.Model, Fingerprint(state.Model)));
        }

        Assert.All(published, entry => Assert.Equal(entry.Fingerprint, Fingerprint(entry.Model)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Counts_equal_a_count_by_hand(int seed)
    {
        var cluster = new RandomCluster(seed);
        var state = ClusterState.Initial(new ClusterId("c"), Start);
        for (var round = 0; round < 30; round++)
        {
            cluster.Change();
            state = Take(state, cluster.Sample(), round);

            var partitions = cluster.Topics.Values.SelectMany(all => all).ToList();
            Assert.Equal(partitions.Count(one => one.Leader < 0), state.Model.Counts.OfflinePartitions);
            Assert.Equal(partitions.Count(one => one.InSync.Length < one.Replicas.Length), state.Model.Counts.UnderReplicated);
            Assert.Equal(partitions.Count(one => one.Leader >= 0 && one.Leader != one.Replicas[0]), state.Model.Counts.NotPreferredLeader);
            Assert.Equal(partitions.Sum(one => one.Replicas.Length), state.Duties.Replicas.Sum());
            Assert.Equal(partitions.Count(one => one.Leader >= 0), state.Duties.Leads.Sum());
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Offsets_and_sizes_stay_with_their_partition_when_topics_come_and_go(int seed)
    {
        var cluster = new RandomCluster(seed);
        var state = ClusterState.Initial(new ClusterId("c"), Start);
        for (var round = 0; round < 40; round++)
        {
            state = TakeLoad(Take(state, cluster.Sample(), round), cluster, round);
            var before = state.Model;
            cluster.Change();
            state = Take(state, cluster.Sample(), round);

            AssertLoadFollows(before, state.Model);
        }
    }

    [Fact]
    public void The_same_sample_twice_shares_every_array()
    {
        var cluster = new RandomCluster(7);
        Enumerable.Range(0, 30).ToList().ForEach(_ => cluster.Change());
        var first = Take(ClusterState.Initial(new ClusterId("c"), Start), cluster.Sample(), 0);

        var second = Take(first, cluster.Sample(), 1);

        Assert.Same(first.Model.Partitions, second.Model.Partitions);
        Assert.Same(first.Model.Load, second.Model.Load);
        Assert.Equal(first.Model.Generation + 1, second.Model.Generation);
    }

    [Fact]
    public void A_failed_round_keeps_the_picture_and_says_why()
    {
        var cluster = new RandomCluster(7);
        Enumerable.Range(0, 30).ToList().ForEach(_ => cluster.Change());
        var state = Take(ClusterState.Initial(new ClusterId("c"), Start), cluster.Sample(), 0);
        var failure = new SampleFailure(null, "Metadata", FailureKind.Unreachable, "host-1:9092 refused the connection.");

        var later = Start.AddSeconds(20);
        var next = ClusterLogic.Handle(state, new SampleTaken<TopologySample>(SampleKind.Topology, Interval, new(later, null, [failure])), later).State;

        Assert.Same(state.Model.Partitions, next.Model.Partitions);
        Assert.Equal(Status.Crit, next.Model.Health.Status);
        Assert.Contains("host-1:9092 refused", next.Model.Health.Sentence, StringComparison.Ordinal);
        Assert.Equal(Start, next.Model.Samples.Single(sample => sample.Kind == SampleKind.Topology).LastSuccess);
    }

    [Fact]
    public void A_missing_permission_is_a_finding_until_it_is_granted()
    {
        var state = Take(ClusterState.Initial(new ClusterId("c"), Start), new RandomCluster(7).Sample(), 0);
        var missing = new MissingPermission("Describe", "cluster", "log dirs stay unknown", "--add --allow-principal 'User:kcp' --operation Describe --cluster");

        state = Identify(state, missing);
        var finding = Assert.Single(state.Model.Health.Findings, finding => finding.Kind == "missing-permission");
        var granted = Identify(state);

        Assert.Equal(("4.3", "kraft"), (state.Model.Release, state.Model.Identity?.Mode));
        Assert.Equal("Missing permission Describe on cluster: log dirs stay unknown. Grant it with kafka-acls --add --allow-principal 'User:kcp' --operation Describe --cluster.", finding.Sentence);
        Assert.DoesNotContain(granted.Model.Health.Findings, finding => finding.Kind == "missing-permission");
    }

    [Fact]
    public void A_round_of_the_same_identity_changes_nothing()
    {
        var state = Identify(ClusterState.Initial(new ClusterId("c"), Start));

        Assert.Same(state.Model.Identity, Identify(state).Model.Identity);
    }

    [Fact]
    public void A_missed_answer_asks_for_a_second_look_until_there_is_a_verdict()
    {
        var cluster = new RandomCluster(7);
        Enumerable.Range(0, 30).ToList().ForEach(_ => cluster.Change());
        var state = Take(ClusterState.Initial(new ClusterId("c"), Start), cluster.Sample(), 0);
        var id = cluster.Brokers[0];
        state = ClusterLogic.Handle(state, Checked(id, ProbeOutcome.Answered), Start).State;

        var broken = ClusterLogic.Handle(state, new ConnectionBroke(new BrokerProbe(id, ProbeOutcome.ConnectionLost, default, "closed"), Start), Start);
        var refused = ClusterLogic.Handle(broken.State, Checked(id, ProbeOutcome.Refused), Start);

        Assert.Equal([id], Assert.Single(broken.Effects.OfType<ClusterEffect.CheckBrokers>()).BrokerIds);
        Assert.Empty(refused.Effects.OfType<ClusterEffect.CheckBrokers>());
        Assert.Equal(BrokerState.Down, Assert.Single(refused.Effects.OfType<ClusterEffect.BrokerChanged>()).After);
        Assert.Single(refused.Effects.OfType<ClusterEffect.StateChanged>());
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 20)];

    private static BrokersChecked Checked(int id, ProbeOutcome outcome) =>
        new(new Sampled<LivenessSample>(Start, new LivenessSample([new BrokerProbe(id, outcome, default, outcome.ToString())]), []));

    private static ClusterState Identify(ClusterState state, params ImmutableArray<MissingPermission> missing)
    {
        var sample = new IdentitySample("kafka", "4.3", "kraft", 3, ["quorum"], missing);
        return ClusterLogic.Handle(state, new SampleTaken<IdentitySample>(SampleKind.Identity, Interval, new(Start, sample, [])), Start).State;
    }

    private static ClusterState Take(ClusterState state, TopologySample sample, int round)
    {
        var at = Start.AddSeconds(5 * round);
        return ClusterLogic.Handle(state, new SampleTaken<TopologySample>(SampleKind.Topology, Interval, new(at, sample, [])), at).State;
    }

    /// <summary>Offsets that name their partition (hash of topic id and number), so that a mix-up shows.</summary>
    private static ClusterState TakeLoad(ClusterState state, RandomCluster cluster, int round)
    {
        var (at, table) = (Start.AddSeconds((5 * round) + 1), state.Model.Partitions);
        var ends = Enumerable.Range(0, table.PartitionCount).Select(p => Mark(table, p)).ToArray();
        state = ClusterLogic.Handle(state, new SampleTaken<OffsetsSample>(SampleKind.Offsets, Interval, new(at, new OffsetsSample(table, new long[ends.Length], ends), [])), at).State;
        var dirs = cluster.Brokers.ToImmutableDictionary(id => id, id => ImmutableArray.Create(new ObservedLogDir("/d", null, 100, 50, Hosted(state.Model, id))));
        return ClusterLogic.Handle(state, new SampleTaken<LogDirsSample>(SampleKind.LogDirs, Interval, new(at, new LogDirsSample(dirs), [])), at).State;
    }

    private static List<ObservedReplica> Hosted(ClusterModel model, int brokerId)
    {
        var table = model.Partitions;
        var broker = model.FindBroker(brokerId);
        return
        [
            .. Enumerable.Range(0, table.PartitionCount)
                .Where(p => table.ReplicasOf(p).Contains(broker))
                .Select(p => new ObservedReplica(table.TopicName[table.Topic[p]], table.NumberOf(p), Mark(table, p) + brokerId, 0, false)),
        ];
    }

    private static long Mark(PartitionTable table, int p) => (uint)HashCode.Combine(table.TopicId[table.Topic[p]], table.NumberOf(p));

    private static void AssertLoadFollows(ClusterModel before, ClusterModel after)
    {
        var table = after.Partitions;
        for (var p = 0; p < table.PartitionCount; p++)
        {
            var old = before.Partitions.FindTopic(table.TopicName[table.Topic[p]]);
            var survived = old >= 0 && before.Partitions.TopicId[old] == table.TopicId[table.Topic[p]];
            Assert.Equal(survived ? Mark(table, p) : -1, after.Load.LogEndOffset[p]);
            for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1]; slot++)
            {
                var id = after.Brokers[table.ReplicaBroker[slot]].Id;
                Assert.Contains(after.Load.ReplicaBytes[slot], new[] { -1, Mark(table, p) + id });
                Assert.True(survived || after.Load.ReplicaBytes[slot] == -1);
            }
        }
    }

    private static void AssertSame(RandomCluster cluster, ClusterModel model)
    {
        var table = model.Partitions;
        Assert.Equal(cluster.Topics.Keys, table.TopicName);
        Assert.Equal(model.Brokers.Select(broker => broker.Id).Order(), model.Brokers.Select(broker => broker.Id));
        Assert.All(cluster.Brokers, id => Assert.True(model.FindBroker(id) >= 0));
        var p = 0;
        foreach (var partition in cluster.Topics.Values.SelectMany(all => all))
        {
            Assert.Equal(partition.Leader, table.Leader[p] < 0 ? -1 : model.Brokers[table.Leader[p]].Id);
            Assert.Equal(partition.Replicas, table.ReplicasOf(p).ToArray().Select(index => model.Brokers[index].Id));
            Assert.Equal(partition.Replicas.Select(id => partition.InSync.Contains(id)), table.FlagsOf(p).ToArray().Select(flags => flags.Has(ReplicaFlags.InSync)));
            p++;
        }

        Assert.Equal(p, table.PartitionCount);
    }

    private static string Fingerprint(ClusterModel model) => string.Join(
        '|',
        string.Join(',', model.Brokers.Select(broker => broker.Id)),
        string.Join(',', model.Partitions.TopicName),
        string.Join(',', model.Partitions.Leader),
        string.Join(',', model.Partitions.ReplicaBroker),
        string.Join(',', model.Partitions.ReplicaFlags),
        string.Join(',', model.Load.LogEndOffset),
        string.Join(',', model.Load.ReplicaBytes),
        string.Join(',', model.Load.BytesIn));
}
