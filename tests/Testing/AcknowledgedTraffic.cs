using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;

namespace ControlPlane.Testing;

/// <summary>
/// A producer with acks=all that remembers every record the cluster acknowledged, and a consumer group beside it. At the end every
/// acknowledged record must be where the cluster said it is: that is what "no acknowledged record was lost" means.
/// </summary>
public sealed class AcknowledgedTraffic : IAsyncDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly string _bootstrapServers;
    private readonly string[] _topics;
    private readonly int _bytesEach;
    private readonly IProducer<Null, byte[]> _producer;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(TopicPartitionOffset Where, long Number)> _acknowledged = new();
    private readonly ConcurrentQueue<(long Sent, double Milliseconds)> _latencies = new();
    private readonly ConcurrentQueue<string> _refusals = new();
    private readonly List<Task> _running;
    private long _windowBegan;

    private AcknowledgedTraffic(string bootstrapServers, string[] topics, int perSecond, int bytesEach, string group)
    {
        (_bootstrapServers, _topics, _bytesEach) = (bootstrapServers, topics, bytesEach);
        var config = new ProducerConfig { BootstrapServers = bootstrapServers, Acks = Acks.All, EnableIdempotence = true, LingerMs = 5, MessageTimeoutMs = 120_000 };
        _producer = new ProducerBuilder<Null, byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _running =
        [
            Task.Run(() => ProduceAsync(perSecond)),
            Task.Factory.StartNew(() => Consume(group), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
        ];
    }

    public int Acknowledged => _acknowledged.Count;

    /// <summary>What the producer gave up on, in its own words: not lost, the producer was told.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    public static AcknowledgedTraffic Start(string bootstrapServers, string[] topics, int perSecond, int bytesEach = 1_000, string group = "billing") =>
        new(bootstrapServers, topics, perSecond, bytesEach, group);

    /// <summary>
    /// 99th percentile in milliseconds of the records both sent and acknowledged since the last call; null where there were none.
    /// What was sent before waited for something that is not of this window.
    /// </summary>
    public double? TakeP99()
    {
        var taken = new List<double>();
        while (_latencies.TryDequeue(out var latency))
        {
            if (latency.Sent >= _windowBegan)
            {
                taken.Add(latency.Milliseconds);
            }
        }

        _windowBegan = Stopwatch.GetTimestamp();
        taken.Sort();
        return taken.Count == 0 ? null : taken[Math.Min(taken.Count - 1, (int)Math.Ceiling(0.99 * taken.Count) - 1)];
    }

    /// <summary>Ends the traffic, waits for what is under way, and reads everything back. Returns what is missing or different.</summary>
    public async Task<IReadOnlyList<string>> StopAndFindLostAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        var expected = _acknowledged.GroupBy(one => one.Where.TopicPartition).ToList();
        return await Task.Run(() => expected.SelectMany(partition => FindLost(partition.Key, [.. partition.Select(one => (one.Where.Offset, one.Number))], cancellationToken)).ToList(), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _producer.Dispose();
        _stop.Dispose();
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _producer.Flush(TimeSpan.FromSeconds(130)); // longer than a record may take
    }

    private async Task ProduceAsync(int perSecond)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var begun = Stopwatch.GetTimestamp();
        var number = 0L;
        while (!_stop.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            var due = (long)(Stopwatch.GetElapsedTime(begun).TotalSeconds * perSecond);
            for (; number < due; number++)
            {
                Send(number);
            }
        }
    }

    private void Send(long number)
    {
        var value = new byte[_bytesEach];
        BinaryPrimitives.WriteInt64BigEndian(value, number);
        var sent = Stopwatch.GetTimestamp();
        try
        {
            _producer.Produce(_topics[number % _topics.Length], new Message<Null, byte[]> { Value = value }, report =>
            {
                if (report.Error.IsError)
                {
                    _refusals.Enqueue(report.Error.Reason);
                    return;
                }

                _latencies.Enqueue((sent, Stopwatch.GetElapsedTime(sent).TotalMilliseconds));
                _acknowledged.Enqueue((report.TopicPartitionOffset, number));
            });
        }
        catch (ProduceException<Null, byte[]> ex)
        {
            _refusals.Enqueue(ex.Error.Reason); // the local queue is full
        }
    }

    private void Consume(string group)
    {
        var config = new ConsumerConfig { BootstrapServers = _bootstrapServers, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, AutoCommitIntervalMs = 1_000 };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Subscribe(_topics);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                consumer.Consume(TimeSpan.FromMilliseconds(200));
            }
            catch (ConsumeException)
            {
                // A broker is away: the client finds its way by itself.
            }
        }

        consumer.Close();
    }

    /// <summary>
    /// Reads until everything was found, or for a while nothing more comes: a leader that was just elected may not know yet how far its log is
    /// committed. A record that was sent twice, because the first answer got lost, is acknowledged without its offset: it is known by its number.
    /// </summary>
    private IEnumerable<string> FindLost(TopicPartition partition, IReadOnlyList<(Offset Offset, long Number)> expected, CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig { BootstrapServers = _bootstrapServers, GroupId = "audit", EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(partition, Offset.Beginning));
        var missing = expected.Where(one => one.Offset.Value >= 0).ToDictionary(one => one.Offset.Value, one => one.Number);
        var somewhere = expected.Where(one => one.Offset.Value < 0).Select(one => one.Number).ToHashSet();
        for (var heard = Stopwatch.GetTimestamp(); missing.Count + somewhere.Count > 0 && Stopwatch.GetElapsedTime(heard) < Silence;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not { } record)
            {
                continue;
            }

            heard = Stopwatch.GetTimestamp();
            var found = BinaryPrimitives.ReadInt64BigEndian(record.Message.Value);
            somewhere.Remove(found);
            if (missing.Remove(record.Offset.Value, out var number) && found != number)
            {
                yield return $"{partition} offset {record.Offset.Value}: record {found} where {number} was acknowledged";
            }
        }

        foreach (var (offset, number) in missing.Select(one => ($"{one.Key}", one.Value)).Concat(somewhere.Select(number => ("unknown", number))))
        {
            yield return $"{partition} offset {offset}: record {number} was acknowledged and is gone";
        }
    }
}
