using System.Net;
using System.Net.Sockets;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Npgsql;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>A start that can't succeed says why, what was expected and what to do, and ends; nothing hangs and nothing is lost.</summary>
[Collection(Row.Others)]
public sealed class BadStartTests(Stage stage)
{
    private const int Refused = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_in_use_is_named_with_the_way_out()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        await using var product = ProductProcess.Launch(await stage.NewDatabaseAsync(Token), new Dictionary<string, string> { ["ASPNETCORE_URLS"] = address });

        Assert.Equal(Refused, await product.ExitAsync(Limit, Token));
        Assert.Contains(address, product.Output, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", product.Output, StringComparison.Ordinal);
        NoStackTrace(product);
    }

    [Fact]
    public async Task Wrong_settings_are_all_named_at_once()
    {
        await using var product = ProductProcess.Launch("Host=127.0.0.1", new Dictionary<string, string>
        {
            ["Storage__Lease"] = "00:00:01",
            ["Storage__FineRetention"] = "00:01:00",
            ["Hosting__AdvertisedAddress"] = "here",
        });

        Assert.Equal(Refused, await product.ExitAsync(Limit, Token));
        Assert.All(
            ["Storage:ConnectionString", "Storage:Lease", "Storage:FineRetention", "Hosting:AdvertisedAddress"],
            key => Assert.Contains(key, product.Output, StringComparison.Ordinal));
        NoStackTrace(product);
    }

    [Fact]
    public async Task A_setting_of_the_wrong_kind_is_named()
    {
        await using var product = ProductProcess.Launch("Host=127.0.0.1;Database=kcp", new Dictionary<string, string> { ["Storage__Lease"] = "nine seconds" });

        Assert.Equal(Refused, await product.ExitAsync(Limit, Token));
        Assert.Contains("Storage:Lease", product.Output, StringComparison.Ordinal);
        NoStackTrace(product);
    }

    [Fact]
    public async Task A_master_key_that_is_missing_or_another_one_is_refused()
    {
        var database = await stage.NewDatabaseAsync(Token);
        await using (await ProductProcess.StartAsync(database, settings: null, Token))
        {
        }

        await using var other = ProductProcess.Launch(database, settings: null); // makes a key of its own
        Assert.Equal(Refused, await other.ExitAsync(Limit, Token));
        Assert.Contains("master key", other.Output, StringComparison.OrdinalIgnoreCase);
        NoStackTrace(other);

        await using var missing = ProductProcess.Launch(database, new Dictionary<string, string> { ["Storage__MasterKeyFile"] = "/no/such/master.key" });
        Assert.Equal(Refused, await missing.ExitAsync(Limit, Token));
        Assert.Contains("/no/such/master.key", missing.Output, StringComparison.Ordinal);
        NoStackTrace(missing);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_alone()
    {
        var database = await stage.NewDatabaseAsync(Token);
        var settings = new Dictionary<string, string>();
        await using (var product = await ProductProcess.StartAsync(database, settings, Token))
        {
            await using var source = NpgsqlDataSource.Create(database);
            await using var command = source.CreateCommand("""INSERT INTO schema_migrations ("MigrationId", "ProductVersion") VALUES ('20991231000001_Future', '99.0.0')""");
            await command.ExecuteNonQueryAsync(Token);
        }

        await using var older = ProductProcess.Launch(database, settings);

        Assert.Equal(Refused, await older.ExitAsync(Limit, Token));
        Assert.Contains("was migrated by a newer version of the product", older.Output, StringComparison.Ordinal);
        Assert.Contains("20991231000001_Future", older.Output, StringComparison.Ordinal);
        Assert.Contains("Start that version or a later one, or restore the backup", older.Output, StringComparison.Ordinal);
        NoStackTrace(older);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_waited_for_and_health_says_so()
    {
        using var nobody = LoopbackPorts.Refusing(out var port);
        await using var product = ProductProcess.Launch($"Host=127.0.0.1;Port={port};Database=kcp;Username=kcp;Password=hidden-words", settings: null);

        var startup = await UntilAsync(product, "/health/startup", text => text.Contains($"127.0.0.1:{port}", StringComparison.Ordinal));

        Assert.Contains("Unhealthy", startup, StringComparison.Ordinal);
        Assert.Contains("Healthy", await product.Http.GetStringAsync("/health/live", Token), StringComparison.Ordinal);
        Assert.True(product.IsRunning);
        Assert.Contains("Waiting for the database", product.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-words", product.Output + startup, StringComparison.Ordinal);
        NoStackTrace(product);
    }

    private static async Task<string> UntilAsync(ProductProcess product, string path, Func<string, bool> isTrue)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var text = "";
        while (!isTrue(text))
        {
            Assert.True(product.IsRunning, product.Output);
            await timer.WaitForNextTickAsync(limit.Token);
            try
            {
                using var answer = await product.Http.GetAsync(path, limit.Token);
                text = await answer.Content.ReadAsStringAsync(limit.Token);
            }
            catch (HttpRequestException)
            {
                // it does not listen yet
            }
        }

        return text;
    }

    private static void NoStackTrace(ProductProcess product) =>
        Assert.False(product.Output.Contains("   at ", StringComparison.Ordinal), "It says where in its code it stopped, which helps nobody on call:\n" + product.Output);
}
