namespace ControlPlane.Analyzer;

/// <summary>Composition of planning; needs the clusters and the storage.</summary>
internal static class AnalyzerServices
{
    public static IServiceCollection AddAnalyzer(this IServiceCollection services)
    {
        services.AddSingleton<PlanMeter>();
        services.AddSingleton<LiveModels>();
        services.AddSingleton<OptimizerDesk>();
        services.AddSingleton<RunEnd>();
        services.AddSingleton<OptimizerRuns>();
        services.AddSingleton<CapacityDesk>();
        return services.AddSingleton<PlanDesk>();
    }
}
