using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>The changing port to a simulated world.</summary>
internal sealed class SimulatedOperations(SimulatedKafkaCluster cluster) : IKafkaOperations
{
    public Task<TopicsPicture?> DescribeTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => cluster.CommandAsync(
        kafka =>
        {
            if (!kafka.Brokers.Any(broker => broker.IsServing && !broker.IsFenced))
            {
                return null;
            }

            var layout = kafka.World.Partitions.Layout;
            var found = topics.Where(topic => layout.FindTopic(topic) >= 0).ToDictionary(topic => topic, topic => Observed(kafka, layout.FindTopic(topic)), StringComparer.Ordinal);
            return (TopicsPicture?)new TopicsPicture(
                kafka.KafkaClusterId,
                kafka.Brokers.Where(broker => !broker.IsFenced).Select(broker => broker.Id).ToHashSet(),
                found,
                topics.Where(topic => !found.ContainsKey(topic)).ToHashSet(StringComparer.Ordinal));
        },
        cancellationToken);

    public async Task<IReadOnlyDictionary<(string Topic, int Partition), ObservedReassignment>?> ListReassignmentsAsync(CancellationToken cancellationToken) =>
        (await cluster.FetchReassignmentsAsync(cancellationToken)).Value?.Running.ToDictionary(one => (one.Topic, one.Partition));

    public async Task<ReplicaSizes> FetchSizesAsync(
        IReadOnlyCollection<int> brokers, IReadOnlyCollection<(string Topic, int Partition)> partitions, CancellationToken cancellationToken)
    {
        var (bytes, free) = (new Dictionary<(string, int, int), long>(), new Dictionary<int, long>());
        var (inDirs, places) = (new Dictionary<(int, string), long>(), new Dictionary<(string, int, int), ReplicaPlace>());
        var wanted = partitions.ToHashSet();
        var sample = (await cluster.FetchLogDirsAsync([.. brokers], cancellationToken)).Value;
        foreach (var (broker, dirs) in sample?.ByBroker ?? [])
        {
            foreach (var dir in dirs.Where(dir => dir.Error is null))
            {
                free[broker] = Math.Max(free.GetValueOrDefault(broker), dir.UsableBytes ?? long.MaxValue);
                inDirs[(broker, dir.Path)] = dir.UsableBytes ?? long.MaxValue;
                foreach (var replica in dir.Replicas.Where(replica => wanted.Contains((replica.Topic, replica.Partition))))
                {
                    bytes[(replica.Topic, replica.Partition, broker)] = replica.Bytes;
                    places[(replica.Topic, replica.Partition, broker)] = new ReplicaPlace(dir.Path, null);
                }
            }
        }

        return new ReplicaSizes(bytes, free) { FreeByDir = inDirs, Places = places };
    }

    public Task<IReadOnlyDictionary<ThrottleKey, string?>> FetchThrottlesAsync(IReadOnlyCollection<ThrottleKey> keys, CancellationToken cancellationToken) => cluster.CommandAsync(
        kafka => (IReadOnlyDictionary<ThrottleKey, string?>)keys.Distinct().Where(key => CanRead(kafka, key)).ToDictionary(
            key => key,
            key => (key.Topic is { } topic ? kafka.Configs.OverridesOf(topic) : kafka.Configs.DynamicOf(key.Broker!.Value)).TryGetValue(key.Key, out var value) ? value : null),
        cancellationToken);

    public async Task<IReadOnlyList<MoveAnswer>> ReassignAsync(IReadOnlyList<ReassignmentWish> wishes, CancellationToken cancellationToken)
    {
        var answers = new List<MoveAnswer>(wishes.Count);
        foreach (var part in wishes.GroupBy(wish => wish.ChangesReplicationFactor))
        {
            ReassignmentTarget[] targets = [.. part.Select(wish => new ReassignmentTarget(wish.Topic, wish.Partition, wish.Target is { } target ? [.. target] : null))];
            var errors = await cluster.DoAsync(new WorldCommand.Reassign(targets) { AllowsReplicationFactorChange = part.Key }, cancellationToken);
            answers.AddRange(part.Select((wish, i) => AnswerOf(wish, errors[i])));
        }

        return answers;
    }

    public async Task<IReadOnlyList<MoveAnswer>> MoveDirsAsync(IReadOnlyList<DirWish> wishes, CancellationToken cancellationToken)
    {
        var answers = new List<MoveAnswer>(wishes.Count);
        foreach (var wish in wishes)
        {
            var error = (await cluster.DoAsync(new WorldCommand.MoveLogDir(wish.Topic, wish.Partition, wish.Broker, wish.Path), cancellationToken))[0];
            answers.Add(new MoveAnswer(wish.Order, KindOf(error), error));
        }

        return answers;
    }

    public async Task<IReadOnlyList<MoveAnswer>> ElectPreferredAsync(IReadOnlyList<ReassignmentWish> partitions, CancellationToken cancellationToken)
    {
        var answers = new List<MoveAnswer>(partitions.Count);
        foreach (var wish in partitions)
        {
            answers.Add(AnswerOf(wish, (await cluster.DoAsync(new WorldCommand.Elect(wish.Topic, wish.Partition), cancellationToken))[0]));
        }

        return answers;
    }

    public async Task<IReadOnlyList<ThrottleAnswer>> AlterThrottlesAsync(IReadOnlyList<ThrottleChange> changes, CancellationToken cancellationToken)
    {
        var answers = new List<ThrottleAnswer>(changes.Count);
        foreach (var resource in changes.GroupBy(change => (change.Key.Topic, change.Key.Broker)))
        {
            ConfigAlteration[] alterations = [.. resource.Select(change => new ConfigAlteration(change.Key.Key, OperationOf(change.Operation), change.Value))];
            WorldCommand command = resource.Key.Topic is { } topic ? new WorldCommand.AlterTopic(topic, alterations) : new WorldCommand.AlterBroker(resource.Key.Broker!.Value, alterations);
            var error = (await cluster.DoAsync(command, cancellationToken))[0];
            answers.AddRange(resource.Select(change => new ThrottleAnswer(change.Key, KindOf(error), error)));
        }

        return answers;
    }

    private static bool CanRead(SimulatedKafka kafka, ThrottleKey key) => key.Topic is { } topic
        ? kafka.World.Partitions.Layout.FindTopic(topic) >= 0
        : kafka.HasBroker(key.Broker!.Value) && kafka.Broker(key.Broker.Value).IsServing;

    private static MoveAnswer AnswerOf(ReassignmentWish wish, string? error) => new(wish.Order, KindOf(error), error);

    private static AnswerKind KindOf(string? error) => error switch
    {
        null => AnswerKind.Accepted,
        "BROKER_NOT_AVAILABLE" or "UNKNOWN_TOPIC_OR_PARTITION" => AnswerKind.NotSent,
        _ => AnswerKind.Refused,
    };

    private static ObservedTopic Observed(SimulatedKafka kafka, int topic)
    {
        var (partitions, layout) = (kafka.World.Partitions, kafka.World.Partitions.Layout);
        return new ObservedTopic(layout.TopicId[topic], Enumerable.Range(0, layout.PartitionsOf(topic)).ToDictionary(number => number, number =>
        {
            var index = layout.TopicStart[topic] + number;
            var replicas = partitions.ReplicasOf(index);
            return new ObservedPartition(
                [.. replicas.Select(replica => replica.Broker)],
                [.. replicas.Where(replica => (replica.Flags & ReplicaFlags.InSync) != ReplicaFlags.None).Select(replica => replica.Broker)],
                partitions.Leader(index));
        }));
    }

    private static ConfigOperation OperationOf(ThrottleOperation operation) => operation switch
    {
        ThrottleOperation.Set => ConfigOperation.Set,
        ThrottleOperation.Delete => ConfigOperation.Delete,
        ThrottleOperation.Append => ConfigOperation.Append,
        ThrottleOperation.Subtract => ConfigOperation.Subtract,
        _ => throw new InvalidOperationException($"Unhandled operation {operation}"),
    };
}
