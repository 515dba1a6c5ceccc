using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ControlPlane.Testing;

namespace ControlPlane.Benchmarks.CatchUp;

/// <summary>How long the product, and Burrow beside it, take to read a __consumer_offsets of 50 partitions from its beginning, on a real broker.</summary>
internal static class CatchUpFigures
{
    private const string Cluster = "bench";

    private static readonly TimeSpan BurrowPatience = TimeSpan.FromMinutes(4);

    public static async Task<IReadOnlyList<Figure>> RunAsync(long records, CancellationToken cancellationToken)
    {
        var options = new RealKafkaOptions
        {
            Version = "3.9.2",
            ZooKeeper = true, // Burrow's package does not start without one
            BrokerHeapMegabytes = 400,
            BrokerConfig = new Dictionary<string, string>
            {
                ["offsets.topic.num.partitions"] = CommitWriter.OffsetsPartitions.ToString(CultureInfo.InvariantCulture),
                ["log.cleaner.enable"] = "false", // the topic is to be as long at the end as it was written
            },
        };
        await using var kafka = await RealKafka.StartAsync(options, cancellationToken);
        await PrepareAsync(kafka.BootstrapServers, cancellationToken);
        var writing = Stopwatch.StartNew();
        var written = await Task.Run(() => CommitWriter.Write(kafka.BootstrapServers, records, cancellationToken), cancellationToken);
        Console.WriteLine($"  {written:N0} records written in {writing.Elapsed.TotalSeconds:0} s");
        var ours = await OursAsync(kafka, cancellationToken);
        var broker = Resident(kafka.Brokers[0].ProcessId);
        var figures = new List<Figure>
        {
            new("records in 50 partitions; keys", string.Create(CultureInfo.InvariantCulture, $"{written:N0}; {CommitWriter.Groups * CommitWriter.PartitionsEach:N0}")),
            new("the product: from its start to following", Report.Seconds(ours.Whole)),
            new("the product: from its first look at the topic to following", string.Create(CultureInfo.InvariantCulture, $"{Report.Seconds(ours.Reading)}, {written / ours.Reading.TotalSeconds:N0} records/s")),
            new("the product: CPU time, memory of its process", $"{Report.Seconds(ours.Cpu)}, {Report.Megabytes(ours.Memory)}"),
            new("the broker (heap of 400 MB): memory of its process then", Report.Megabytes(broker)),
        };
        Report.Print("catch-up of the product", figures);
        var (program, missing) = await BurrowProcess.FindAsync(cancellationToken);
        if (program is null)
        {
            figures.Add(new("Burrow", missing));
            return figures;
        }

        var burrow = await BurrowAsync(program, kafka, written, cancellationToken);
        figures.Add(new("Burrow 1.2.1: from its start to the last record", string.Create(CultureInfo.InvariantCulture, $"{Report.Seconds(burrow.Whole)}, {burrow.Read / burrow.Whole.TotalSeconds:N0} records/s{(burrow.Read < written ? $", given up after about {burrow.Read:N0}" : "")}")));
        figures.Add(new("Burrow: CPU time, memory of its process", $"{Report.Seconds(burrow.Cpu)}, {Report.Megabytes(burrow.Memory)}"));
        return figures;
    }

    private static async Task PrepareAsync(string bootstrapServers, CancellationToken cancellationToken)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        await admin.CreateTopicsAsync(Enumerable.Range(0, CommitWriter.Topics).Select(number => new TopicSpecification
        {
            Name = CommitWriter.TopicOf(number),
            NumPartitions = CommitWriter.PartitionsEach,
            ReplicationFactor = 1,
        }));
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "first" }).Build();
        consumer.Commit([new TopicPartitionOffset(CommitWriter.TopicOf(0), 0, 0)]); // the first commit makes the topic
        while (admin.GetMetadata(CommitWriter.OffsetsTopic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count(one => one.Leader >= 0) < CommitWriter.OffsetsPartitions)
        {
            await Task.Delay(100, cancellationToken);
        }
    }

    private static async Task<Run> OursAsync(RealKafka kafka, CancellationToken cancellationToken)
    {
        await using var database = await PostgresServer.StartNewAsync(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("kcp-bench-");
        var register = Path.Combine(folder.FullName, "register.json");
        await File.WriteAllTextAsync(register, JsonSerializer.Serialize(new[] { new { id = Cluster, connection = new { bootstrapServers = kafka.BootstrapServers } } }), cancellationToken);
        var connection = await database.CreateDatabaseAsync("kcp", template: null, cancellationToken);
        var watch = Stopwatch.StartNew();
        await using var product = await ProductProcess.StartAsync(connection, new Dictionary<string, string> { ["Hosting__RegisterFile"] = register }, cancellationToken);
        TimeSpan? first = null;
        while (true)
        {
            var feed = (await product.Http.GetStringAsync("/metrics", cancellationToken)).Split('\n').FirstOrDefault(line => line.StartsWith("kcp_lag_feed{", StringComparison.Ordinal)) ?? "";
            first ??= feed.Length > 0 ? watch.Elapsed : null;
            if (watch.Elapsed > TimeSpan.FromMinutes(5))
            {
                throw new TimeoutException($"Not following after five minutes: {feed}\n{product.Output}");
            }

            if (feed.Contains("following", StringComparison.Ordinal))
            {
                folder.Delete(recursive: true);
                return new Run(watch.Elapsed, watch.Elapsed - first!.Value, 0, CpuOf(product.ProcessId), Resident(product.ProcessId));
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Done when the last commit of every partition of the topic is known; else how far it came, by whole rounds of commits.</summary>
    private static async Task<Run> BurrowAsync(string program, RealKafka kafka, long records, CancellationToken cancellationToken)
    {
        var (watch, last, waiting) = (Stopwatch.StartNew(), CommitWriter.LastOffset(records), CommitWriter.LastGroups().ToList());
        await using var burrow = await BurrowProcess.StartAsync(program, new BurrowConfig(Cluster, kafka.BootstrapServers, kafka.Controller!.Endpoint), cancellationToken);
        var least = CommitWriter.FirstOffset - 1;
        while (waiting.Count > 0 && watch.Elapsed < BurrowPatience)
        {
            least = await NewestAsync(burrow, waiting[^1], cancellationToken) ?? least;
            if (least == last)
            {
                waiting.RemoveAt(waiting.Count - 1);
            }
            else
            {
                await Task.Delay(500, cancellationToken);
            }
        }

        var read = waiting.Count == 0 ? records : records / (last - CommitWriter.FirstOffset + 1) * (least - CommitWriter.FirstOffset + 1);
        return new Run(watch.Elapsed, watch.Elapsed, read, CpuOf(burrow.ProcessId), Resident(burrow.ProcessId));
    }

    /// <summary>The newest offset that Burrow knows of a group, of the partition that is behind most; null while it knows none.</summary>
    private static async Task<long?> NewestAsync(BurrowProcess burrow, string group, CancellationToken cancellationToken)
    {
        try
        {
            await using var answer = await burrow.Http.GetStreamAsync($"/v3/kafka/{Cluster}/consumer/{group}", cancellationToken);
            using var body = await JsonDocument.ParseAsync(answer, default, cancellationToken);
            return body.RootElement.GetProperty("topics").EnumerateObject().SelectMany(topic => topic.Value.EnumerateArray())
                .Min(partition => partition.GetProperty("offsets").EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object).Max(one => (long?)one.GetProperty("offset").GetInt64()));
        }
        catch (Exception ex) when (ex is HttpRequestException or JsonException or KeyNotFoundException or TaskCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null; // it does not answer yet, or does not know the group yet
        }
    }

    private static long Resident(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.WorkingSet64;
    }

    private static TimeSpan CpuOf(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }

    private sealed record Run(TimeSpan Whole, TimeSpan Reading, long Read, TimeSpan Cpu, long Memory);
}
