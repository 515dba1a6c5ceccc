using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Xunit;

namespace ControlPlane.Engine.Tests.Sampling;

public sealed class LeaderChangesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(29)]
    public void Changed_leaders_are_counted_as_by_hand_although_topics_and_brokers_come_and_go(int seed)
    {
        var cluster = new RandomCluster(seed);
        var state = ClusterState.Initial(new ClusterId("c"), Start);
        var total = 0;
        for (var round = 0; round < 60; round++)
        {
            var before = state.Model;
            cluster.Change();
            var step = ClusterLogic.Handle(state, new SampleTaken<TopologySample>(SampleKind.Topology, Interval, new(Start.AddSeconds(round), cluster.Sample(), [])), Start.AddSeconds(round));
            state = step.State;

            var expected = ByHand(before, state.Model);
            var told = step.Effects.OfType<ClusterEffect.LeadersChanged>().SingleOrDefault();
            Assert.Equal(expected, told is null ? (0, 0) : (told.Partitions, told.Lost));
            total += expected.Changed;
        }

        Assert.True(total > 0, "The random cluster never moved a leader: the test shows nothing.");
    }

    [Fact]
    public void Another_controller_is_told_and_the_first_sight_of_one_is_not()
    {
        var state = ClusterState.Initial(new ClusterId("c"), Start);

        var first = Take(state, 3);
        var same = Take(first.State, 3);
        var other = Take(same.State, 1);
        var none = Take(other.State, null);

        Assert.Empty(first.Effects.OfType<ClusterEffect.ControllerChanged>());
        Assert.Empty(same.Effects.OfType<ClusterEffect.ControllerChanged>());
        Assert.Equal(new ClusterEffect.ControllerChanged(3, 1), Assert.Single(other.Effects.OfType<ClusterEffect.ControllerChanged>()));
        Assert.Equal(new ClusterEffect.ControllerChanged(1, null), Assert.Single(none.Effects.OfType<ClusterEffect.ControllerChanged>()));
    }

    private static ClusterStep Take(ClusterState state, int? leader) => ClusterLogic.Handle(
        state, new SampleTaken<QuorumSample>(SampleKind.Quorum, Interval, new(Start, new QuorumSample("kraft", leader, 1, [], []), [])), Start);

    private static (int Changed, int Lost) ByHand(ClusterModel before, ClusterModel after)
    {
        var (old, now) = (Leaders(before), Leaders(after));
        var changed = old.Where(pair => now.TryGetValue(pair.Key, out var leader) && leader != pair.Value).ToList();
        return (changed.Count, changed.Count(pair => now[pair.Key] is null));
    }

    private static ImmutableDictionary<(string, Guid, int), int?> Leaders(ClusterModel model) => Enumerable.Range(0, model.Partitions.PartitionCount)
        .ToImmutableDictionary(
            partition => (model.Partitions.TopicName[model.Partitions.Topic[partition]], model.Partitions.TopicId[model.Partitions.Topic[partition]], model.Partitions.NumberOf(partition)),
            partition => model.Partitions.Leader[partition] < 0 ? (int?)null : model.Brokers[model.Partitions.Leader[partition]].Id);
}
