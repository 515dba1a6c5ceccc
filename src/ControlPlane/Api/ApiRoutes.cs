using System.Diagnostics;
using ControlPlane.Api.Access;
using ControlPlane.Api.Burrow;
using ControlPlane.Api.Forwarding;
using ControlPlane.Api.Metrics;
using ControlPlane.Api.Problems;
using ControlPlane.Api.Resources;

namespace ControlPlane.Api;

/// <summary>The way of a request through the API, and where its endpoints are.</summary>
internal static class ApiRoutes
{
    /// <summary>Call once, before the pages are mapped: the order of the middleware is the order of the checks.</summary>
    public static void MapApi(this WebApplication app)
    {
        app.Services.GetRequiredService<MetricsReader>(); // what is counted before the first scrape counts too
        app.UseForwardedHeaders();
        app.Use(SecurityHeaders.AddAsync);
        app.UseResponseCompression();
        app.UseExceptionHandler();
        app.Use(EmptyRefusals.FillAsync);
        app.UseRouting();
        app.Use(MeasureAsync);
        app.Use(LargeBodies.RefuseAsync);
        app.UseAuthentication();
        app.UseMiddleware<RequestGuard>();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseMiddleware<BurrowGate>();
        app.UseMiddleware<ForwardingMiddleware>();

        var api = app.MapGroup(ApiPaths.Root).RefusesAsAll();
        api.MapSession();
        api.MapFleet();
        api.MapOffsetsShares();
        api.MapClusters();
        var cluster = api.MapGroup("/clusters/{cluster}").WithTags("Clusters");
        cluster.MapOverview();
        cluster.MapBrokers();
        cluster.MapTopics();
        cluster.MapPartitions();
        cluster.MapGroups();
        cluster.MapGroupChanges();
        cluster.MapHistory();
        cluster.MapAnomaliesOfCluster();
        api.MapAnomalies();
        cluster.MapEvents();
        cluster.MapPlans();
        cluster.MapHealing();
        cluster.MapIncidentsOfCluster();
        api.MapIncidents();
        api.MapExecutions(cluster);
        cluster.MapOptimizer();
        cluster.MapCapacity();
        cluster.MapModel();
        cluster.MapHeatmap();
        api.MapAudit();
        api.MapUsers();
        api.MapTokens();
        api.MapProcesses();
        api.MapAlertTargets();
        api.MapDeliveries();
        app.MapForms();
        app.MapMetrics();
        app.MapBurrow();
        app.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization(Policies.View);
    }

    private static async Task MeasureAsync(HttpContext http, RequestDelegate next)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            if (ApiPaths.IsApi(http.Request.Path) && http.Response.ContentType != "text/event-stream")
            {
                // The pattern, not the path: a label must not take any value.
                var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
                http.RequestServices.GetRequiredService<ApiMeter>().Answered(http.Request.Method, route, http.Response.StatusCode, Stopwatch.GetElapsedTime(began));
            }
        }
    }
}
