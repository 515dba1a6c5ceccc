using ControlPlane.Contracts;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>Who holds and who leads each partition at one moment, as Kafka tells a client of another make.</summary>
public sealed class Replicas
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Dictionary<(string Topic, int Partition), (int[] Brokers, int Leader)> _partitions;

    private Replicas(Dictionary<(string Topic, int Partition), (int[] Brokers, int Leader)> partitions) => _partitions = partitions;

    public static Task<Replicas> ReadAsync(RealKafka kafka) => Task.Run(() =>
    {
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        var metadata = client.Admin.GetMetadata(TimeSpan.FromSeconds(30));
        return new Replicas(metadata.Topics
            .SelectMany(topic => topic.Partitions.Select(partition => (Key: (topic.Topic, partition.PartitionId), Value: (partition.Replicas, partition.Leader))))
            .ToDictionary(one => one.Key, one => one.Value));
    });

    /// <summary>Asks Kafka until nothing differs any more: the broker that answers may learn of a change a moment later.</summary>
    public static async Task<Replicas> UntilAsync(RealKafka kafka, Func<Replicas, string?> differs, string what, Func<Task>? first = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            await (first?.Invoke() ?? Task.CompletedTask);
            var now = await ReadAsync(kafka);
            if (differs(now) is not { } difference)
            {
                return now;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"{what}: {difference}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public IEnumerable<KeyValuePair<(string Topic, int Partition), int[]>> Lists => _partitions.Select(one => KeyValuePair.Create(one.Key, one.Value.Brokers));

    /// <summary>The lists of one topic, preferred leader first.</summary>
    public IReadOnlyList<int[]> ListsOf(string topic) => [.. _partitions.Where(one => one.Key.Topic == topic).OrderBy(one => one.Key.Partition).Select(one => one.Value.Brokers)];

    public int[] Of((string Topic, int Partition) partition) => _partitions[partition].Brokers;

    /// <summary>The list of one partition, named as its folder in a log dir: orders-3.</summary>
    public int[] Of(string name) => _partitions.Single(one => $"{one.Key.Topic}-{one.Key.Partition}" == name).Value.Brokers;

    public int On(int broker) => _partitions.Values.Count(one => one.Brokers.Contains(broker));

    public int LedBy(int broker) => _partitions.Values.Count(one => one.Leader == broker);

    /// <summary>Partitions that are not led by the first of their list.</summary>
    public int NotPreferred => _partitions.Values.Count(one => one.Leader != one.Brokers[0]);

    /// <summary>Brokers that a list has now and had not then, over all partitions.</summary>
    public IReadOnlyList<int> AddedSince(Replicas then) => [.. _partitions.SelectMany(one => one.Value.Brokers.Except(then._partitions[one.Key].Brokers))];

    /// <summary>The first partition that is not where the moves of a plan bring it, or stay where it was without one.</summary>
    public string? DifferenceFrom(Replicas before, IReadOnlyList<PlannedMoveDto> moves)
    {
        var wanted = before._partitions.ToDictionary(one => one.Key, one => one.Value.Brokers);
        foreach (var move in moves.OrderBy(move => move.Order))
        {
            wanted[(move.Topic, move.Partition)] = [.. move.After];
        }

        return wanted.Where(one => !_partitions[one.Key].Brokers.SequenceEqual(one.Value))
            .Select(one => $"{one.Key} is on {string.Join(',', _partitions[one.Key].Brokers)}, not on {string.Join(',', one.Value)}; before on {string.Join(',', before._partitions[one.Key].Brokers)}")
            .FirstOrDefault();
    }

    /// <summary>Where the product shows something else; it has to know the log dir of each replica in sync, too.</summary>
    public string? DifferenceFrom(IReadOnlyList<PartitionDto> shown)
    {
        if (shown.Count != _partitions.Count)
        {
            return $"{shown.Count} partitions instead of {_partitions.Count}";
        }

        foreach (var one in shown)
        {
            if (!_partitions.TryGetValue((one.Topic, one.Partition), out var real)
                || !real.Brokers.SequenceEqual(one.Replicas.Select(replica => replica.BrokerId))
                || (one.Leader ?? -1) != real.Leader
                || one.Replicas.Any(replica => replica.Reassigning is not null || (replica is { LogDir: null, InSync: true, IsOffline: false })))
            {
                return $"{one} with {string.Join("; ", one.Replicas)} instead of {string.Join(',', real.Brokers ?? [])} led by {real.Leader}";
            }
        }

        return null;
    }
}
