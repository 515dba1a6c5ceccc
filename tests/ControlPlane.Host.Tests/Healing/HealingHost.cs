using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Alerts;
using ControlPlane.Analyzer;
using ControlPlane.Anomalies;
using ControlPlane.Api;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Execution;
using ControlPlane.Healing;
using ControlPlane.Host.Tests.Clusters;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Hosting;
using ControlPlane.Lag;
using ControlPlane.Sampling;
using ControlPlane.Simulation;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Host.Tests.Healing;

/// <summary>One process of the product, from sampling to execution, on a real database, a simulated cluster and the wall's clock; asked through its API.</summary>
internal sealed class HealingHost : IAsyncDisposable
{
    public const string Cluster = "sim";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly WebApplication _app;

    private HealingHost(WebApplication app, HttpClient client) => (_app, Client) = (app, client);

    public HttpClient Client { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="storage">The database.</param>
    /// <param name="world">A world that outlives every process; null: each process has its own, as in the product.</param>
    public static async Task<HealingHost> StartAsync(TestStorage storage, SharedWorld? world)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = storage.ConnectionString,
            ["Storage:MasterKeyFile"] = storage.MasterKeyFile,
            ["Storage:Lease"] = TestStorage.LongLease,
            // Often enough for a test, and seldom enough that a busy machine keeps up: what is older than three intervals holds healing back.
            ["Sampling:Topology"] = "00:00:02",
            ["Sampling:Quorum"] = "00:00:04",
            ["Sampling:Reassignments"] = "00:00:03",
            ["Sampling:LogDirs"] = "00:00:05",
            ["Execution:Look"] = "00:00:00.250",
            ["Execution:Idle"] = "00:00:00.250",
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(builder.Configuration).AddClusters().AddSampling(builder.Configuration).AddLag(builder.Configuration).AddAnomalies().AddAnalyzer().AddHealing()
            .AddExecution(builder.Configuration).AddAlerts(builder.Configuration).AddApi(builder.Configuration);
        builder.Services.AddCascadingAuthenticationState();
        _ = world is null ? builder.Services.AddSingleton<IKafkaClusterSource, SimulatedKafkaSource>() : builder.Services.AddSingleton<IKafkaClusterSource>(world);
        var app = builder.Build();
        app.Services.GetRequiredService<HealingMetrics>();
        app.MapApi();
        await app.StartAsync(Token);
        app.Services.GetRequiredService<ProcessIdentity>().Advertise(app.Urls.First());
        await app.Services.GetRequiredService<StorageState>().WaitUntilReadyAsync(Token);
        var token = await app.Services.GetRequiredService<TokenStore>().CreateAsync($"operator {Guid.NewGuid():N}", ControlPlane.Storage.Role.Operator, "test", null, Token);
        var client = new HttpClient(new SocketsHttpHandler(), disposeHandler: true) { BaseAddress = new Uri(app.Urls.First() + "/api/v1/"), Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Secret);
        return new HealingHost(app, client);
    }

    /// <summary>Registers the cluster and waits until it is watched and well.</summary>
    public async Task AddClusterAsync(SimulationSpec? spec = null)
    {
        var id = new Engine.Model.ClusterId(Cluster);
        await _app.Services.GetRequiredService<ClusterStore>().AddAsync(new ClusterDefinition { Id = id, Name = Cluster, Kind = ControlPlane.Storage.ClusterKind.Simulated, Simulation = spec?.ToJson() }, ClusterSecrets.None, Token);
        _app.Services.GetRequiredService<OwnershipLoop>().Nudge();
        await UntilAsync<ClusterOverviewDto>($"clusters/{Cluster}/overview", overview => overview is { Summary.Status: StatusWord.Ok, Reassigning: 0, Completeness.LogDirs: 1 });
    }

    public async Task<HealingPolicyDto> SetAsync(string mode, int graceSeconds, int maxBrokersDown = 1)
    {
        using var read = await Client.GetAsync($"clusters/{Cluster}/healing", Token);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"clusters/{Cluster}/healing") { Content = JsonContent.Create(new HealingPolicyRequest([new HealingRuleRequest("broker-down", mode, graceSeconds)], null, maxBrokersDown, "test")) };
        request.Headers.IfMatch.Add(read.Headers.ETag!);
        using var response = await Client.SendAsync(request, Token);
        return await ReadAsync<HealingPolicyDto>(response);
    }

    public async Task<T> PostAsync<T>(string path, object? body)
    {
        using var response = await Client.PostAsync(path, body is null ? null : JsonContent.Create(body), Token);
        return await ReadAsync<T>(response);
    }

    public async Task<T> GetAsync<T>(string path)
    {
        using var response = await Client.GetAsync(path, Token);
        return await ReadAsync<T>(response);
    }

    public async Task<AnomalyDto> AnomalyAsync(int broker) => (await UntilAsync<Page<AnomalyDto>>(
        $"clusters/{Cluster}/anomalies?kind=broker-down", page => page.Items.Any(anomaly => anomaly.BrokerId == broker))).Items.First(anomaly => anomaly.BrokerId == broker);

    public Task<IncidentDto> IncidentAsync(Guid id, Func<IncidentDto, bool> condition) => UntilAsync($"clusters/{Cluster}/incidents/{id}", condition);

    public Task<IncidentDto> HealingAsync(Guid id, string outcome, string? heldBackBy = null) => IncidentAsync(id, incident =>
        incident.Healing?.Outcome == outcome && (heldBackBy is null || incident.Healing.Guards.FirstOrDefault(guard => guard.Passed != true)?.Name == heldBackBy));

    /// <summary>Waits for the end of a healing. Its throttle is taken off: a test has no producers to spare.</summary>
    public async Task<IncidentDto> HealedAsync(Guid id, SharedWorld world)
    {
        var running = await IncidentAsync(id, incident => incident.Executions.Count > 0);
        using var response = await Client.PutAsJsonAsync($"clusters/{Cluster}/executions/{running.Executions[0].Id}/limits", new ExecutionLimitsRequest(null, 0, "test"), Token);
        world.Hurry();
        return await HealingAsync(id, "ended");
    }

    public async Task<IReadOnlyList<HealingDecisionDto>> DecisionsAsync(Guid anomaly) =>
        (await GetAsync<Page<HealingDecisionDto>>($"clusters/{Cluster}/healing/decisions?anomaly={anomaly}&limit=500")).Items;

    public async Task<T> UntilAsync<T>(string path, Func<T, bool> condition)
    {
        T? found = default;
        await Changes.UntilAsync(_app.Services.GetRequiredService<IClusterViews>().WatchAsync, async () =>
        {
            using var response = await Client.GetAsync(path, Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            found = response.IsSuccessStatusCode ? JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web) : default;
            return (found is not null && condition(found), $"{path} answers {(int)response.StatusCode} {text}");
        }, Patience);
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web)!;
    }
}
