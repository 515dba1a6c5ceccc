using ControlPlane.Storage;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ControlPlane.Hosting;

/// <summary>/health/live: the process turns; /health/startup: its start is complete; /health/ready: it can serve now.</summary>
internal static class HealthEndpoints
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<StartState>();
        services.AddHealthChecks().AddCheck<StartCheck>("start", tags: ["ready", "startup"]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        Map("/health/live", _ => false);
        Map("/health/startup", check => check.Tags.Contains("startup"));
        Map("/health/ready", check => check.Tags.Contains("ready"));

        void Map(string path, Func<HealthCheckRegistration, bool> predicate) =>
            app.MapHealthChecks(path, new HealthCheckOptions { Predicate = predicate, ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { status = entry.Value.Status.ToString(), message = entry.Value.Description }),
        },
        context.RequestAborted);
}

/// <summary>Healthy once the start is complete; before, it says what is being waited for.</summary>
internal sealed class StartCheck(StartState state, StorageState storage) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.IsComplete
            ? HealthCheckResult.Healthy("started")
            : HealthCheckResult.Unhealthy(storage.IsReady ? "The start is under way." : storage.Status.Problem ?? $"The database is not ready: {storage.Status.Phase}."));
}
