using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Confluent.Kafka;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>A consumer of a real cluster stops: it is judged, explained, remembered by Kafka over a crash of ours, and reset.</summary>
[Collection(Row.Others)]
public sealed class LagTests(Stage stage)
{
    private const string Group = "billing";
    private const int Many = 10_000;
    private const string History = $"/api/v1/clusters/real/history?metric=lag_status&object=group:{Group}&from=now-15m";
    private const string Path = $"/api/v1/clusters/real/groups/{Group}";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Sampling__Groups"] = "00:00:03",
        ["Sampling__Offsets"] = "00:00:03",
        ["Sampling__History"] = "00:00:05",
        ["Lag__Remember"] = "00:00:02",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("classic")]
    [InlineData("consumer")]
    public async Task A_consumer_that_stops_is_judged_and_its_offsets_are_reset(string protocol)
    {
        await using var kafka = await StartAsync();
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        await client.CreateTopicAsync("orders", partitions: 3, replicas: 1);
        await CommitManyAsync(kafka, client);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var producing = ProduceAsync(client, ending.Token);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var consuming = ConsumeAsync(client, protocol, stopping.Token);
        var database = await stage.NewDatabaseAsync(Token);
        var folder = Directory.CreateTempSubdirectory("kcp-lag-");
        var settings = new Dictionary<string, string>(Settings) { ["Storage__MasterKeyFile"] = ProductProcess.WriteMasterKey(folder.FullName) };
        await using var product = await ProductProcess.StartAsync(database, settings, Token);
        await PostAsync<ClusterDto>(product, "/api/v1/clusters", new CreateClusterRequest { Id = "real", DisplayName = "Real", Connection = new ConnectionRequest { BootstrapServers = kafka.BootstrapServers } });

        var healthy = await UntilAsync(product, one => one is { Feed.Word: "following", Group.Judgement.Word: "OK" } && one.Partitions!.All(row => row.Judgement is { Window.Count: >= 3 }));
        Assert.Equal(protocol, healthy.Group.Type);
        await stopping.CancelAsync();
        await consuming;
        var watch = Stopwatch.StartNew();
        var stopped = await UntilAsync(product, one => one.Group.Judgement?.Word == "ERR");
        TestContext.Current.TestOutputHelper?.WriteLine($"{protocol}: from the end of the consumer to ERR: {watch.Elapsed.TotalSeconds:0.0} s");
        var told = await product.UntilAsync<Page<AnomalyDto>>("/api/v1/clusters/real/anomalies?kind=consumer-lag&state=active", page => page.Items.Count > 0, Patience, Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{protocol}: to an active anomaly: {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(($"group {Group}", "error"), (Assert.Single(told.Items).Subject, told.Items[0].Severity));
        Assert.Contains(stopped.Partitions!, row => row.Judgement is { Word: "STOP" });
        Assert.True(stopped.Group.Judgement!.TimeLagSeconds > 0);
        Assert.Contains("billing", await Kcp.RunAsync(product, expected: 2, Token, "lag", "ls", "real"), StringComparison.Ordinal);
        Assert.Contains("STOP", await Kcp.RunAsync(product, expected: 2, Token, "lag", "explain", "real", Group), StringComparison.Ordinal);

        // A product that is killed goes on where it was: with the windows it had, reading what came since and nothing else.
        var drawn = await product.UntilAsync<HistoryDto>(History, one => Known(one).Any(value => value > 2), Patience, Token);
        Assert.Contains(Known(drawn), value => value < 2);
        Assert.InRange(await RecordsReadAsync(product), Many, long.MaxValue);
        product.Kill();
        await using var again = await ProductProcess.StartAsync(database, settings, Token);
        watch.Restart();
        var remembered = await UntilAsync(again, one => one.Group.Judgement is not null);
        TestContext.Current.TestOutputHelper?.WriteLine($"{protocol}: from the start after a kill to the first verdict: {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(("following", "ERR"), (remembered.Feed?.Word, remembered.Group.Judgement?.Word));
        Assert.Contains(remembered.Partitions!, row => row.Judgement is { Word: "STOP", Window.Count: >= 3 });
        Assert.InRange(await RecordsReadAsync(again), 0, Many / 10);
        await again.UntilAsync<HistoryDto>(History, one => Known(one).Count() > Known(drawn).Count() && Known(one).Last() > 2, Patience, Token);

        await UntilAsync(again, one => one.Group.State == "Empty");
        await ending.CancelAsync();
        await producing;
        var done = await Kcp.JsonAsync<GroupChangeDto>(again, expected: 0, Token, "lag", "reset", "real", Group, "--to", "latest", "--execute", "--yes", "--reason", "test");
        Assert.Equal(0, done.NotDone);
        Assert.All(done.Partitions, row => Assert.Equal("done", row.Outcome));
        await UntilAsync(again, one => one.Group is { Lag: 0, Judgement.Word: "OK" });
        folder.Delete(recursive: true);
    }

    /// <summary>So many records of the offsets topic that reading them again would be seen.</summary>
    private static async Task CommitManyAsync(RealKafka kafka, RealKafkaClient client)
    {
        const int Partitions = 100;
        await client.CreateTopicAsync("wide", Partitions, replicas: 1);
        client.Commit("wide", ("wide", 0, 1));
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new Dictionary<string, string> { ["bootstrap.servers"] = kafka.BootstrapServers, ["group.id"] = "wide" }).SetLogHandler((_, _) => { }).Build();
        for (var commit = 0; commit < Many / Partitions; commit++)
        {
            consumer.Commit(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset("wide", partition, commit)));
        }
    }

    private static async Task<long> RecordsReadAsync(ProductProcess product)
    {
        var line = (await product.Http.GetStringAsync("/metrics", Token)).Split('\n').Single(line => line.StartsWith("kcp_lag_feed_records", StringComparison.Ordinal));
        return (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>1 OK to 3 ERR, where it was known.</summary>
    private static IEnumerable<double> Known(HistoryDto history) => history.Series.Single().Values.OfType<double>();

    /// <summary>A few records on each partition, over and over.</summary>
    private static async Task ProduceAsync(RealKafkaClient client, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await Task.WhenAll(Enumerable.Range(0, 3).Select(partition => client.ProduceAsync("orders", partition, count: 10)));
            }
        }
        catch (OperationCanceledException)
        {
            // told to end
        }
    }

    /// <summary>Reads all there is and commits every second, as a member; leaves its group when told to end.</summary>
    private static Task ConsumeAsync(RealKafkaClient client, string protocol, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var consumer = client.Join(Group, "orders", protocol, TimeSpan.FromMinutes(2));
            var committed = Stopwatch.StartNew();
            while (!cancellationToken.IsCancellationRequested)
            {
                consumer.Consume(TimeSpan.FromMilliseconds(100));
                if (committed.Elapsed > TimeSpan.FromSeconds(1))
                {
                    Commit(consumer);
                    committed.Restart();
                }
            }

            consumer.Close();
        },
        CancellationToken.None);

    private static void Commit(IConsumer<Ignore, byte[]> consumer)
    {
        try
        {
            consumer.Commit();
        }
        catch (KafkaException ex) when (ex.Error.Code == ErrorCode.Local_NoOffset)
        {
            // nothing was read since
        }
    }

    private static Task<GroupDetailDto> UntilAsync(ProductProcess product, Func<GroupDetailDto, bool> condition) =>
        product.UntilAsync(Path, condition, Patience, Token);

    private static async Task<RealKafka> StartAsync()
    {
        try
        {
            return await RealKafka.StartAsync(new RealKafkaOptions { Version = "4.3.1", Brokers = 1 }, Token);
        }
        catch (KafkaUnavailableException ex)
        {
            throw Stage.Missing(ex.Message);
        }
    }

    private static async Task<T> PostAsync<T>(ProductProcess product, string path, object body)
    {
        using var answer = await product.Http.PostAsJsonAsync(path, body, Json.Options, Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
        return (await answer.Content.ReadFromJsonAsync<T>(Json.Options, Token))!;
    }
}
