using System.Net;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Ui.Tests;

/// <summary>Which request each call about plans, executions, alerts and healing becomes.</summary>
public sealed class OperationRouteTests : IDisposable
{
    private static readonly Guid Id = FakeTroubles.Id(7);

    private readonly Recorder _recorder = new();
    private readonly ServiceProvider _services;
    private readonly IControlPlaneApi _api;

    public OperationRouteTests()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddUi();
        services.AddScoped<IApiAccess, Access>();
        services.AddHttpClient("control-plane-api").ConfigurePrimaryHttpMessageHandler(() => _recorder);
        _services = services.BuildServiceProvider();
        _api = _services.CreateScope().ServiceProvider.GetRequiredService<IControlPlaneApi>();
    }

    [Fact]
    public async Task Lists_name_their_filters()
    {
        await SeesAsync(token => _api.GetAnomaliesAsync("a/b", Filtered("state", "active"), token), "GET /api/v1/anomalies?limit=50&state=active&cluster=a%2Fb");
        await SeesAsync(token => _api.GetExecutionsAsync(null, Filtered("state", null), token), "GET /api/v1/executions?limit=50");
        await SeesAsync(token => _api.GetExecutionsAsync("c", Filtered("state", null), token), "GET /api/v1/clusters/c/executions?limit=50");
        await SeesAsync(token => _api.GetHealingDecisionsAsync("c", Filtered("anomaly", $"{Id}"), token), $"GET /api/v1/clusters/c/healing/decisions?limit=50&anomaly={Id}");
        await SeesAsync(token => _api.GetPlannedMovesAsync("c", Id, new(Offset: 100), token), $"GET /api/v1/clusters/c/plans/{Id}/moves?offset=100&limit=100");
    }

    [Fact]
    public async Task Actions_carry_what_was_decided()
    {
        await DoesAsync(token => _api.ApprovePlanAsync("c", Id, new("h1", "why"), token), $"POST /api/v1/clusters/c/plans/{Id}/approval", "\"hash\":\"h1\"");
        await DoesAsync(token => _api.DiscardPlanAsync("c", Id, new("why"), token), $"POST /api/v1/clusters/c/plans/{Id}/discard", "\"reason\":\"why\"");
        await DoesAsync(token => _api.PauseExecutionAsync("c", Id, new(null), token), $"POST /api/v1/clusters/c/executions/{Id}/pause", "{");
        await DoesAsync(token => _api.ResumeExecutionAsync("c", Id, new(null), token), $"POST /api/v1/clusters/c/executions/{Id}/resume", "{");
        await DoesAsync(token => _api.CancelExecutionAsync("c", Id, new("revert-in-flight", null), token), $"POST /api/v1/clusters/c/executions/{Id}/cancel", "revert-in-flight");
        await DoesAsync(token => _api.SetExecutionLimitsAsync("c", Id, new(null, 5, null), token), $"PUT /api/v1/clusters/c/executions/{Id}/limits", "\"throttleBytesPerSecond\":5");
        await DoesAsync(token => _api.OverrideHealingAsync("c", Id, new("extend", 60, null), token), $"POST /api/v1/clusters/c/anomalies/{Id}/healing", "\"seconds\":60");
        await DoesAsync(token => _api.ResumeHealingAsync("c", token), "POST /api/v1/clusters/c/healing/resume", "");
        await DoesAsync(token => _api.ResendDeliveryAsync(Id, token), $"POST /api/v1/deliveries/{Id}/resend", "");
    }

    [Fact]
    public async Task The_optimizer_is_asked_by_its_own_addresses()
    {
        await DoesAsync(token => _api.StartOptimizerRunAsync("a/b", new("minimal-repair", [4], Options: new(Limits: [new("disk", 0.75, [4])])), token), "POST /api/v1/clusters/a%2Fb/optimizer-runs", "\"limits\":[{\"lane\":\"disk\",\"limit\":0.75,\"brokers\":[4]}]");
        await SeesAsync(token => _api.GetOptimizerRunsAsync("c", Filtered("state", "running"), token), "GET /api/v1/clusters/c/optimizer-runs?limit=50&state=running");
        await DoesAsync(token => _api.GetOptimizerRunAsync("c", Id, token), $"GET /api/v1/clusters/c/optimizer-runs/{Id}", "");
        await DoesAsync(token => _api.CancelOptimizerRunAsync("c", Id, token), $"DELETE /api/v1/clusters/c/optimizer-runs/{Id}", "");
        await SeesAsync(token => _api.GetMoveGroupsAsync("c", Id, "broker", new(Sort: "-bytes"), token), $"GET /api/v1/clusters/c/plans/{Id}/move-groups?sort=-bytes&limit=100&by=broker");
        await DoesAsync(token => _api.AskWhatIfAsync("c", new([new("lose-rack", Rack: "r1")]), token), "POST /api/v1/clusters/c/what-if", "\"rack\":\"r1\"");
        await DoesAsync(token => _api.GetRightsizingAsync("c", token), "GET /api/v1/clusters/c/rightsizing", "");
        await DoesAsync(token => _api.GetHeatmapAsync("c", new("topic", "bytesIn", "a.*"), token), "GET /api/v1/clusters/c/heatmap?by=topic&colour=bytesIn&topics=a.%2A&limit=200", "");
    }

    [Fact]
    public async Task Edits_name_the_version_they_were_made_from()
    {
        await DoesAsync(token => _api.UpdateHealingAsync("c", 5, new(null, 0.9, null, null), token), "PUT /api/v1/clusters/c/healing", "\"minCompleteness\":0.9");
        Assert.Equal("\"5\"", _recorder.IfMatch);
        await DoesAsync(token => _api.UpdateAlertTargetAsync(Id, 6, new("n", "webhook", true, "https://x", null, null, null), token), $"PUT /api/v1/alert-targets/{Id}", "\"name\":\"n\"");
        Assert.Equal("\"6\"", _recorder.IfMatch);
        await DoesAsync(token => _api.UpdateCapacitiesAsync("c", 8, new(125e6), token), "PUT /api/v1/clusters/c/capacities", "\"networkIn\":125000000");
        Assert.Equal("\"8\"", _recorder.IfMatch);
        await DoesAsync(token => _api.RemoveAlertTargetAsync(Id, 7, token), $"DELETE /api/v1/alert-targets/{Id}", "");
        Assert.Equal("\"7\"", _recorder.IfMatch);
    }

    public void Dispose()
    {
        _services.Dispose();
        _recorder.Dispose();
    }

    private static ListQuery Filtered(string name, string? value) => new(Limit: 50, Filters: new Dictionary<string, string?>(StringComparer.Ordinal) { [name] = value });

    private async Task SeesAsync<T>(Func<CancellationToken, Task<Page<T>>> call, string expected)
    {
        await call(TestContext.Current.CancellationToken);
        Assert.Equal(expected, _recorder.Request);
    }

    private async Task DoesAsync(Func<CancellationToken, Task> call, string expected, string body)
    {
        await call(TestContext.Current.CancellationToken);
        Assert.Equal(expected, _recorder.Request);
        Assert.Contains(body, _recorder.Body, StringComparison.Ordinal);
    }

    private sealed class Access : IApiAccess
    {
        public Uri BaseAddress { get; } = new("http://127.0.0.1:1");

        public ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public string Request { get; private set; } = "";

        public string Body { get; private set; } = "";

        public string? IfMatch { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = $"{request.Method} {request.RequestUri!.PathAndQuery}";
            Body = request.Content is { } content ? await content.ReadAsStringAsync(cancellationToken) : "";
            IfMatch = request.Headers.IfMatch.FirstOrDefault()?.Tag;
            return new(HttpStatusCode.OK) { Content = new StringContent("""{"items":[],"total":0,"offset":0,"limit":50,"at":null}""", System.Text.Encoding.UTF8, "application/json") };
        }
    }
}
