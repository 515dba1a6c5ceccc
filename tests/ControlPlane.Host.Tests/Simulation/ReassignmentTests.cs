using ControlPlane.Engine.Model;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class ReassignmentTests
{
    private readonly SimulatedWorld _world = new();
    private readonly int _partition;
    private readonly int[] _before;
    private readonly int[] _free;

    public ReassignmentTests()
    {
        _partition = _world.FirstPartition;
        (_before, _free) = (_world.Replicas(_partition), _world.Others(_partition));
    }

    [Fact]
    public void A_move_is_stored_as_the_union_and_commits_when_every_target_is_in_sync()
    {
        int[] target = [_free[0], _before[1], _before[2]];
        Assert.Null(_world.Reassign(_partition, target));

        Assert.Equal([.. target, _before[0]], _world.Replicas(_partition));
        Assert.Equal([_partition], _world.Kafka.Reassigning);
        Assert.True(_world.Partitions.ReplicasOf(_partition)[0].Flags.Has(ReplicaFlags.Adding));
        Assert.True(_world.Partitions.ReplicasOf(_partition)[3].Flags.Has(ReplicaFlags.Removing));
        Assert.Equal(_before[0], _world.Partitions.Leader(_partition));

        _world.PassUntil(() => _world.Kafka.Reassigning.Count == 0, 3_600);
        Assert.Equal(target, _world.Replicas(_partition));
        Assert.Equal(target.Order(), _world.InSync(_partition).Order());
        Assert.Equal(target[0], _world.Partitions.Leader(_partition)); // the leader was removed: first of the target takes over
    }

    [Fact]
    public void Completion_does_not_move_leadership_unless_the_leader_was_removed()
    {
        int[] target = [_free[0], _before[0], _before[1]];
        _world.Reassign(_partition, target);
        _world.PassUntil(() => _world.Kafka.Reassigning.Count == 0, 3_600);

        Assert.Equal(target, _world.Replicas(_partition));
        Assert.Contains(_world.Partitions.Leader(_partition), new[] { _before[0], target[0] }); // or the automatic election came by
    }

    [Fact]
    public void A_pure_reorder_and_a_pure_removal_complete_at_once()
    {
        Assert.Null(_world.Reassign(_partition, _before[2], _before[1], _before[0]));
        Assert.Empty(_world.Kafka.Reassigning);
        Assert.Equal([_before[2], _before[1], _before[0]], _world.Replicas(_partition));
        Assert.Equal(_before[0], _world.Partitions.Leader(_partition));

        Assert.Null(_world.Reassign(_partition, _before[2], _before[1]));
        Assert.Empty(_world.Kafka.Reassigning);
        Assert.Equal([_before[2], _before[1]], _world.Replicas(_partition));
        Assert.Equal(_before[2], _world.Partitions.Leader(_partition));
    }

    [Fact]
    public void A_cancel_drops_adding_replicas_and_leaves_the_order_as_the_submission_made_it()
    {
        // R = [a,b,c], T = [x,b,y] is stored as [x,b,y,a,c] and cancels to [b,a,c].
        _world.Reassign(_partition, _free[0], _before[1], _free[1]);
        Assert.Equal([_free[0], _before[1], _free[1], _before[0], _before[2]], _world.Replicas(_partition));

        Assert.Null(_world.Reassign(_partition, target: null));
        Assert.Equal([_before[1], _before[0], _before[2]], _world.Replicas(_partition));
        Assert.Equal(_before.Order(), _world.InSync(_partition).Order());
        Assert.Equal(_before[0], _world.Partitions.Leader(_partition));
        Assert.Equal(0, _world.Kafka.World.Lagging.Count);

        Assert.Null(_world.Reassign(_partition, _before));
        Assert.Equal(_before, _world.Replicas(_partition));
        Assert.Equal("NO_REASSIGNMENT_IN_PROGRESS", _world.Reassign(_partition, target: null));
    }

    [Fact]
    public void A_kept_replica_that_is_out_of_sync_holds_the_commit_back()
    {
        _world.Kafka.Kill(_before[2]);
        _world.Pass(20);
        _world.Reassign(_partition, _free[0], _before[1], _before[2]);
        _world.Pass(3_600);
        Assert.Contains(_free[0], _world.InSync(_partition));
        Assert.Equal([_partition], _world.Kafka.Reassigning);

        _world.Kafka.Start(_before[2]);
        _world.PassUntil(() => _world.Kafka.Reassigning.Count == 0, 600);
        Assert.Equal([_free[0], _before[1], _before[2]], _world.Replicas(_partition));
    }

    [Fact]
    public void A_move_to_a_dead_broker_waits_until_it_returns()
    {
        _world.Kafka.Kill(_free[0]);
        _world.Pass(20);
        Assert.Null(_world.Reassign(_partition, _before[0], _before[1], _free[0]));
        _world.Pass(600);
        Assert.Equal([_partition], _world.Kafka.Reassigning);

        _world.Kafka.Start(_free[0]);
        _world.PassUntil(() => _world.Kafka.Reassigning.Count == 0, 3_600);
    }

    [Fact]
    public void Wrong_targets_are_refused_with_kafkas_errors()
    {
        Assert.Equal("INVALID_REPLICA_ASSIGNMENT", _world.Reassign(_partition, _before[0], _before[0]));
        Assert.Equal("INVALID_REPLICA_ASSIGNMENT", _world.Reassign(_partition, _before[0], 99));
        Assert.Equal("INVALID_REPLICA_ASSIGNMENT", _world.Reassign(_partition, []));
        Assert.Equal("UNKNOWN_TOPIC_OR_PARTITION", Assert.Single(_world.Kafka.Reassign([new ReassignmentTarget("no-such-topic", 0, [1])])));
        Assert.Equal(
            "INVALID_REPLICATION_FACTOR",
            Assert.Single(_world.Kafka.Reassign([new ReassignmentTarget(_world.FirstTopic, 0, [_before[0], _before[1]])], allowReplicationFactorChange: false)));
        Assert.Equal(_before, _world.Replicas(_partition));
    }

    [Fact]
    public void Many_partitions_move_in_one_request_and_all_others_stay()
    {
        var others = Enumerable.Range(0, _world.Partitions.Count).Where(partition => partition % 3 != 0).ToDictionary(partition => partition, _world.Replicas);
        var targets = Enumerable.Range(0, _world.Partitions.Count).Where(partition => partition % 3 == 0).ToDictionary(
            partition => partition,
            partition => new[] { _world.Others(partition)[0], _world.Replicas(partition)[1], _world.Replicas(partition)[2] });
        var layout = _world.Partitions.Layout;
        var answers = _world.Kafka.Reassign([.. targets.Select(target => new ReassignmentTarget(layout.TopicName[layout.Topic[target.Key]], layout.NumberOf(target.Key), target.Value))]);

        Assert.All(answers, Assert.Null);
        _world.PassUntil(() => _world.Kafka.Reassigning.Count == 0, 36_000);
        Assert.All(targets, target => Assert.Equal(target.Value, _world.Replicas(target.Key)));
        Assert.All(others, other => Assert.Equal(other.Value, _world.Replicas(other.Key)));
    }

    [Fact]
    public void A_preferred_election_makes_the_first_replica_leader()
    {
        _world.Reassign(_partition, _before[1], _before[0], _before[2]);
        Assert.Null(_world.Kafka.ElectPreferred(_world.FirstTopic, 0));
        Assert.Equal(_before[1], _world.Partitions.Leader(_partition));

        Assert.Equal("ELECTION_NOT_NEEDED", _world.Kafka.ElectPreferred(_world.FirstTopic, 0));
        Assert.Equal("UNKNOWN_TOPIC_OR_PARTITION", _world.Kafka.ElectPreferred(_world.FirstTopic, 999));
        _world.Kafka.Kill(_before[1]);
        _world.Pass(10);
        Assert.Equal("PREFERRED_LEADER_NOT_AVAILABLE", _world.Kafka.ElectPreferred(_world.FirstTopic, 0));
    }
}
