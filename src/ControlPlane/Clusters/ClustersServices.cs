namespace ControlPlane.Clusters;

/// <summary>Composition of the clusters: who owns which, and their live state.</summary>
internal static class ClustersServices
{
    public static IServiceCollection AddClusters(this IServiceCollection services)
    {
        services.AddSingleton<ProcessIdentity>();
        services.AddSingleton<ChangeHub>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<PlanApprovals>();
        services.AddSingleton<KafkaClusterFactory>();
        services.AddSingleton<ClusterServices>();
        services.AddSingleton<ClusterRegistry>();
        services.AddSingleton<IClusterViews>(provider => provider.GetRequiredService<ClusterRegistry>());
        services.AddSingleton<OpenAnomalies>();
        services.AddSingleton<IOpenAnomalies>(provider => provider.GetRequiredService<OpenAnomalies>());
        services.AddSingleton<ClusterDirectory>();
        services.AddSingleton<ClusterMetrics>();
        services.AddSingleton<OwnershipLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<OwnershipLoop>());
        services.AddSingleton<EventWriter>();
        return services.AddHostedService(provider => provider.GetRequiredService<EventWriter>()); // after the loop, so that it stops before it
    }
}
