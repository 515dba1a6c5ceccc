using System.Globalization;
using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Lag;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>Two processes read the offsets topic of one real cluster; whichever is killed, every commit is known to the one that is left.</summary>
[Collection(Row.Others)]
public sealed class SpreadReadingTests(Stage stage)
{
    private const int OffsetsPartitions = 5;
    private static readonly string[] Groups = [.. Enumerable.Range(0, 8).Select(number => $"group-{number}")];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_another_process_reads_counts_and_nothing_is_lost_when_either_is_killed()
    {
        Assert.Equal([0, 1], Groups.Select(group => BrokerClocks.PartitionOf(group, OffsetsPartitions) % 2).Distinct().Order()); // both read some of them
        await using var kafka = await StartAsync();
        using var users = new RealKafkaClient(kafka.BootstrapServers);
        await users.CreateTopicAsync("orders", partitions: 1, replicas: 1);
        await users.ProduceAsync("orders", 0, count: 100);
        Commit(users, 1);
        var folder = Directory.CreateTempSubdirectory("kcp-spread-");
        var database = await stage.NewDatabaseAsync(Token);
        var settings = new Dictionary<string, string>
        {
            ["Storage__MasterKeyFile"] = ProductProcess.WriteMasterKey(folder.FullName),
            ["Lag__Readers"] = "2",
            ["Lag__Remember"] = "00:00:01",
            ["Sampling__Groups"] = "01:00:00", // what is not read from the topic is not known
        };
        await using var owner = await ProductProcess.StartAsync(database, settings, Token);
        using (var answer = await owner.Http.PostAsJsonAsync("/api/v1/clusters", new CreateClusterRequest { Id = "real", Connection = new ConnectionRequest { BootstrapServers = kafka.BootstrapServers } }, Json.Options, Token))
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        }

        await KnowsAsync(owner, 1);
        await using var reader = await ProductProcess.StartAsync(database, settings, Token);
        await ReadsAsync(owner, reader, partitions: 2);
        await owner.UntilAsync<GroupDetailDto>(PathOf(Groups[0]), one => one.Feed!.Sentence.Contains($"of its 5 partitions 2 by the process at {reader.Address.Authority}", StringComparison.Ordinal), Patience, Token);
        Commit(users, 2);
        await KnowsAsync(owner, 2);
        await ReadsAsync(owner, reader, partitions: 2);

        reader.Kill();
        Commit(users, 3);
        await KnowsAsync(owner, 3);
        await ReadsAsync(owner, reader, partitions: 0);

        await using var next = await ProductProcess.StartAsync(database, settings, Token);
        await ReadsAsync(owner, next, partitions: 2);
        Commit(users, 4);
        await KnowsAsync(owner, 4);
        owner.Kill();
        Commit(users, 5);
        await KnowsAsync(next, 5);
        Assert.Contains("is no longer read here", next.Output, StringComparison.Ordinal); // for an owner that asks no more
        folder.Delete(recursive: true);
    }

    private static void Commit(RealKafkaClient users, long offset)
    {
        foreach (var group in Groups)
        {
            users.Commit(group, ("orders", 0, offset));
        }
    }

    /// <summary>Waits until the last commit of every group is known, and every commit is followed.</summary>
    private static async Task KnowsAsync(ProductProcess product, long offset)
    {
        foreach (var group in Groups)
        {
            await product.UntilAsync<GroupDetailDto>(
                PathOf(group), one => one is { Feed.Word: "following", Partitions: [{ Judgement.Window: var window }] } && window.Count > 0 && window[^1].Offset == offset, Patience, Token);
        }
    }

    /// <summary>Waits until the owner says that so many partitions are read by the other.</summary>
    private static async Task ReadsAsync(ProductProcess owner, ProductProcess reader, int partitions)
    {
        var series = $"kcp_offsets_partitions{{cluster=\"real\",reader=\"{reader.Address.Authority}\"}} ";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (Of(await owner.Http.GetStringAsync("/metrics", limit.Token)) != partitions)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }

        double Of(string metrics) => metrics.Split('\n').FirstOrDefault(line => line.StartsWith(series, StringComparison.Ordinal)) is { } line ? double.Parse(line[series.Length..], CultureInfo.InvariantCulture) : 0;
    }

    private static string PathOf(string group) => $"/api/v1/clusters/real/groups/{group}";

    private static async Task<RealKafka> StartAsync()
    {
        try
        {
            return await RealKafka.StartAsync(new RealKafkaOptions(), Token);
        }
        catch (KafkaUnavailableException ex)
        {
            throw Stage.Missing(ex.Message);
        }
    }
}
