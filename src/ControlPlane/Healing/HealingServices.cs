using ControlPlane.Analyzer;
using ControlPlane.Clusters;

namespace ControlPlane.Healing;

/// <summary>Composition of healing: what decides and acts for each cluster that this process owns.</summary>
internal static class HealingServices
{
    public static IServiceCollection AddHealing(this IServiceCollection services)
    {
        // Lazy: planning knows the clusters, and those know their work, of which healing is one.
        services.AddSingleton(provider => new Lazy<PlanDesk>(provider.GetRequiredService<PlanDesk>));
        services.AddSingleton<HealingBoard>();
        services.AddSingleton<HealingMetrics>();
        services.AddSingleton<HealingReader>();
        services.AddSingleton<HealingActs>();
        services.AddSingleton<HealingRecord>();
        return services.AddSingleton<IClusterWork, HealingLoop>();
    }
}
