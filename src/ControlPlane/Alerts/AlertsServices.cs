using System.Net;
using ControlPlane.Clusters;
using Microsoft.Extensions.Options;

namespace ControlPlane.Alerts;

/// <summary>Composition of alerting: the sink that fills the outbox and the service that empties it.</summary>
internal static class AlertsServices
{
    public static IServiceCollection AddAlerts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AlertsOptions>().Bind(configuration.GetSection(AlertsOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AlertsOptions>, AlertsOptionsValidator>();
        services.AddSingleton<AlertWake>();
        services.AddSingleton<AlertOutbox>();
        services.AddSingleton<IAnomalySink>(provider => provider.GetRequiredService<AlertOutbox>());
        services.AddSingleton<AlertMeter>();
        services.AddSingleton<AlertHealth>();
        services.AddSingleton<DeliveryReports>();
        services.AddSingleton<AddressGuard>();
        services.AddSingleton<AlertHttp>();
        services.AddSingleton<DeliverySender>();
        services.AddHttpClient(AlertHttp.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
            {
                ConnectCallback = provider.GetRequiredService<AddressGuard>().ConnectAsync,
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false, // it would connect for us, past the guard
                AutomaticDecompression = DecompressionMethods.None,
                MaxResponseHeadersLength = 32,
                MaxResponseDrainSize = 0,
                PooledConnectionLifetime = AlertHttp.KeepAlive,
            })
            .RemoveAllLoggers(); // they print URLs, which may hold secrets
        return services.AddHostedService<Dispatcher>();
    }
}
