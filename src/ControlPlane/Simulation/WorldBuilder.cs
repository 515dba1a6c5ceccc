using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>A new world with everything in it.</summary>
internal sealed record BuiltWorld(WorldState World, SimulatedConfigs Configs, SimulatedGroup[] Groups, string KafkaClusterId);

/// <summary>Turns a spec into a healthy world: every replica in sync, every leader preferred, disks about half to two thirds full.</summary>
internal static class WorldBuilder
{
    private const double NetworkBytesPerSecond = 1.25e9;
    private const double DiskBytesPerSecond = 400e6;
    private const double FullestDisk = 0.66;

    public static BuiltWorld Build(SimulationSpec spec, WorldClock clock, SeededRandom random)
    {
        var clusterId = Convert.ToBase64String(random.NextGuid().ToByteArray())[..22].Replace('+', '-').Replace('/', '_');
        var brokers = Brokers(spec);
        var topics = TopicPlan.Of(spec);
        var table = TopicPlan.Layout(topics, random);
        var defaultMinInSync = (short)(spec.ReplicationFactor >= 3 ? 2 : 1);
        var minInSync = Enumerable.Repeat(defaultMinInSync, topics.Length).ToArray();
        var (assigned, logDirs) = new ReplicaPlacement(brokers, random).Place(table, topics);
        var partitions = new PartitionStore(assigned, minInSync, logDirs, brokers.Length);
        var (loads, rates) = LoadPlan.Of(spec, topics, assigned, clock.Start, random);
        var world = new WorldState(spec, clock, brokers, partitions, new ProducedLog(new LoadWaves(random), assigned, loads, rates));
        SizeDisks(world);
        var configs = new SimulatedConfigs(partitions, defaultMinInSync);
        PresetTopics(configs, topics, loads);
        return new BuiltWorld(world, configs, GroupPlan.Of(world, random), clusterId);
    }

    private static SimulatedBroker[] Brokers(SimulationSpec spec)
    {
        var brokers = new SimulatedBroker[spec.Brokers];
        for (var i = 0; i < brokers.Length; i++)
        {
            var dirs = Enumerable.Range(0, spec.LogDirsPerBroker).Select(dir => new SimulatedLogDir(SimulatedNames.LogDir(dir), DiskBytesPerSecond));
            var rack = spec.Racks == 0 ? null : SimulatedNames.Rack(i % spec.Racks);
            brokers[i] = new SimulatedBroker(i + 1, SimulatedNames.Host(i + 1), 9_092, rack, NetworkBytesPerSecond, [.. dirs]);
        }

        return brokers;
    }

    /// <summary>All disks of a cluster are of one size, as sites buy them: so that the fullest has some room left.</summary>
    private static void SizeDisks(WorldState world)
    {
        var fullest = 0L;
        foreach (var broker in world.Brokers)
        {
            var used = new long[broker.LogDirs.Length];
            foreach (var slot in world.Partitions.SlotsOf(broker.Id))
            {
                used[world.Partitions.LogDir(slot)] += world.BytesOf(world.Partitions.PartitionOf(slot), slot);
            }

            fullest = Math.Max(fullest, used.Max());
        }

        var wanted = fullest / FullestDisk;
        var unit = wanted > 1e12 ? 100e9 : wanted > 1e11 ? 10e9 : 1e9;
        var total = (long)(Math.Max(1, Math.Ceiling(wanted / unit)) * unit);
        foreach (var dir in world.Brokers.SelectMany(broker => broker.LogDirs))
        {
            dir.TotalBytes = total;
        }
    }

    private static void PresetTopics(SimulatedConfigs configs, TopicPlan[] topics, TopicLoad[] loads)
    {
        for (var topic = 0; topic < topics.Length; topic++)
        {
            if (topics[topic].IsInternal)
            {
                configs.Preset(topics[topic].Name, "cleanup.policy", "compact");
                configs.Preset(topics[topic].Name, "segment.bytes", "104857600");
            }
            else if (loads[topic].RetentionSeconds != LoadPlan.DefaultRetentionSeconds)
            {
                configs.Preset(topics[topic].Name, "retention.ms", (loads[topic].RetentionSeconds * 1_000L).ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}

/// <summary>A topic to be built.</summary>
internal sealed record TopicPlan(string Name, bool IsInternal, int Partitions, int ReplicationFactor)
{
    public const string ConsumerOffsets = "__consumer_offsets";

    private const int InternalPartitions = 50;

    /// <summary>Sorted by name, ordinal.</summary>
    public static TopicPlan[] Of(SimulationSpec spec)
    {
        var topics = new List<TopicPlan>(spec.Topics + 1)
        {
            new(ConsumerOffsets, true, InternalPartitions, Math.Min(3, spec.Brokers)),
        };
        for (var i = 0; i < spec.Topics; i++)
        {
            topics.Add(new TopicPlan(SimulatedNames.Topic(i), false, spec.PartitionsPerTopic, spec.ReplicationFactor));
        }

        topics.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return [.. topics];
    }

    /// <summary>The table of these topics with everything but the replicas.</summary>
    public static PartitionTable Layout(TopicPlan[] topics, SeededRandom random)
    {
        var start = new int[topics.Length + 1];
        for (var i = 0; i < topics.Length; i++)
        {
            start[i + 1] = start[i] + topics[i].Partitions;
        }

        var topicOf = new int[start[^1]];
        for (var i = 0; i < topics.Length; i++)
        {
            topicOf.AsSpan(start[i]..start[i + 1]).Fill(i);
        }

        return new PartitionTable
        {
            TopicName = Array.ConvertAll(topics, topic => topic.Name),
            TopicId = Array.ConvertAll(topics, _ => random.NextGuid()),
            TopicInternal = Array.ConvertAll(topics, topic => topic.IsInternal),
            TopicMinInSync = Array.ConvertAll(topics, _ => (short)-1), // Metadata doesn't tell it; topic configs do
            TopicStart = start,
            Topic = topicOf,
        };
    }
}

/// <summary>How much is produced to the topics: few big ones and many small, and some skew between the partitions of each.</summary>
internal static class LoadPlan
{
    public const int DefaultRetentionSeconds = 24 * 3_600;

    private static readonly int[] MessageBytes = [120, 180, 260, 420, 700, 1_100, 1_900, 3_600];
    private static readonly int[] RetentionHours = [6, 12, 24, 24, 24, 48, 72];
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static (TopicLoad[] Loads, float[] Rates) Of(SimulationSpec spec, TopicPlan[] topics, PartitionTable table, DateTimeOffset start, SeededRandom random)
    {
        var weights = Array.ConvertAll(topics, topic => topic.IsInternal ? 0 : Math.Exp(random.NextGaussian() * 1.2));
        var total = Math.Max(1e-9, weights.Sum());
        var (loads, rates) = (new TopicLoad[topics.Length], new float[table.PartitionCount]);
        for (var topic = 0; topic < topics.Length; topic++)
        {
            loads[topic] = Load(topics[topic], start, random);
            var recordsPerSecond = topics[topic].IsInternal
                ? 0.2 * spec.Groups * topics[topic].Partitions
                : weights[topic] / total * spec.Brokers * spec.KilobytesPerSecondPerBroker * 1e3 / loads[topic].MessageBytes;
            for (var partition = table.TopicStart[topic]; partition < table.TopicStart[topic + 1]; partition++)
            {
                rates[partition] = (float)(recordsPerSecond / topics[topic].Partitions * Math.Exp(random.NextGaussian() * 0.35));
            }
        }

        return (loads, rates);
    }

    /// <summary>A fixed birth, so that a demo that starts again goes on at the offsets where real time has brought them.</summary>
    private static TopicLoad Load(TopicPlan topic, DateTimeOffset start, SeededRandom random)
    {
        var born = Epoch - TimeSpan.FromDays(random.NextBetween(30, 400));
        var profile = random.Next(LoadWaves.Profiles);
        var (bytes, hours) = (random.Pick(MessageBytes), random.Pick(RetentionHours));
        var latest = start - TimeSpan.FromDays(30);
        return new TopicLoad(profile, topic.IsInternal ? 90 : bytes, topic.IsInternal ? DefaultRetentionSeconds : hours * 3_600, born < latest ? born : latest);
    }
}

/// <summary>Who consumes what: each group reads one to three topics with one to six members.</summary>
internal static class GroupPlan
{
    public static SimulatedGroup[] Of(WorldState world, SeededRandom random)
    {
        var layout = world.Partitions.Layout;
        var topics = Enumerable.Range(0, layout.TopicCount).Where(topic => !layout.TopicInternal[topic]).ToArray();
        var groups = new SimulatedGroup[world.Spec.Groups];
        for (var i = 0; i < groups.Length; i++)
        {
            var read = Enumerable.Range(0, 1 + random.Next(3)).Select(_ => random.Pick(topics)).Distinct().Order().ToArray();
            var lagSeconds = random.NextDouble() < 0.15 ? random.NextBetween(10, 30) : random.NextBetween(0.2, 3);
            groups[i] = new SimulatedGroup(world, Spec(layout, SimulatedNames.Group(i), read, random), lagSeconds, random.NextBetween(0, 5));
        }

        return groups;
    }

    private static GroupSpec Spec(PartitionTable layout, string id, int[] topics, SeededRandom random)
    {
        var partitions = topics.SelectMany(topic => Enumerable.Range(layout.TopicStart[topic], layout.PartitionsOf(topic))).ToArray();
        var type = random.NextDouble() < 0.3 ? "consumer" : "classic";
        var count = Math.Min(1 + random.Next(6), partitions.Length);
        var members = ImmutableArray.CreateBuilder<GroupMember>(count);
        for (var member = 0; member < count; member++)
        {
            var client = string.Create(CultureInfo.InvariantCulture, $"{id}-{member + 1}");
            var memberId = type == "consumer" ? random.NextGuid().ToString() : $"{client}-{random.NextGuid()}";
            var host = string.Create(CultureInfo.InvariantCulture, $"/10.20.{random.Next(8)}.{1 + random.Next(250)}");
            var assigned = partitions
                .Skip(member * partitions.Length / count)
                .Take(((member + 1) * partitions.Length / count) - (member * partitions.Length / count))
                .Select(partition => new AssignedPartition(layout.TopicName[layout.Topic[partition]], layout.NumberOf(partition)));
            members.Add(new GroupMember(memberId, null, client, host, [.. assigned]));
        }

        return new GroupSpec(id, type, partitions, members.MoveToImmutable());
    }
}
