using System.Net.Http.Headers;
using System.Text.Json;
using ControlPlane.Alerts;
using ControlPlane.Analyzer;
using ControlPlane.Anomalies;
using ControlPlane.Api;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Healing;
using ControlPlane.Host.Tests.Clusters;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Hosting;
using ControlPlane.Lag;
using ControlPlane.Sampling;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Host.Tests.Anomalies;

/// <summary>The product with a simulated cluster, its API on a real port, and a clock that runs ten times as fast.</summary>
public sealed class SimulatedIncidentTests(StorageServer server) : StorageTests(server)
{
    private static readonly ClusterId Demo = new("demo");

    private readonly QuickTime _time = new(10);

    [Fact]
    public async Task A_killed_broker_is_pending_then_active_and_resolved_when_it_is_back()
    {
        await using var app = await StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(app.Urls.First()) };
        var token = await Storage.Get<TokenStore>().CreateAsync("test", Role.Viewer, "test", null, Token);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Secret);
        var views = app.Services.GetRequiredService<IClusterViews>();
        await Changes.UntilAsync(views, () => views.Find(Demo)?.Brokers is { Length: 4 } brokers && brokers.All(broker => broker.State is BrokerState.Active), "sampled");

        await views.FindDemo(Demo)!.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 2, null), Token);

        await Changes.UntilAsync(views, async () => await StatesAsync(client) is ["active"], "active");
        var active = (await GetAsync(client, "anomalies")).GetProperty("items")[0];
        Assert.Equal(("demo", "broker-down", "broker 2", 2), (active.GetProperty("cluster").GetString(), active.GetProperty("kind").GetString(), active.GetProperty("subject").GetString(), active.GetProperty("brokerId").GetInt32()));
        var metrics = await client.GetStringAsync("/metrics", Token);
        Assert.Contains("kcp_anomalies_active{cluster=\"demo\",type=\"broker-down\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_anomalies_active{cluster=\"demo\",type=\"under-replicated\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_anomalies_total{cluster=\"demo\",type=\"broker-down\"} 1", metrics, StringComparison.Ordinal);

        await views.FindDemo(Demo)!.ApplyAsync(new DemoAction(DemoActionKind.Restore, null, null), Token);
        await Changes.UntilAsync(views, async () => await StatesAsync(client) is [], "resolved");

        var detail = await GetAsync(client, $"clusters/demo/anomalies/{active.GetProperty("id").GetGuid()}");
        Assert.Equal("resolved", detail.GetProperty("anomaly").GetProperty("state").GetString());
        Assert.True(detail.GetProperty("worst").GetProperty("underReplicated").GetInt32() > 0);
        Assert.Equal(
            ["pending", "active", "resolved"],
            detail.GetProperty("transitions").EnumerateArray().Where(one => one.GetProperty("before").GetString() != one.GetProperty("after").GetString()).Select(one => one.GetProperty("after").GetString()));

        await Storage.Get<ClusterStore>().RemoveAsync(Demo, Token);
        app.Services.GetRequiredService<OwnershipLoop>().Nudge();
        await Changes.UntilAsync(views, async () => !(await client.GetStringAsync("/metrics", Token)).Contains("kcp_anomalies_active{cluster=\"demo\"", StringComparison.Ordinal), "its series are gone");
        await app.StopAsync(Token);
    }

    private static async Task<string[]> StatesAsync(HttpClient client) =>
        [.. (await GetAsync(client, "clusters/demo/anomalies?kind=broker-down")).GetProperty("items").EnumerateArray().Select(row => row.GetProperty("state").GetString()!)];

    private static async Task<JsonElement> GetAsync(HttpClient client, string path) =>
        JsonDocument.Parse(await client.GetStringAsync($"/api/v1/{path}", Token)).RootElement;

    private async Task<WebApplication> StartAsync()
    {
        var definition = new ClusterDefinition { Id = Demo, Name = "demo", Kind = ClusterKind.Simulated, Simulation = """{"brokers":4,"topics":6,"groups":2}""" };
        Assert.IsType<ClusterAddition.Added>(await Storage.Get<ClusterStore>().AddAsync(definition, ClusterSecrets.None, Token));
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = Storage.ConnectionString,
            ["Storage:MasterKeyFile"] = Storage.MasterKeyFile,
            ["Storage:Lease"] = "00:05:00", // of real time for the database, of fast time for the process
            ["Api:MetricsAccess"] = "Anyone",
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddStorage(builder.Configuration).AddClusters().AddSampling(builder.Configuration).AddLag(builder.Configuration).AddAnomalies().AddAnalyzer().AddHealing()
            .AddExecution(builder.Configuration).AddAlerts(builder.Configuration).AddApi(builder.Configuration);
        builder.Services.AddSingleton<IKafkaClusterSource, SimulatedKafkaSource>().AddCascadingAuthenticationState();
        var app = builder.Build();
        app.Services.GetRequiredService<AnomalyMetrics>();
        app.MapApi();
        await app.StartAsync(Token);
        app.Services.GetRequiredService<ProcessIdentity>().Advertise(app.Urls.First());
        return app;
    }
}
