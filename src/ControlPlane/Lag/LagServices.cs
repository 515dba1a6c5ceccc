namespace ControlPlane.Lag;

/// <summary>Composition of lag: what is done to groups when somebody asks.</summary>
internal static class LagServices
{
    public static IServiceCollection AddLag(this IServiceCollection services) => services.AddSingleton<OffsetDesk>();
}
