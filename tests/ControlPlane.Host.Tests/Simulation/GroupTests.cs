using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class GroupTests
{
    private readonly SimulatedWorld _world = new();

    private SimulatedGroup Group => _world.Kafka.Groups[0];

    private long Lag => Group.Committed().Select((offset, i) => _world.End(Group.Spec.Partitions[i]) - offset.Offset).Sum();

    [Fact]
    public void A_consuming_group_commits_forward_and_never_past_the_end()
    {
        var before = Group.Committed();
        for (var i = 0; i < 500; i++)
        {
            _world.Pass(3.7);
            var now = Group.Committed();
            for (var partition = 0; partition < now.Length; partition++)
            {
                Assert.InRange(now[partition].Offset, before[partition].Offset, _world.End(Group.Spec.Partitions[partition]));
            }

            before = now;
        }
    }

    [Fact]
    public void A_stopped_group_loses_its_members_after_the_session_timeout_and_its_lag_grows()
    {
        var (lag, members) = (Lag, Group.Members.Length);
        Assert.True(_world.Kafka.StopGroup(Group.Spec.Id));
        var committed = Group.Committed();
        _world.Pass(44);
        Assert.Equal(members, Group.Members.Length);

        _world.Pass(2);
        Assert.Empty(Group.Members);
        Assert.Equal("Empty", Group.State);
        Assert.True(committed.SequenceEqual(Group.Committed()));
        Assert.True(Lag > lag);
    }

    [Fact]
    public void A_group_that_returns_rebalances_and_catches_up()
    {
        _world.Pass(60);
        var lag = Lag;
        _world.Kafka.StopGroup(Group.Spec.Id);
        _world.Pass(300);
        var far = Lag;
        Assert.True(_world.Kafka.StartGroup(Group.Spec.Id));
        Assert.Contains(Group.State, new[] { "PreparingRebalance", "Assigning" });

        _world.Pass(60);
        Assert.Equal("Stable", Group.State);
        Assert.InRange(Lag, 1, far);
        _world.Pass(300);
        Assert.InRange(Lag, 0, (lag * 4) + 1_000);
    }

    [Fact]
    public void Members_share_the_partitions_without_gap_or_overlap()
    {
        foreach (var group in _world.Kafka.Groups)
        {
            var assigned = group.Members.SelectMany(member => member.Assigned).ToList();
            Assert.Equal(assigned.Count, assigned.Distinct().Count());
            Assert.Equal(group.Spec.Partitions.Length, assigned.Count);
        }
    }
}
