using ControlPlane.Ui.Api;
using ControlPlane.Ui.Layout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Radzen;

namespace ControlPlane.Ui;

/// <summary>Puts the pages into a host. The host adds authentication, authorization, antiforgery and an <see cref="IApiAccess"/>.</summary>
public static class UiSetup
{
    public static IServiceCollection AddUi(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpContextAccessor();
        services.AddCascadingAuthenticationState();
        services.AddRazorComponents().AddInteractiveServerComponents(options =>
        {
            // A laptop that slept ten minutes comes back to the page it left.
            options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(10);
            options.DisconnectedCircuitMaxRetained = 200;
        }).AddHubOptions(options =>
        {
            // The browser hands the prerendered data back when it opens the circuit; the default of 32 KiB would refuse a large table.
            options.MaximumReceiveMessageSize = 4 * 1024 * 1024;
        });
        services.AddRadzenComponents();

        // Its own process answers; what takes longer than this is better said than waited for. Of the live stream it limits the headers only.
        services.AddHttpClient(ApiConnection.ClientName, client => client.Timeout = TimeSpan.FromSeconds(30));
        services.AddScoped<ApiConnection>();
        services.TryAddScoped<IControlPlaneApi, HttpControlPlaneApi>();
        services.AddScoped<LiveUpdates>();
        services.AddScoped<Loader>();
        services.AddScoped<Frame>();
        return services;
    }

    /// <summary>Maps pages, their static files and the circuit. Call after authentication, authorization and antiforgery were added to the pipeline.</summary>
    public static RazorComponentsEndpointConventionBuilder MapUi(this IEndpointRouteBuilder app)
    {
        app.MapStaticAssets();
        return app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = "'none'");
    }
}
