using System.Globalization;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ConfigSource = ControlPlane.Kafka.Protocol.ConfigSource;

namespace ControlPlane.Connectivity;

/// <summary>Changes a real cluster through our wire client, and reads what a change needs to know.</summary>
internal sealed class RealKafkaOperations(KafkaAdmin admin) : IKafkaOperations
{
    private static readonly string[] ThrottleKeys =
        [ThrottleKey.LeaderReplicas, ThrottleKey.FollowerReplicas, ThrottleKey.LeaderRate, ThrottleKey.FollowerRate];

    public async Task<TopicsPicture?> DescribeTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        if (await TryAsync(() => admin.FetchMetadataAsync(topics, cancellationToken), cancellationToken) is not { } metadata)
        {
            return null;
        }

        return new TopicsPicture(
            metadata.ClusterId,
            metadata.Brokers.Select(broker => broker.NodeId).ToHashSet(),
            metadata.Topics.Where(topic => topic.ErrorCode == ErrorCode.None && topic.Name is not null).ToDictionary(topic => topic.Name!, Observed, StringComparer.Ordinal),
            metadata.Topics.Where(topic => topic.ErrorCode == ErrorCode.UnknownTopicOrPartition).Select(topic => topic.Name!).ToHashSet(StringComparer.Ordinal));
    }

    public async Task<IReadOnlyDictionary<(string Topic, int Partition), ObservedReassignment>?> ListReassignmentsAsync(CancellationToken cancellationToken) =>
        (await TryAsync(() => admin.FetchReassignmentsAsync(null, cancellationToken), cancellationToken))?.ToDictionary(
            one => (one.Topic, one.Partition),
            one => new ObservedReassignment(one.Topic, one.Partition, [.. one.Replicas], [.. one.Adding], [.. one.Removing]));

    public async Task<ReplicaSizes> FetchSizesAsync(
        IReadOnlyCollection<int> brokers, IReadOnlyCollection<(string Topic, int Partition)> partitions, CancellationToken cancellationToken)
    {
        var (bytes, free) = (new Dictionary<(string, int, int), long>(), new Dictionary<int, long>());
        var (inDirs, places) = (new Dictionary<(int, string), long>(), new Dictionary<(string, int, int), ReplicaPlace>());
        TopicPartitions[] topics = [.. partitions.GroupBy(one => one.Topic, StringComparer.Ordinal).Select(topic => new TopicPartitions(topic.Key, [.. topic.Select(one => one.Partition)]))];
        var results = await TryAsync(() => admin.FetchLogDirsAsync(brokers, topics, cancellationToken), cancellationToken);
        foreach (var (broker, dirs) in results?.Values ?? new Dictionary<int, IReadOnlyList<LogDirDescription>>())
        {
            foreach (var dir in dirs.Where(dir => dir.Error == ErrorCode.None))
            {
                free[broker] = Math.Max(free.GetValueOrDefault(broker, long.MinValue), dir.UsableBytes ?? long.MaxValue);
                inDirs[(broker, dir.Path)] = dir.UsableBytes ?? long.MaxValue;
                foreach (var (topic, partition) in dir.Topics.SelectMany(topic => topic.Partitions.Select(one => (topic.Name, one))))
                {
                    var key = (topic, partition.PartitionIndex, broker);
                    var place = places.GetValueOrDefault(key) ?? new ReplicaPlace(null, null);
                    places[key] = partition.IsFutureKey ? place with { FuturePath = dir.Path } : place with { Path = dir.Path };
                    if (!partition.IsFutureKey)
                    {
                        bytes[key] = partition.PartitionSize;
                    }
                }
            }
        }

        return new ReplicaSizes(bytes, free) { FreeByDir = inDirs, Places = places };
    }

    public async Task<IReadOnlyDictionary<ThrottleKey, string?>> FetchThrottlesAsync(IReadOnlyCollection<ThrottleKey> keys, CancellationToken cancellationToken)
    {
        var values = new Dictionary<ThrottleKey, string?>();
        var asked = keys.Select(ResourceOf).Distinct().ToList();
        var results = await TryAsync(() => admin.FetchConfigsAsync(asked, ThrottleKeys, cancellationToken), cancellationToken);
        foreach (var key in results is null ? [] : keys)
        {
            if (results!.Values.TryGetValue(ResourceOf(key), out var configs))
            {
                var entry = configs.FirstOrDefault(config => config.Name == key.Key);
                values[key] = entry.ConfigSource is ConfigSource.TopicConfig or ConfigSource.DynamicBrokerConfig ? entry.Value ?? "" : null;
            }
        }

        return values;
    }

    public async Task<IReadOnlyList<MoveAnswer>> ReassignAsync(IReadOnlyList<ReassignmentWish> wishes, CancellationToken cancellationToken)
    {
        var answers = new List<MoveAnswer>(wishes.Count);
        foreach (var part in wishes.GroupBy(wish => wish.ChangesReplicationFactor)) // the guard is one for the whole request
        {
            ReassignmentTarget[] targets = [.. part.Select(wish => new ReassignmentTarget(wish.Topic, wish.Partition, wish.Target is { } target ? [.. target] : null))];
            answers.AddRange(await AnswerAsync([.. part], () => admin.AlterReassignmentsAsync(targets, allowReplicationFactorChange: part.Key, cancellationToken)));
        }

        return answers;
    }

    /// <summary>Each broker is asked for itself: one that hangs must not keep the others.</summary>
    public async Task<IReadOnlyList<MoveAnswer>> MoveDirsAsync(IReadOnlyList<DirWish> wishes, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(wishes.GroupBy(wish => wish.Broker).Select(async broker =>
        {
            IReadOnlyList<ReplicaMoveResult> results = [];
            ReplicaMove[] moves = [.. broker.Select(wish => new ReplicaMove(wish.Topic, wish.Partition, wish.Path))];
            var (kind, error) = await ChangeAnswers.OutcomeAsync(async () => results = await admin.AlterReplicaLogDirsAsync(broker.Key, moves, cancellationToken));
            var byPartition = results.ToDictionary(result => (result.Topic, result.Partition), result => result.Error);
            return broker.Select(wish => byPartition.TryGetValue((wish.Topic, wish.Partition), out var outcome)
                ? new MoveAnswer(wish.Order, ChangeAnswers.KindOf(outcome), outcome == ErrorCode.None ? null : outcome.KafkaName())
                : new MoveAnswer(wish.Order, kind == AnswerKind.Accepted ? AnswerKind.Unknown : kind, error));
        }));
        return [.. answers.SelectMany(all => all)];
    }

    public async Task<IReadOnlyList<MoveAnswer>> ElectPreferredAsync(IReadOnlyList<ReassignmentWish> partitions, CancellationToken cancellationToken)
    {
        TopicPartitions[] topics = [.. partitions.GroupBy(one => one.Topic, StringComparer.Ordinal).Select(topic => new TopicPartitions(topic.Key, [.. topic.Select(one => one.Partition)]))];
        return await AnswerAsync(partitions, () => admin.ElectLeadersAsync(ElectionType.Preferred, topics, cancellationToken));
    }

    /// <summary>One request per topic or broker, all at once: one that hangs must not keep the others.</summary>
    public async Task<IReadOnlyList<ThrottleAnswer>> AlterThrottlesAsync(IReadOnlyList<ThrottleChange> changes, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(changes.GroupBy(change => ResourceOf(change.Key)).Select(async resource =>
        {
            ConfigChange[] wanted = [.. resource.Select(change => new ConfigChange(change.Key.Key, OperationOf(change.Operation), change.Value))];
            var (kind, error) = await ChangeAnswers.OutcomeAsync(() => admin.AlterConfigsAsync(resource.Key, wanted, validateOnly: false, cancellationToken));
            return resource.Select(change => new ThrottleAnswer(change.Key, kind, error));
        }));
        return [.. answers.SelectMany(all => all)];
    }

    private static async Task<IReadOnlyList<MoveAnswer>> AnswerAsync(IReadOnlyList<ReassignmentWish> wishes, Func<Task<IReadOnlyList<PartitionOutcome>>> send)
    {
        IReadOnlyList<PartitionOutcome> outcomes = [];
        var (kind, error) = await ChangeAnswers.OutcomeAsync(async () => outcomes = await send());
        var byPartition = outcomes.ToDictionary(outcome => (outcome.Topic, outcome.Partition));
        return [.. wishes.Select(wish => byPartition.TryGetValue((wish.Topic, wish.Partition), out var outcome)
            ? new MoveAnswer(wish.Order, ChangeAnswers.KindOf(outcome.Error), outcome.Error == ErrorCode.None ? null : $"{outcome.Error.KafkaName()} {outcome.Message}".TrimEnd())
            : new MoveAnswer(wish.Order, kind == AnswerKind.Accepted ? AnswerKind.Unknown : kind, error))];
    }

    private static ObservedTopic Observed(MetadataResponse.Topic topic) => new(
        topic.TopicId,
        topic.Partitions.ToDictionary(
            partition => partition.PartitionIndex,
            partition => new ObservedPartition([.. partition.ReplicaNodes.Span], [.. partition.IsrNodes.Span], partition.LeaderId)));

    private static ConfigResource ResourceOf(ThrottleKey key) =>
        key.Topic is { } topic ? ConfigResource.Topic(topic) : ConfigResource.Broker(key.Broker ?? throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{key.Key} belongs to nothing"), nameof(key)));

    private static ConfigOperation OperationOf(ThrottleOperation operation) => operation switch
    {
        ThrottleOperation.Set => ConfigOperation.Set,
        ThrottleOperation.Delete => ConfigOperation.Delete,
        ThrottleOperation.Append => ConfigOperation.Append,
        ThrottleOperation.Subtract => ConfigOperation.Subtract,
        _ => throw new InvalidOperationException($"Unhandled operation {operation}"),
    };

    /// <summary>A question that got no answer is null: the next round asks again.</summary>
    private static async Task<T?> TryAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (KafkaClientException)
        {
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
