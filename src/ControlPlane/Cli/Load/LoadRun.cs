using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ControlPlane.Cli.Output;

namespace ControlPlane.Cli.Load;

/// <summary>One load: makes topics, produces and consumes until told to stop, and reports.</summary>
internal sealed class LoadRun(LoadOptions options, Printer printer, TimeProvider time)
{
    private readonly LoadCounters _counters = new(time);

    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        await EnsureTopicsAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (options.Duration is { } duration)
        {
            stop.CancelAfter(duration);
        }

        printer.Remark($"{options.Rate} messages a second of {Units.Size(options.Size)} to {options.Topics} topics, read by {options.Groups} groups");
        var consumers = Enumerable.Range(1, options.Groups)
            .Select(number => Task.Factory.StartNew(() => Consume($"{options.TopicPrefix}-group-{number}", stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToList();
        var reports = ReportAsync(stop.Token);
        await ProduceAsync(stop.Token);
        await Task.WhenAll(consumers);
        await reports;

        var total = _counters.Total();
        Print(total);
        return total switch
        {
            { Acknowledged: 0 } => ExitCode.UnknownOrFailure,
            { Failed: > 0 } => ExitCode.Warning,
            _ => ExitCode.Ok,
        };
    }

    private async Task EnsureTopicsAsync(CancellationToken cancellationToken)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers, SocketConnectionSetupTimeoutMs = 10_000 })
            .SetErrorHandler((_, error) => _counters.Trouble(error.Reason)).SetLogHandler((_, _) => { }).Build();
        var wanted = options.TopicNames.Select(name => new TopicSpecification
        {
            Name = name,
            NumPartitions = options.Partitions,
            ReplicationFactor = checked((short)options.ReplicationFactor),
        });
        try
        {
            await admin.CreateTopicsAsync(wanted, new CreateTopicsOptions { RequestTimeout = options.AdminTimeout, OperationTimeout = options.AdminTimeout }).WaitAsync(cancellationToken);
        }
        catch (CreateTopicsException ex) when (ex.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // From an earlier run: used as they are.
        }
        catch (CreateTopicsException ex)
        {
            var bad = ex.Results.First(result => result.Error.Code is not (ErrorCode.NoError or ErrorCode.TopicAlreadyExists));
            throw new CliException($"Topic {bad.Topic} could not be created: {bad.Error.Reason}", $"{options.ReplicationFactor} brokers up and permission to create topics", "lower --rf, or create the topics yourself", ex);
        }
        catch (KafkaException ex)
        {
            throw new CliException($"No broker answers at {options.BootstrapServers}: {ex.Error.Reason}", "a running broker with a PLAINTEXT listener", "check address and port", ex);
        }
    }

    private async Task ProduceAsync(CancellationToken cancellationToken)
    {
        var config = new ProducerConfig { BootstrapServers = options.BootstrapServers, Acks = Acks.All, EnableIdempotence = true, LingerMs = 5, MessageTimeoutMs = 60_000, ClientId = $"{options.TopicPrefix}-producer" };
        using var producer = new ProducerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => _counters.Trouble(error.Reason)).SetLogHandler((_, _) => { }).Build();
        var random = new Random();
        var topics = options.TopicNames.ToArray();
        var value = new byte[options.Size];
        var begun = time.GetTimestamp();
        var sent = 0L;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                // What is due by now, so that a late tick catches up; but a stall is not made good by a flood.
                var due = (long)(time.GetElapsedTime(begun).TotalSeconds * options.Rate);
                sent = Math.Max(sent, due - options.Rate);
                for (; sent < due; sent++)
                {
                    random.NextBytes(value.AsSpan(0, Math.Min(16, value.Length)));
                    Send(producer, topics[sent % topics.Length], value);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop: what is under way is still waited for.
        }

        producer.Flush(TimeSpan.FromSeconds(10));
    }

    private void Send(IProducer<byte[], byte[]> producer, string topic, byte[] value)
    {
        var begun = time.GetTimestamp();
        try
        {
            producer.Produce(topic, new Message<byte[], byte[]> { Key = value[..Math.Min(8, value.Length)], Value = value }, report =>
            {
                if (report.Error.IsError)
                {
                    _counters.Fail(report.Error.Reason);
                }
                else
                {
                    _counters.Acknowledge(time.GetElapsedTime(begun));
                }
            });
        }
        catch (ProduceException<byte[], byte[]> ex)
        {
            _counters.Fail(ex.Error.Reason); // the local queue is full: the cluster takes less than is sent
        }
    }

    private void Consume(string group, CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig { BootstrapServers = options.BootstrapServers, GroupId = group, ClientId = group, AutoOffsetReset = AutoOffsetReset.Latest, AutoCommitIntervalMs = 2_000 };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config)
            .SetErrorHandler((_, error) => _counters.Trouble(error.Reason)).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(options.TopicNames);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(cancellationToken) is not null)
                {
                    _counters.Consume();
                }
            }
            catch (ConsumeException ex)
            {
                _counters.Trouble(ex.Error.Reason);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        consumer.Close(); // commits and leaves the group
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.ReportEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Print(_counters.Next());
            }
        }
        catch (OperationCanceledException)
        {
            // The final report follows.
        }
    }

    private void Print(LoadReport report)
    {
        if (printer.IsJson)
        {
            printer.JsonLine(report);
        }
        else
        {
            printer.Line(report.ToString());
        }
    }
}
