using ControlPlane.Clusters;
using ControlPlane.Lag.Memory;
using ControlPlane.Lag.Metrics;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Composition of lag: the books and judgements of owned clusters, and what is done to groups when somebody asks.</summary>
internal static class LagServices
{
    public static IServiceCollection AddLag(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LagOptions>().Bind(configuration.GetSection(LagOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LagOptions>, LagOptionsValidator>();
        services.AddOptions<LagAlertOptions>().Bind(configuration.GetSection(LagAlertOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LagAlertOptions>, LagAlertOptionsValidator>();
        services.AddSingleton<GroupAlertRules>();
        services.AddOptions<LagMetricsOptions>().Bind(configuration.GetSection(LagMetricsOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LagMetricsOptions>, LagMetricsOptionsValidator>();
        services.AddSingleton<LagPages>();
        services.AddSingleton<LagBooks>();
        services.AddSingleton<LagMetrics>();
        services.AddSingleton<CloseLook>();
        services.AddSingleton<LagMemoryMeter>();
        services.AddSingleton<LagMemory>();
        services.AddSingleton<OffsetsHiring>();
        services.AddSingleton<ShareReading>();
        services.AddSingleton<OffsetsFollower>();
        services.AddSingleton<LagJudging>();
        services.AddSingleton<LagDesk>();
        services.AddSingleton<OffsetDesk>();
        return services.AddSingleton<IClusterWork, LagWork>();
    }
}
