using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class ThrottleTests
{
    private const long Rate = 5_000_000;

    private readonly SimulatedWorld _world = new();
    private readonly int _partition;
    private readonly int _source;
    private readonly int _destination;

    public ThrottleTests()
    {
        // The biggest partition, so that its copy takes a while.
        _partition = Enumerable.Range(0, _world.Partitions.Count).MaxBy(partition => _world.Kafka.World.BytesOf(partition, _world.Partitions.First(partition)));
        (_source, _destination) = (_world.Partitions.Leader(_partition), _world.Others(_partition)[0]);
    }

    [Theory]
    [InlineData(SimulatedConfigs.LeaderReplicas, SimulatedConfigs.LeaderRate)]
    [InlineData(SimulatedConfigs.FollowerReplicas, SimulatedConfigs.FollowerRate)]
    public void A_throttle_on_either_side_caps_what_is_copied(string replicas, string rate)
    {
        var isLeader = replicas == SimulatedConfigs.LeaderReplicas;
        Throttle(replicas, isLeader ? _source : _destination, rate);
        Move();
        _world.Pass(120);

        Assert.InRange(_world.Kafka.CopiedTo(_destination), Rate * 118, Rate * 121);
    }

    [Fact]
    public void Without_a_throttle_the_copy_takes_what_disk_and_network_give()
    {
        Move();
        _world.Pass(5);

        Assert.InRange(_world.Kafka.CopiedTo(_destination), Rate * 10, (long)(400e6 * Replication.HeadroomShare * 6));
    }

    [Fact]
    public void A_throttle_needs_both_the_rate_and_the_listed_replica()
    {
        Alter(_destination, SimulatedConfigs.FollowerRate, Rate);
        Move();
        _world.Pass(5);

        Assert.True(_world.Kafka.CopiedTo(_destination) > Rate * 10);
    }

    [Fact]
    public void A_rate_changed_in_flight_counts_at_once()
    {
        Throttle(SimulatedConfigs.FollowerReplicas, _destination, SimulatedConfigs.FollowerRate);
        Move();
        _world.Pass(60);
        var slow = _world.Kafka.CopiedTo(_destination);
        Alter(_destination, SimulatedConfigs.FollowerRate, 4 * Rate);
        _world.Pass(60);

        Assert.InRange(_world.Kafka.CopiedTo(_destination) - slow, Rate * 4 * 58, Rate * 4 * 62);
    }

    [Fact]
    public void A_throttle_below_what_producers_write_never_finishes()
    {
        Throttle(SimulatedConfigs.FollowerReplicas, _destination, SimulatedConfigs.FollowerRate);
        Alter(_destination, SimulatedConfigs.FollowerRate, 1_000);
        Move();
        _world.Pass(24 * 3_600);

        Assert.Contains(_partition, _world.Kafka.Reassigning);
    }

    [Fact]
    public void The_dynamic_config_of_a_dead_broker_cannot_be_set()
    {
        _world.Kafka.Kill(3);

        Assert.Equal("BROKER_NOT_AVAILABLE", _world.Kafka.AlterBrokerConfig(3, [new ConfigAlteration(SimulatedConfigs.LeaderRate, ConfigOperation.Set, "1")]));
        Assert.Equal("BROKER_NOT_AVAILABLE", _world.Kafka.AlterBrokerConfig(99, []));
    }

    [Fact]
    public void Replica_lists_merge_subtract_and_refuse_as_in_kafka()
    {
        Assert.Null(List(ConfigOperation.Append, "0:1,0:2"));
        Assert.Null(List(ConfigOperation.Append, "0:2,1:3"));
        Assert.Equal("0:1,0:2,1:3", Listed());
        Assert.Equal(SimulatedConfigs.InvalidConfig, List(ConfigOperation.Append, "*"));
        Assert.Equal(SimulatedConfigs.InvalidConfig, List(ConfigOperation.Set, "0: 1"));
        Assert.Equal("0:1,0:2,1:3", Listed());
        Assert.Null(List(ConfigOperation.Subtract, "0:1,0:2,1:3"));
        Assert.Equal("", Listed()); // an empty override stays behind
        Assert.Null(List(ConfigOperation.Delete, null));
        Assert.Null(Listed());
    }

    private string? List(ConfigOperation operation, string? value) =>
        _world.Kafka.AlterTopicConfig(_world.FirstTopic, [new ConfigAlteration(SimulatedConfigs.LeaderReplicas, operation, value)]);

    private string? Listed() => _world.Kafka.Configs.OverridesOf(_world.FirstTopic).GetValueOrDefault(SimulatedConfigs.LeaderReplicas);

    private void Throttle(string replicas, int broker, string rate)
    {
        var layout = _world.Partitions.Layout;
        var entry = $"{layout.NumberOf(_partition)}:{broker}";
        Assert.Null(_world.Kafka.AlterTopicConfig(layout.TopicName[layout.Topic[_partition]], [new ConfigAlteration(replicas, ConfigOperation.Append, entry)]));
        Alter(broker, rate, Rate);
    }

    private void Alter(int broker, string rate, long value) =>
        Assert.Null(_world.Kafka.AlterBrokerConfig(broker, [new ConfigAlteration(rate, ConfigOperation.Set, $"{value}")]));

    private void Move()
    {
        var replicas = _world.Replicas(_partition);
        Assert.Null(_world.Reassign(_partition, _destination, replicas[1], replicas[2]));
    }
}
