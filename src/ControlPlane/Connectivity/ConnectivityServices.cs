using ControlPlane.Clusters;

namespace ControlPlane.Connectivity;

/// <summary>Composition of the connections to real clusters.</summary>
internal static class ConnectivityServices
{
    public static IServiceCollection AddConnectivity(this IServiceCollection services)
    {
        services.AddHttpClient(RealKafkaSource.HttpClientName);
        return services.AddSingleton<IKafkaClusterSource, RealKafkaSource>();
    }
}
