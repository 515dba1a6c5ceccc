using ControlPlane.Engine.Model;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class BrokerLifeTests
{
    private readonly SimulatedWorld _world = new();

    [Fact]
    public void A_killed_broker_is_fenced_after_nine_seconds_and_all_its_leaders_move()
    {
        var led = _world.LedBy(2).ToList();
        Assert.NotEmpty(led);
        _world.Kafka.Kill(2);

        _world.Pass(8.9);
        Assert.False(_world.Kafka.Broker(2).IsFenced);
        Assert.Equal(led, _world.LedBy(2));

        _world.Pass(0.2);
        Assert.True(_world.Kafka.Broker(2).IsFenced);
        Assert.Empty(_world.LedBy(2));
        Assert.All(led, partition => Assert.Contains(_world.Partitions.Leader(partition), _world.InSync(partition)));
        Assert.All(Enumerable.Range(0, _world.Partitions.Count), partition => Assert.DoesNotContain(2, _world.InSync(partition)));
    }

    [Fact]
    public void Partitions_of_a_dead_leader_take_no_writes_until_another_leads()
    {
        var partition = _world.LedBy(2).First(partition => _world.Kafka.World.Log.MeanRate(partition) > 20);
        _world.Kafka.Kill(2);
        var end = _world.End(partition);

        _world.Pass(8);
        Assert.Equal(end, _world.End(partition));

        _world.Pass(8);
        Assert.True(_world.End(partition) > end);
    }

    [Fact]
    public void A_restarted_broker_is_fenced_first_then_catches_up_then_leads_again()
    {
        var before = _world.State();
        _world.Kafka.Kill(4);
        _world.Pass(60);
        _world.Kafka.Start(4);
        Assert.True(_world.Kafka.Broker(4) is { IsServing: true, IsFenced: true });

        _world.Pass(BrokerLives.StartUp.TotalSeconds + 0.1);
        Assert.False(_world.Kafka.Broker(4).IsFenced);
        _world.PassUntil(() => _world.Kafka.World.Lagging.Count == 0, 60);
        _world.Pass(300);

        Assert.Equal(before, _world.State());
    }

    [Fact]
    public void A_restart_within_the_session_still_leaves_the_isr_first()
    {
        _world.Kafka.Kill(4);
        _world.Pass(2);
        _world.Kafka.Start(4);

        Assert.True(_world.Kafka.Broker(4).IsFenced);
        Assert.Empty(_world.LedBy(4));
    }

    [Fact]
    public void A_hanging_broker_that_wakes_up_in_time_loses_nothing()
    {
        var before = _world.State();
        _world.Kafka.Hang(3);
        _world.Pass(5);
        _world.Kafka.Resume(3);
        _world.PassUntil(() => _world.Kafka.World.Lagging.Count == 0, 30);

        Assert.Equal(before, _world.State());
    }

    [Fact]
    public void A_hanging_broker_is_fenced_like_a_dead_one()
    {
        _world.Kafka.Hang(3);
        _world.Pass(10);

        Assert.True(_world.Kafka.Broker(3).IsFenced);
        Assert.Empty(_world.LedBy(3));
    }

    [Fact]
    public void A_controlled_shutdown_moves_leaders_before_the_process_ends()
    {
        var broken = new List<int>();
        _world.Kafka.Disconnected += (broker, _) => broken.Add(broker.Id);
        _world.Kafka.Shutdown(5);

        Assert.Empty(_world.LedBy(5));
        Assert.True(_world.Kafka.Broker(5).IsServing);
        Assert.Empty(broken);
        Assert.All(Enumerable.Range(0, _world.Partitions.Count), partition => Assert.True(_world.Kafka.World.Log.IsAccepting(partition)));

        _world.Pass(BrokerLives.ControlledShutdown.TotalSeconds);
        Assert.Equal([5], broken);
        Assert.True(_world.Kafka.Broker(5) is { Life: BrokerLife.Stopped, IsFenced: true });
    }

    [Fact]
    public void Without_any_replica_in_sync_there_is_no_leader_until_one_returns()
    {
        var partition = _world.FirstPartition;
        var replicas = _world.Replicas(partition);
        foreach (var broker in replicas)
        {
            _world.Kafka.Kill(broker);
            _world.Pass(20);
        }

        var last = Assert.Single(_world.InSync(partition));
        Assert.Equal(-1, _world.Partitions.Leader(partition));

        foreach (var stale in replicas.Where(broker => broker != last))
        {
            _world.Kafka.Start(stale);
        }

        _world.Pass(600);
        Assert.Equal(-1, _world.Partitions.Leader(partition)); // unclean elections never happen

        _world.Kafka.Start(last);
        _world.PassUntil(() => _world.InSync(partition).Length == replicas.Length, 120);
        Assert.Equal(last, _world.Partitions.Leader(partition));
    }

    [Fact]
    public void Under_min_in_sync_replicas_a_partition_takes_no_writes()
    {
        var partition = _world.FirstPartition;
        var replicas = _world.Replicas(partition);
        _world.Kafka.Kill(replicas[1]);
        _world.Pass(20);
        Assert.True(_world.Kafka.World.Log.IsAccepting(partition));

        _world.Kafka.Kill(replicas[2]);
        _world.Pass(20);
        Assert.Equal([replicas[0]], _world.InSync(partition));
        Assert.False(_world.Kafka.World.Log.IsAccepting(partition));
    }

    [Fact]
    public void Followers_on_a_slow_disk_leave_the_isr_after_thirty_seconds_and_return_when_it_is_fast()
    {
        var before = _world.State();
        _world.Kafka.SlowDisk(1, 0);
        var followers = Enumerable.Range(0, _world.Partitions.Count)
            .Where(partition => _world.Partitions.Leader(partition) != 1 && _world.Partitions.FindSlot(partition, 1) is >= 0 and var slot && _world.Partitions.LogDir(slot) == 0)
            .ToList();
        var ends = followers.ToDictionary(partition => partition, _world.Kafka.World.EndOf);
        _world.Pass(29);
        Assert.All(followers, partition => Assert.Contains(1, _world.InSync(partition)));

        _world.Pass(31);
        var busy = followers.Where(partition => _world.Kafka.World.EndOf(partition) - ends[partition] > 60).ToList(); // a record a second
        Assert.NotEmpty(busy);
        Assert.All(busy, partition => Assert.DoesNotContain(1, _world.InSync(partition)));
        Assert.All(busy, partition => Assert.NotEqual(1, _world.Partitions.Leader(partition)));

        _world.Kafka.HealDisk(1, 0);
        _world.PassUntil(() => _world.Kafka.World.Lagging.Count == 0, 60);
        Assert.Equal(before, _world.State());
    }

    [Fact]
    public void A_failed_log_dir_takes_only_its_replicas_offline()
    {
        _world.Kafka.FillDisk(2, 1);
        _world.Pass(SimulatedKafka.FillTime.TotalSeconds + 1);

        Assert.True(_world.Kafka.Broker(2).LogDirs[1].IsOffline);
        Assert.Equal(BrokerLife.Running, _world.Kafka.Broker(2).Life);
        foreach (var slot in _world.Partitions.SlotsOf(2).ToArray())
        {
            var isOffline = _world.Partitions.Flags(slot).Has(ReplicaFlags.Offline);
            Assert.Equal(_world.Partitions.LogDir(slot) == 1, isOffline);
        }

        Assert.All(_world.LedBy(2), partition => Assert.Equal(0, _world.Partitions.LogDir(_world.Partitions.FindSlot(partition, 2))));
    }

    [Fact]
    public void A_broker_whose_only_log_dir_fails_halts()
    {
        var world = new SimulatedWorld(new SimulationSpec { Brokers = 3, Racks = 0, LogDirsPerBroker = 1, Topics = 3, PartitionsPerTopic = 3, Groups = 1, Seed = 1 });
        world.Kafka.FillDisk(2, 0);
        world.Pass(SimulatedKafka.FillTime.TotalSeconds + 10);

        Assert.Equal(BrokerLife.Stopped, world.Kafka.Broker(2).Life);
        Assert.False(world.Kafka.Start(2));
        world.Kafka.RepairDisks(2);
        Assert.True(world.Kafka.Start(2));
    }
}
