namespace ControlPlane.Clusters;

/// <summary>Composition of the clusters: who owns which, and their live state.</summary>
internal static class ClustersServices
{
    public static IServiceCollection AddClusters(this IServiceCollection services)
    {
        services.AddSingleton<ProcessIdentity>();
        services.AddSingleton<ChangeHub>();
        services.AddSingleton<PlanApprovals>();
        services.AddSingleton<KafkaClusterFactory>();
        services.AddSingleton<ClusterServices>();
        services.AddSingleton<ClusterRegistry>();
        services.AddSingleton<IClusterViews>(provider => provider.GetRequiredService<ClusterRegistry>());
        services.AddSingleton<ClusterDirectory>();
        services.AddSingleton<ClusterMetrics>();
        services.AddSingleton<OwnershipLoop>();
        return services.AddHostedService(provider => provider.GetRequiredService<OwnershipLoop>());
    }
}
