using ControlPlane.Clusters;
using Microsoft.Extensions.Options;

namespace ControlPlane.Hosting;

/// <summary>Composition of the process itself: start, health, telemetry, demo.</summary>
internal static class HostingServices
{
    public static IServiceCollection AddHosting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<HostingOptions>().Bind(configuration.GetSection(HostingOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HostingOptions>, HostingOptionsValidator>();
        services.AddOptions<DemoOptions>().Bind(configuration.GetSection(DemoOptions.Section)).ValidateOnStart();
        services.AddSingleton<IKafkaClusterSource, SimulatedKafkaSource>();
        services.AddSingleton<ClusterRegistration>();
        services.AddSingleton<StartSteps>();
        services.AddHostedService<FirstStart>();
        services.AddHealth();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(15)); // hand-over of all clusters included
        return services.AddTelemetry(configuration);
    }
}
