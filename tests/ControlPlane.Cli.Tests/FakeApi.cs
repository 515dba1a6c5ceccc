using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Cli.Tests;

/// <summary>An HTTP server on a free port that answers as a test tells it, and remembers what it was asked.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeApi(WebApplication app) => _app = app;

    public List<AskedRequest> Asked { get; } = [];

    public string Url { get; private set; } = "";

    public Dictionary<string, string> Environment => new() { ["KCP_URL"] = Url, ["KCP_TOKEN"] = "kcp_test" };

    public static async Task<FakeApi> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new FakeApi(app);
        app.Use(async (context, next) =>
        {
            context.Request.EnableBuffering();
            using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            context.Request.Body.Position = 0;
            var request = context.Request;
            lock (api.Asked)
            {
                api.Asked.Add(new AskedRequest(request.Method, request.Path + request.QueryString, body, request.Headers.Authorization.ToString(), request.Headers.IfMatch.ToString()));
            }

            await next();
        });
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        api.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return api;
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    public Task<KcpRun> RunAsync(params string[] args) => KcpRun.OfAsync(Environment, args);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

internal sealed record AskedRequest(string Method, string Path, string Body, string Authorization, string IfMatch);
