using ControlPlane.Clusters;
using Microsoft.Extensions.Options;

namespace ControlPlane.Sampling;

/// <summary>Composition of sampling: what runs for each cluster that this process owns.</summary>
internal static class SamplingServices
{
    public static IServiceCollection AddSampling(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SamplingOptions>().Bind(configuration.GetSection(SamplingOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SamplingOptions>, SamplingOptionsValidator>();
        services.AddSingleton<SamplingMetrics>();
        services.AddSingleton<IClusterWork, ClusterSampler>();
        return services.AddSingleton<IClusterWork, HistoryWriter>();
    }
}
