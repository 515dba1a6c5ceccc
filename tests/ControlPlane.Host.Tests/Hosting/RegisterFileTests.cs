using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Hosting;

/// <summary>A mistake in the file of clusters is told with file and place, and keeps neither the start nor the good clusters out.</summary>
public sealed class RegisterFileTests(StorageServer server) : StorageTests(server)
{
    private const string Good = """{"id":"good","kind":"kafka","connection":{"bootstrapServers":"b1:9092","securityProtocol":"SASL_SSL","saslMechanism":"PLAIN","username":"u","password":"hunter2"}}""";

    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("[", "LineNumber: 0")]
    [InlineData("{}", "could not be converted")]
    [InlineData("""[{"id":"a","kind":"kafka","conection":{}}]""", "conection")]
    [InlineData("""[{"kind":"kafka"}]""", "id")]
    [InlineData("""[{"id":"a","kind":"zookeeper"}]""", "kind")]
    [InlineData("""[{"id":"a","kind":"kafka","connection":{"bootstrapServers":null}}]""", "bootstrapServers")]
    public async Task A_file_that_is_no_list_of_clusters_is_named_with_what_is_wrong(string text, string expected)
    {
        var log = await StartAsync(text);

        Assert.Contains($"Hosting:RegisterFile {_file}", log, StringComparison.Ordinal);
        Assert.Contains(expected, log, StringComparison.Ordinal);
        Assert.Contains("POST /api/v1/clusters", log, StringComparison.Ordinal);
        Assert.Empty(await Storage.Get<ClusterStore>().ListAsync(Token));
    }

    [Theory]
    [InlineData("""{"id":"Not An Id","kind":"simulated"}""", "cluster 'Not An Id': id: Expected")]
    [InlineData("""{"id":"lonely","kind":"kafka"}""", "cluster 'lonely': connection: A Kafka cluster needs one")]
    [InlineData("""{"id":"lonely","kind":"kafka","connection":{"bootstrapServers":" "}}""", "cluster 'lonely': connection.bootstrapServers")]
    [InlineData("null", "one entry of the list is null")]
    public async Task A_cluster_that_is_not_right_does_not_keep_the_others_out(string wrong, string expected)
    {
        var log = await StartAsync($"[{wrong},{Good}]");

        Assert.Contains(expected, log, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", log, StringComparison.Ordinal);
        var stored = Assert.Single(await Storage.Get<ClusterStore>().ListAsync(Token));
        Assert.Equal(("good", "b1:9092"), (stored.Id.Value, stored.Definition.BootstrapServers));
        Assert.Contains("hunter2", (await Storage.Get<ClusterStore>().LoadSecretsAsync(stored.Id, Token)).Values.Values);
    }

    [Fact]
    public async Task A_cluster_that_is_registered_already_is_left_as_it_is()
    {
        await Storage.AddClusterAsync("good", Token);

        var log = await StartAsync($"[{Good}]");

        Assert.DoesNotContain("RegisterFile", log, StringComparison.Ordinal);
        Assert.Equal("localhost:9092", (await Storage.Get<ClusterStore>().FindAsync(new("good"), Token))!.Definition.BootstrapServers);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_told_and_the_start_goes_on()
    {
        File.Delete(_file);
        await using var process = new StartingProcess(Storage, new() { ["Hosting:RegisterFile"] = _file });

        await process.RunAsync();

        Assert.Contains(_file, process.Log.Errors, StringComparison.Ordinal);
    }

    public override async ValueTask DisposeAsync()
    {
        File.Delete(_file);
        await base.DisposeAsync();
    }

    private async Task<string> StartAsync(string text)
    {
        await File.WriteAllTextAsync(_file, text, Token);
        await using var process = new StartingProcess(Storage, new() { ["Hosting:RegisterFile"] = _file });
        await process.RunAsync();
        return process.Log.Errors;
    }
}
