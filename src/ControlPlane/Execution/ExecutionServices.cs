using ControlPlane.Clusters;
using Microsoft.Extensions.Options;

namespace ControlPlane.Execution;

/// <summary>Composition of execution: what carries out approved plans on each cluster that this process owns.</summary>
internal static class ExecutionServices
{
    public static IServiceCollection AddExecution(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ExecutionOptions>().Bind(configuration.GetSection(ExecutionOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ExecutionOptions>, ExecutionOptionsValidator>();
        services.AddSingleton<ApprovedPlans>();
        services.AddSingleton<ExecutionDesk>();
        services.AddSingleton<ExecutionParts>();
        services.AddSingleton<ExecutionMetrics>();
        return services.AddSingleton<IClusterWork, ReassignmentRunner>();
    }
}
