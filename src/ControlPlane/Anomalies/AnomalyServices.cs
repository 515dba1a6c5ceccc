using ControlPlane.Clusters;

namespace ControlPlane.Anomalies;

/// <summary>Composition of the anomalies: what watches each cluster that this process owns.</summary>
internal static class AnomalyServices
{
    public static IServiceCollection AddAnomalies(this IServiceCollection services)
    {
        // Lazy: a sink may depend on the clusters, and those on their work, of which the watch is one.
        services.AddSingleton(provider => new Lazy<IEnumerable<IAnomalySink>>(() => [.. provider.GetServices<IAnomalySink>()]));
        services.AddSingleton(provider => new Lazy<AnomalyMetrics>(() => provider.GetRequiredService<AnomalyMetrics>()));
        services.AddSingleton<AnomalyWriter>();
        services.AddSingleton<AnomalyMetrics>();
        services.AddSingleton<AnomalyNews>();
        return services.AddSingleton<IClusterWork, AnomalyWatch>();
    }
}
