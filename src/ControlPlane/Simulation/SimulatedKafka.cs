using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>
/// A whole Kafka cluster in memory, in virtual time: what happens depends on the seed and on the commands and their times, never on when
/// or how often somebody looks. Not thread-safe; <see cref="SimulatedKafkaCluster"/> guards it.
/// </summary>
internal sealed class SimulatedKafka
{
    /// <summary>A disk that something else fills is full after this.</summary>
    public static readonly TimeSpan FillTime = TimeSpan.FromSeconds(45);

    private readonly WorldState _world;
    private readonly Leadership _leadership;
    private readonly BrokerLives _lives;
    private readonly Replication _replication;
    private readonly Reassignments _reassignments;
    private readonly Dictionary<string, SimulatedGroup> _groupsById;

    private SimulatedKafka(WorldState world, SimulatedConfigs configs, SimulatedGroup[] groups, string kafkaClusterId)
    {
        (_world, Configs, Groups, KafkaClusterId) = (world, configs, groups, kafkaClusterId);
        _groupsById = groups.ToDictionary(group => group.Spec.Id, StringComparer.Ordinal);
        _leadership = new Leadership(world);
        _lives = new BrokerLives(world, _leadership);
        _replication = new Replication(world, _leadership, configs);
        _reassignments = new Reassignments(world, _leadership);
        Quorum = new ControllerQuorum(world);
        _lives.Disconnected += (broker, what) => Disconnected?.Invoke(broker, what);
        _lives.Changed += _replication.EnsureRunning;
        _replication.Stepped += AfterStep;
        _leadership.StartAutomaticElections();
    }

    /// <summary>Raised when a broker's connections break, while time advances or a command runs.</summary>
    public event Action<SimulatedBroker, string>? Disconnected;

    public string KafkaClusterId { get; }

    public WorldClock Clock => _world.Clock;

    public WorldState World => _world;

    public SimulatedConfigs Configs { get; }

    public ControllerQuorum Quorum { get; }

    public IReadOnlyList<SimulatedBroker> Brokers => _world.Brokers;

    public IReadOnlyList<SimulatedGroup> Groups { get; }

    /// <summary>Indexes of the partitions that are being reassigned.</summary>
    public IReadOnlyCollection<int> Reassigning => _reassignments.Running;

    /// <summary>Builds the world of a checked spec, as it is at <paramref name="start"/>.</summary>
    public static SimulatedKafka Create(SimulationSpec spec, DateTimeOffset start)
    {
        var errors = spec.Validate();
        if (!errors.IsEmpty)
        {
            throw new ArgumentException($"The simulated cluster can't be built: {string.Join("; ", errors)}.", nameof(spec));
        }

        var random = new SeededRandom(spec.Seed);
        var built = WorldBuilder.Build(spec, new WorldClock(start.ToUniversalTime()), random);
        var kafka = new SimulatedKafka(built.World, built.Configs, built.Groups, built.KafkaClusterId);
        if (spec.Troubled)
        {
            new TroubleRhythm(kafka, random).Begin();
        }

        return kafka;
    }

    public void AdvanceTo(DateTimeOffset now) => _world.Clock.AdvanceTo(now.ToUniversalTime());

    public bool HasBroker(int id) => _world.HasBroker(id);

    public SimulatedBroker Broker(int id) => _world.Broker(id);

    public SimulatedGroup? FindGroup(string id) => _groupsById.GetValueOrDefault(id);

    /// <summary>Bytes copied to a broker's replicas that lagged, since the world began.</summary>
    public long CopiedTo(int broker) => _replication.CopiedTo(broker);

    public bool Kill(int broker) => Done(_lives.Kill(broker));

    public bool Hang(int broker) => Done(_lives.Hang(broker));

    public bool Resume(int broker) => Done(_lives.Resume(broker));

    public bool Start(int broker)
    {
        if (Broker(broker).LogDirs.All(dir => dir.IsOffline))
        {
            return false; // a broker without any log dir can't start
        }

        return Done(_lives.Start(broker));
    }

    public bool Shutdown(int broker) => Done(_lives.Shutdown(broker, afterwards: null));

    public bool Restart(int broker) => Done(_lives.Shutdown(broker, () => _lives.Start(broker)));

    /// <summary>The disk keeps a quarter of what its followers need, so they fall behind for good.</summary>
    public bool SlowDisk(int broker, int dir)
    {
        if (Broker(broker).LogDirs[dir].SlowBytesPerSecond is not null)
        {
            return false;
        }

        _lives.SlowDisk(broker, dir, Math.Max(1_000, FollowerBytesPerSecond(broker, dir) / 4));
        return Done(true);
    }

    public bool HealDisk(int broker, int dir)
    {
        var logDir = Broker(broker).LogDirs[dir];
        if (logDir.SlowBytesPerSecond is null)
        {
            return false;
        }

        logDir.SlowBytesPerSecond = null;
        return Done(true);
    }

    /// <summary>Something else on the machine fills the disk; when it is full, the log dir fails.</summary>
    public bool FillDisk(int broker, int dir)
    {
        var logDir = Broker(broker).LogDirs[dir];
        if (logDir.FillingSince is not null || logDir.IsOffline)
        {
            return false;
        }

        var since = _world.Now;
        logDir.Fill(Math.Max(1, logDir.TotalBytes - _world.BytesIn(broker, dir)) / FillTime.TotalSeconds, since);
        Clock.Schedule(FillTime, () =>
        {
            if (logDir.FillingSince == since)
            {
                _lives.FailLogDir(broker, dir);
                _replication.EnsureRunning();
            }
        });
        return Done(true);
    }

    /// <summary>Frees the broker's disks and restarts it where Kafka needs that to use a failed dir again.</summary>
    public bool RepairDisks(int broker)
    {
        var (life, dirs) = (Broker(broker).Life, Broker(broker).LogDirs);
        if (Array.Exists(dirs, dir => dir.IsOffline) && life is BrokerLife.Running or BrokerLife.Starting)
        {
            return Done(_lives.Shutdown(broker, () =>
            {
                _lives.RepairLogDirs(broker);
                _lives.Start(broker);
            }));
        }

        var broken = Array.Exists(dirs, dir => dir.IsOffline || dir.FillingSince is not null);
        _lives.RepairLogDirs(broker);
        return Done(broken);
    }

    public bool StopGroup(string id) => FindGroup(id)?.Stop() ?? false;

    public bool StartGroup(string id) => FindGroup(id)?.Start() ?? false;

    /// <summary>OffsetCommit for a group without members: null or Kafka's error name.</summary>
    public string? CommitOffset(string group, string topic, int partition, long offset) =>
        WithCoordinator(group, found => World.Partitions.Find(topic, partition) is var index and >= 0 ? found.Commit(index, offset) : "UNKNOWN_TOPIC_OR_PARTITION");

    /// <summary>OffsetDelete: null or Kafka's error name.</summary>
    public string? ForgetOffset(string group, string topic, int partition) => WithCoordinator(group, found => found.Forget(topic, partition));

    /// <summary>DeleteGroups: null or Kafka's error name.</summary>
    public string? DeleteGroup(string group) => WithCoordinator(group, found => found.Delete());

    private string? WithCoordinator(string group, Func<SimulatedGroup, string?> act) => FindGroup(group) is not { } found ? "GROUP_ID_NOT_FOUND"
        : GroupAnswers.Coordinator(this, found) is var id && (id < 0 || !Broker(id).IsServing) ? "COORDINATOR_NOT_AVAILABLE"
        : act(found);

    /// <summary>AlterPartitionReassignments: one answer per target, null or Kafka's error name.</summary>
    public string?[] Reassign(IReadOnlyList<ReassignmentTarget> targets, bool allowReplicationFactorChange = true)
    {
        var errors = _reassignments.Submit(targets, allowReplicationFactorChange);
        Done(true);
        return errors;
    }

    /// <summary>AlterReplicaLogDirs: null or Kafka's error name.</summary>
    public string? MoveLogDir(string topic, int partition, int broker, string path)
    {
        var index = World.Partitions.Find(topic, partition);
        return index < 0 ? "UNKNOWN_TOPIC_OR_PARTITION"
            : !HasBroker(broker) || !Broker(broker).IsServing ? "BROKER_NOT_AVAILABLE"
            : _reassignments.MoveLogDir(index, broker, path);
    }

    /// <summary>ElectLeaders, preferred: null or Kafka's error name. There is no unclean election here.</summary>
    public string? ElectPreferred(string topic, int partition)
    {
        var index = _world.Partitions.Find(topic, partition);
        return index < 0 ? "UNKNOWN_TOPIC_OR_PARTITION" : _leadership.ElectPreferred(index);
    }

    /// <summary>Dynamic broker configs are sent to the broker itself, so it has to answer.</summary>
    public string? AlterBrokerConfig(int broker, IReadOnlyList<ConfigAlteration> alterations) =>
        HasBroker(broker) && Broker(broker).IsServing ? Configs.AlterBroker(broker, alterations) : "BROKER_NOT_AVAILABLE";

    public string? AlterTopicConfig(string topic, IReadOnlyList<ConfigAlteration> alterations)
    {
        var error = Configs.AlterTopic(topic, alterations);
        var layout = _world.Partitions.Layout;
        for (var (partition, index) = (0, layout.FindTopic(topic)); error is null && partition < layout.PartitionsOf(index); partition++)
        {
            _leadership.RefreshWrites(layout.TopicStart[index] + partition);
        }

        return error;
    }

    /// <summary>The picture that Metadata gives, brokers by node id; the same object while nothing changes.</summary>
    public PartitionTable PublishPartitions() => _world.Partitions.Publish();

    private bool Done(bool changed)
    {
        _replication.EnsureRunning();
        return changed;
    }

    private void AfterStep()
    {
        _reassignments.CommitReady();
        if (_world.Now.ToUnixTimeSeconds() % 10 == 0)
        {
            FailFullDisks();
        }
    }

    /// <summary>A reassignment can fill a disk; looked at every ten seconds while something is copied.</summary>
    private void FailFullDisks()
    {
        foreach (var broker in _reassignments.Running.SelectMany(AddingBrokers).Distinct().Order().ToList())
        {
            for (var dir = 0; dir < Broker(broker).LogDirs.Length; dir++)
            {
                var logDir = Broker(broker).LogDirs[dir];
                if (!logDir.IsOffline && _world.BytesIn(broker, dir) + logDir.ForeignBytes(_world.Now) > logDir.TotalBytes)
                {
                    _lives.FailLogDir(broker, dir);
                }
            }
        }
    }

    private IEnumerable<int> AddingBrokers(int partition) => _world.Partitions.ReplicasOf(partition)
        .Where(replica => (replica.Flags & ReplicaFlags.Adding) != ReplicaFlags.None)
        .Select(replica => replica.Broker);

    private double FollowerBytesPerSecond(int broker, int dir)
    {
        var sum = 0.0;
        foreach (var slot in _world.Partitions.SlotsOf(broker))
        {
            var partition = _world.Partitions.PartitionOf(slot);
            if (_world.Partitions.LogDir(slot) == dir && _world.Partitions.Leader(partition) != broker)
            {
                sum += _world.Log.MeanRate(partition) * _world.Log.TopicOf(partition).MessageBytes;
            }
        }

        return sum;
    }
}
