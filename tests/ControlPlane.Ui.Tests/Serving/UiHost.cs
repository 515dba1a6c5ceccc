using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Ui.Tests.Serving;

/// <summary>The real pages on a real Kestrel, over the made-up fleet. The visitor is whoever the fleet's role says.</summary>
internal sealed class UiHost(WebApplication app, FakeAnswers answers) : IAsyncDisposable
{
    public string Address { get; } = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public FakeAnswers Answers => answers;

    /// <param name="isReloading">Whether files are served as they are on the disk now, to edit them. They are then not compressed: no weight could be judged.</param>
    public static async Task<UiHost> StartAsync(FakeFleet fleet, string address = "http://127.0.0.1:0", bool isReloading = false)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = typeof(UiHost).Assembly.GetName().Name, EnvironmentName = "Development", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(address).UseStaticWebAssets();
        builder.Configuration["ReloadStaticAssetsAtRuntime"] = isReloading ? "true" : "false";
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("KCP_UI_LOG") is not null)
        {
            builder.Logging.AddSimpleConsole();
        }

        var answers = new FakeAnswers();
        builder.Services.AddSingleton(fleet).AddSingleton(answers).AddSingleton<IControlPlaneApi, FakeControlPlaneApi>().AddScoped<IApiAccess, NoAccess>();
        builder.Services.AddUi();
        builder.Services.AddAuthentication("fake").AddScheme<AuthenticationSchemeOptions, FakeLogin>("fake", null);
        builder.Services.AddAuthorization();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddResponseCompression(options => options.EnableForHttps = true);
        var app = builder.Build();
        app.UseResponseCompression();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapUi();
        await app.StartAsync();
        return new(app, answers);
    }

    public Task StopAsync() => app.StopAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>The fake API needs no access; the container checks that the real one could be built.</summary>
    private sealed class NoAccess : IApiAccess
    {
        public Uri BaseAddress { get; } = new("http://127.0.0.1");

        public ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private sealed class FakeLogin(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.Success(new(
            new System.Security.Claims.ClaimsPrincipal(new System.Security.Claims.ClaimsIdentity([new(System.Security.Claims.ClaimTypes.Name, "admin")], Scheme.Name)), Scheme.Name)));
    }
}
