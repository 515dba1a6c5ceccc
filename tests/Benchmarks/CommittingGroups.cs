using Confluent.Kafka;

namespace ControlPlane.Benchmarks;

/// <summary>A group for each topic, of the same name, that commits all its partitions every five seconds, as idle consumers with auto-commit that were just assigned do.</summary>
internal sealed class CommittingGroups : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _commits;

    /// <summary>Offsets committed so far.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    public static CommittingGroups Start(string bootstrapServers, IReadOnlyList<string> topics, int partitionsEach)
    {
        var groups = new CommittingGroups();
        groups._running = Task.WhenAll(topics.Select(topic => Task.Run(() => groups.RunAsync(bootstrapServers, topic, partitionsEach))));
        return groups;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(string bootstrapServers, string topic, int partitions)
    {
        var config = new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = topic };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).Build();
        var offsets = Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, 0)).ToList();
        using var timer = new PeriodicTimer(Every);
        try
        {
            do
            {
                try
                {
                    consumer.Commit(offsets);
                    Interlocked.Add(ref _commits, offsets.Count);
                }
                catch (KafkaException ex) when (!ex.Error.IsFatal)
                {
                    // the first commit of a cluster creates the offsets topic, whose leaders are still being chosen; what was not committed is not counted
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
