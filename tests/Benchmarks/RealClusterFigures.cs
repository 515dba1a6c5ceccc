using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ControlPlane.Contracts;
using ControlPlane.Testing;

namespace ControlPlane.Benchmarks;

/// <summary>Figures of the whole product against real brokers: how fast a death is shown, and what watching costs a cluster.</summary>
internal static class RealClusterFigures
{
    private const string Cluster = "bench";
    private const int Partitions = 1_000;

    /// <summary>kill -9 of a broker until the API shows it as Down, several times; median and worst.</summary>
    public static async Task<IReadOnlyList<Figure>> KillToShownAsync(int kills, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.StartAsync(partitions: 60, cancellationToken);
        var seconds = new List<double>();
        for (var kill = 0; kill < kills; kill++)
        {
            var victim = stage.Kafka.Brokers[kill % stage.Kafka.Brokers.Count];
            await ShownAsync(stage, victim.Id, "Active", TimeSpan.FromSeconds(60), cancellationToken);
            var watch = Stopwatch.StartNew();
            await victim.KillAsync(cancellationToken);
            await ShownAsync(stage, victim.Id, "Down", TimeSpan.FromSeconds(30), cancellationToken);
            seconds.Add(watch.Elapsed.TotalSeconds);
            Console.WriteLine($"  kill {kill + 1} of broker {victim.Id}: shown as Down after {seconds[^1]:0.00} s");
            await victim.RestartAsync(cancellationToken);
        }

        seconds.Sort();
        return [new($"kill -9 to shown as Down, median of {kills}", $"{seconds[seconds.Count / 2]:0.00} s", "10 s"), new("the same, worst", $"{seconds[^1]:0.00} s")];
    }

    /// <summary>
    /// Requests and bytes a minute that watching costs a cluster of three brokers and 1,000 partitions, on all of which groups commit every five
    /// seconds: so much of __consumer_offsets is followed, and so many groups are judged.
    /// </summary>
    public static async Task<IReadOnlyList<Figure>> SamplingCostAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.StartAsync(Partitions, cancellationToken);
        await ShownAsync(stage, 1, "Active", TimeSpan.FromSeconds(60), cancellationToken);
        await using var groups = CommittingGroups.Start(stage.Kafka.BootstrapServers, stage.Topics, Partitions / stage.Topics.Count);
        await stage.Product.UntilAsync<GroupDetailDto>($"/api/v1/clusters/{Cluster}/groups/{stage.Topics[^1]}", one => one is { Group.Judgement: not null, Feed.Word: "following" }, TimeSpan.FromMinutes(3), cancellationToken);
        var before = await TotalsAsync(stage, cancellationToken);
        var committed = groups.Commits;
        var watch = Stopwatch.StartNew();
        await Task.Delay(duration, cancellationToken);
        var after = await TotalsAsync(stage, cancellationToken);
        var minutes = watch.Elapsed.TotalMinutes;
        var page = await stage.Product.GetAsync<Page<GroupDto>>($"/api/v1/clusters/{Cluster}/groups", cancellationToken);
        var last = await stage.Product.GetAsync<GroupDetailDto>($"/api/v1/clusters/{Cluster}/groups/{stage.Topics[^1]}", cancellationToken);
        return
        [
            new("sampling 3 brokers, 1,000 partitions: requests a minute", $"{(after.Requests - before.Requests) / minutes:0}"),
            new("bytes sent a minute", $"{(after.Sent - before.Sent) / minutes / 1e3:0.0} kB"),
            new("bytes received a minute", $"{(after.Received - before.Received) / minutes / 1e3:0.0} kB"),
            new("offsets that groups committed a minute meanwhile", $"{(groups.Commits - committed) / minutes:0}"),
            new("groups judged at the end, and where their commits come from", $"{page.Items.Count(group => group.Judgement is not null)} of {stage.Topics.Count}, {last.Feed?.Word}"),
        ];
    }

    private static async Task ShownAsync(Stage stage, int broker, string state, TimeSpan limit, CancellationToken cancellationToken) =>
        await stage.Product.UntilAsync<ClusterOverviewDto>(
            $"/api/v1/clusters/{Cluster}/overview",
            overview => overview.Brokers.Any(shown => shown.Id == broker && shown.State == state),
            limit,
            cancellationToken);

    /// <summary>The product's own counters of what it sent to Kafka.</summary>
    private static async Task<(double Requests, double Sent, double Received)> TotalsAsync(Stage stage, CancellationToken cancellationToken)
    {
        var text = await stage.Product.Http.GetStringAsync("/metrics", cancellationToken);
        double Sum(string name) => text.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        return (Sum("kcp_kafka_request_duration_seconds_count"), Sum("kcp_kafka_sent_bytes_total"), Sum("kcp_kafka_received_bytes_total"));
    }

    /// <summary>Real brokers, a real database, and the product as its own process watching them.</summary>
    private sealed class Stage : IAsyncDisposable
    {
        public required RealKafka Kafka { get; init; }

        public required PostgresServer Database { get; init; }

        public required ProductProcess Product { get; init; }

        public IReadOnlyList<string> Topics { get; } = [.. Enumerable.Range(0, 10).Select(topic => $"orders-{topic}")];

        public static async Task<Stage> StartAsync(int partitions, CancellationToken cancellationToken)
        {
            var kafka = await RealKafka.StartAsync(new RealKafkaOptions { Brokers = 3, LogDirsPerBroker = 2 }, cancellationToken);
            using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build())
            {
                await admin.CreateTopicsAsync(
                    Enumerable.Range(0, 10).Select(topic => new TopicSpecification
                    {
                        Name = $"orders-{topic}",
                        NumPartitions = partitions / 10,
                        ReplicationFactor = 3,
                    }));
            }

            var database = await PostgresServer.StartNewAsync(cancellationToken);
            var folder = Directory.CreateTempSubdirectory("kcp-bench-");
            var register = Path.Combine(folder.FullName, "register.json");
            await File.WriteAllTextAsync(
                register,
                JsonSerializer.Serialize(new[] { new { id = Cluster, connection = new { bootstrapServers = kafka.BootstrapServers } } }),
                cancellationToken);
            var product = await ProductProcess.StartAsync(
                await database.CreateDatabaseAsync("kcp", template: null, cancellationToken),
                new Dictionary<string, string> { ["Hosting__RegisterFile"] = register },
                cancellationToken);
            return new Stage { Kafka = kafka, Database = database, Product = product };
        }

        public async ValueTask DisposeAsync()
        {
            await Product.DisposeAsync();
            await Kafka.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
