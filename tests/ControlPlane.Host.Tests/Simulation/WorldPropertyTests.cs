using System.Globalization;
using System.Text;
using ControlPlane.Engine.Model;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class WorldPropertyTests
{
    private const int Commands = 150;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_the_rules_of_kafka_hold(int seed)
    {
        var world = new SimulatedWorld();
        var random = new SeededRandom(seed);
        var watch = new Watch(world);
        for (var i = 0; i < Commands; i++)
        {
            Command(world, random);
            watch.Check();
            world.Pass(random.NextBetween(0, 40));
            watch.Check();
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Same_seed_and_same_commands_at_the_same_times_give_the_same_samples(int seed) =>
        Assert.Equal(Story(seed, looks: 1), Story(seed, looks: 1));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Looking_more_often_changes_nothing(int seed) =>
        Assert.Equal(Story(seed, looks: 1), Story(seed, looks: 7));

    [Fact]
    public void Different_seeds_give_different_worlds() =>
        Assert.NotEqual(
            new SimulatedWorld(new SimulationSpec { Seed = 1 }).State(),
            new SimulatedWorld(new SimulationSpec { Seed = 2 }).State());

    [Fact]
    public void Trouble_that_comes_by_itself_repeats_exactly_and_goes_again()
    {
        var spec = new SimulationSpec { Brokers = 3, Topics = 6, PartitionsPerTopic = 4, Groups = 3, Seed = 5, Troubled = true };
        var (one, other) = (new SimulatedWorld(spec), new SimulatedWorld(spec));
        var (healthy, troubled) = (0, 0);
        for (var i = 0; i < 720; i++)
        {
            one.Pass(10);
            other.Pass(10);
            var isWell = one.Kafka.Brokers.All(broker => broker.IsReplicating && broker.LogDirs.All(dir => dir.SlowBytesPerSecond is null))
                && one.Kafka.Groups.All(group => group.IsConsuming);
            (healthy, troubled) = isWell ? (healthy + 1, troubled) : (healthy, troubled + 1);
        }

        Assert.Equal(one.State(), other.State());
        Assert.InRange(troubled, 100, 620);
        Assert.InRange(healthy, 100, 620);
    }

    /// <summary>A random story, told as the samples that come out of it.</summary>
    private static string Story(int seed, int looks)
    {
        var world = new SimulatedWorld();
        var random = new SeededRandom(seed);
        var story = new StringBuilder();
        for (var i = 0; i < 60; i++)
        {
            Command(world, random);
            var seconds = random.NextBetween(0, 40);
            var until = world.Kafka.Clock.Now.AddSeconds(seconds);
            for (var look = 1; look < looks; look++)
            {
                world.Pass(seconds / looks);
                Tell(world, new StringBuilder());
            }

            world.Kafka.AdvanceTo(until);
            Tell(world, story);
        }

        return story.ToString();
    }

    private static void Tell(SimulatedWorld world, StringBuilder story)
    {
        var brokers = Enumerable.Range(1, world.Spec.Brokers).ToArray();
        var offsets = LoadAnswers.Offsets(world.Kafka, world.Kafka.PublishPartitions()).Value!;
        var topology = MetadataAnswers.Topology(world.Kafka);
        story.Append(world.State())
            .Append(string.Join(',', offsets.LogEnd)).Append(string.Join(',', offsets.LogStart))
            .Append(CultureInfo.InvariantCulture, $"{topology.Cost} {topology.Took} {MetadataAnswers.Quorum(world.Kafka).Value?.Voters.Length}");
        foreach (var dir in LoadAnswers.LogDirs(world.Kafka, brokers).Value?.ByBroker.OrderBy(broker => broker.Key).SelectMany(broker => broker.Value) ?? [])
        {
            story.Append(CultureInfo.InvariantCulture, $"{dir.Error} {dir.UsableBytes} {string.Join(',', dir.Replicas.Select(replica => (replica.Bytes, replica.OffsetLag)))}");
        }

        foreach (var group in GroupAnswers.All(world.Kafka).Value?.Groups ?? [])
        {
            story.Append(CultureInfo.InvariantCulture, $"{group.Id} {group.State} {group.CoordinatorId} {string.Join(',', group.Offsets!.Value.Select(offset => offset.Offset))}");
        }
    }

    private static void Command(SimulatedWorld world, SeededRandom random)
    {
        var kafka = world.Kafka;
        var broker = 1 + random.Next(world.Spec.Brokers);
        var dir = random.Next(world.Spec.LogDirsPerBroker);
        var group = random.Pick(kafka.Groups).Spec.Id;
        var partition = random.Next(world.Partitions.Count);
        var target = Enumerable.Range(1, world.Spec.Brokers).OrderBy(_ => random.NextBits()).Take(2 + random.Next(3)).ToArray();
        _ = random.Next(16) switch
        {
            0 => kafka.Kill(broker),
            1 => kafka.Hang(broker),
            2 or 3 => kafka.Resume(broker) | kafka.Start(broker),
            4 => kafka.Shutdown(broker),
            5 => kafka.Restart(broker),
            6 => kafka.SlowDisk(broker, dir),
            7 => kafka.HealDisk(broker, dir),
            8 => kafka.FillDisk(broker, dir),
            9 => kafka.RepairDisks(broker),
            10 => kafka.StopGroup(group),
            11 => kafka.StartGroup(group),
            12 or 13 => world.Reassign(partition, target) is null,
            14 => world.Reassign(partition, target: null) is null,
            _ => kafka.AlterBrokerConfig(broker, [new ConfigAlteration(SimulatedConfigs.FollowerRate, ConfigOperation.Set, "20000000")]) is null,
        };
    }

    /// <summary>Remembers offsets, copied bytes and leaders between checks.</summary>
    private sealed class Watch(SimulatedWorld world)
    {
        private readonly long[] _ends = new long[world.Partitions.Count];
        private readonly long[] _starts = new long[world.Partitions.Count];
        private readonly long[] _copied = new long[world.Spec.Brokers];
        private readonly int[] _epochs = new int[world.Partitions.Count];
        private readonly int[][] _inSync = [.. Enumerable.Range(0, world.Partitions.Count).Select(world.InSync)];
        private DateTimeOffset _at = world.Kafka.Clock.Now;

        public void Check()
        {
            for (var partition = 0; partition < world.Partitions.Count; partition++)
            {
                CheckReplicas(partition);
                CheckOffsets(partition);
            }

            CheckCommitted();
            CheckBandwidth();
        }

        private void CheckReplicas(int partition)
        {
            var (leader, inSync, replicas) = (world.Partitions.Leader(partition), world.InSync(partition), world.Replicas(partition));
            Assert.Equal(replicas.Length, replicas.Distinct().Count());
            Assert.NotEmpty(inSync);
            Assert.True(leader == -1 || inSync.Contains(leader), $"leader {leader} of {partition} isn't in its ISR");
            Assert.True(leader == -1 || !world.Kafka.Broker(leader).IsFenced, $"{partition} is led by {leader}, which is fenced");
            var epoch = world.Kafka.PublishPartitions().LeaderEpoch[partition];
            Assert.True(epoch >= _epochs[partition]);
            _epochs[partition] = epoch;
            if (!world.Kafka.Reassigning.Contains(partition))
            {
                Assert.All(world.Partitions.ReplicasOf(partition), replica => Assert.Equal(ReplicaFlags.None, replica.Flags & (ReplicaFlags.Adding | ReplicaFlags.Removing)));
            }

            _inSync[partition] = inSync;
        }

        private void CheckOffsets(int partition)
        {
            var end = world.End(partition);
            var start = world.Kafka.World.Log.Start(partition, world.Kafka.World.EndOf(partition));
            Assert.True(end >= _ends[partition] && start >= _starts[partition] && start <= end, $"offsets of {partition} went from {_starts[partition]}..{_ends[partition]} to {start}..{end}");
            (_starts[partition], _ends[partition]) = (start, end);
        }

        private void CheckCommitted()
        {
            foreach (var group in world.Kafka.Groups)
            {
                var committed = group.Committed();
                for (var i = 0; i < committed.Length; i++)
                {
                    Assert.InRange(committed[i].Offset, 0, _ends[group.Spec.Partitions[i]]);
                }
            }
        }

        private void CheckBandwidth()
        {
            var seconds = (world.Kafka.Clock.Now - _at).TotalSeconds + 1; // a step counts whole, also when it began before
            for (var broker = 1; broker <= world.Spec.Brokers; broker++)
            {
                var copied = world.Kafka.CopiedTo(broker);
                Assert.True(copied - _copied[broker - 1] <= (world.Kafka.Broker(broker).NetworkBytesPerSecond * seconds) + 1);
                _copied[broker - 1] = copied;
            }

            _at = world.Kafka.Clock.Now;
        }
    }
}
