using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ControlPlane.Alerts;
using ControlPlane.Analyzer;
using ControlPlane.Api;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Healing;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Lag;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>The API of one process on a real port and a real database; clusters are what the test publishes.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string Password = "correct horse battery staple";

    private readonly WebApplication _app;
    private readonly SocketsHttpHandler _handler = new() { UseCookies = false, AllowAutoRedirect = false };

    private ApiHost(WebApplication app, FakeViews views, LogLines log)
    {
        (_app, Views, Log) = (app, views, log);
        Address = new Uri(app.Urls.First());
        Client = new HttpClient(_handler, disposeHandler: false) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        Get<ProcessIdentity>().Advertise(Address.AbsoluteUri);
    }

    public Uri Address { get; }

    public FakeViews Views { get; }

    public LogLines Log { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ApiHost> StartAsync(TestStorage storage, Dictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = storage.ConnectionString,
            ["Storage:MasterKeyFile"] = storage.MasterKeyFile,
            ["Storage:Lease"] = TestStorage.LongLease,
            ["Api:ForwardTimeout"] = "00:01:00",
            ["Api:LoginsPerUser"] = "1000",
            ["Api:LoginsPerAddress"] = "1000",
        }).AddInMemoryCollection(settings ?? []);
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var views = new FakeViews();
        builder.Services.AddStorage(builder.Configuration).AddLag(builder.Configuration).AddAnalyzer().AddHealing().AddExecution(builder.Configuration).AddAlerts(builder.Configuration).AddApi(builder.Configuration).AddSingleton<PlanApprovals>();
        builder.Services.AddSingleton<IClusterViews>(views).AddSingleton<ProcessIdentity>().AddSingleton<ChangeHub>().AddSingleton<KafkaClusterFactory>().AddSingleton<IKafkaClusterSource, FakeKafkaSource>();
        builder.Services.AddCascadingAuthenticationState();
        var app = builder.Build();
        app.MapApi();
        await app.StartAsync(Token);
        var host = new ApiHost(app, views, log);
        await host.Get<StorageState>().WaitUntilReadyAsync(Token);
        await host.Get<ProcessStore>().HeartbeatAsync(host.Get<ProcessIdentity>().Info, Token);
        return host;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<string> TokenAsync(Role role) =>
        (await Get<TokenStore>().CreateAsync($"{role.ToText()} program", role, "test", null, Token)).Secret;

    /// <summary>A user whose password is chosen already.</summary>
    public async Task UserAsync(string name, Role role)
    {
        Assert.IsType<UserChange.PasswordIssued>(await Get<UserStore>().AddAsync(name, role, Token));
        Assert.IsType<UserChange.Changed>(await Get<UserStore>().ChangePasswordAsync(name, Password, Token));
    }

    /// <summary>Registers a cluster and publishes a picture of it.</summary>
    public async Task PublishAsync(ClusterModel model, ClusterKind kind = ClusterKind.Kafka)
    {
        var definition = new ClusterDefinition { Id = model.Id, Name = model.Id.Value, Kind = kind, BootstrapServers = "b1.example:9092" };
        await Get<ClusterStore>().AddAsync(definition, ClusterSecrets.None, Token);
        Get<FleetDirectory>().Forget();
        Views.Publish(model);
    }

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? token = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string text => new StringContent(text, MediaTypeHeaderValue.Parse("application/json")),
            _ => JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web),
        };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request, Token);
        Assert.True(response.StatusCode != HttpStatusCode.InternalServerError, $"{method} {path} failed:\n{Log.Errors}");
        return new Reply(response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync(Token));
    }

    public Task<Reply> GetAsync(string path, string? token, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, token, null, headers);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _handler.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>An answer, read whole.</summary>
internal sealed record Reply(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Body)
{
    public int Code => (int)Status;

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Tag => Headers.ETag?.ToString();

    public string Cookie => string.Join("; ", Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Select(cookie => cookie.Split(';')[0]) : []);

    /// <summary>Every refusal is a problem with title, detail, next step and trace id, and shows nothing of the inside.</summary>
    public Reply IsProblem(int status)
    {
        Assert.True(Code == status, $"Expected {status}, got {Code}: {Body}");
        Assert.Equal("application/problem+json", ContentHeaders.ContentType?.MediaType);
        foreach (var field in new[] { "title", "detail", "nextStep", "traceId" })
        {
            Assert.False(string.IsNullOrWhiteSpace(Json.GetProperty(field).GetString()), $"{field} is missing: {Body}");
        }

        Assert.DoesNotContain("   at ", Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Body, StringComparison.Ordinal);
        Assert.DoesNotContain("ControlPlane.", Body, StringComparison.Ordinal);
        return this;
    }

    public Reply HasError(string field)
    {
        Assert.True(Json.GetProperty("errors").TryGetProperty(field, out _), $"No error for {field}: {Body}");
        return this;
    }

    public Reply Is(int status)
    {
        Assert.True(Code == status, $"Expected {status}, got {Code}: {Body}");
        return this;
    }
}

/// <summary>Everything that was logged.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public string Errors => string.Join('\n', _lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)));

    public ILogger CreateLogger(string categoryName) => new Sink(_lines, categoryName);

    public void Dispose()
    {
    }

    private sealed class Sink(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}
