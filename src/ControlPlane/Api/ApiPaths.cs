namespace ControlPlane.Api;

/// <summary>Where the API lives in the host's URL space.</summary>
internal static class ApiPaths
{
    public const string Root = "/api/v1";

    public const string Metrics = "/metrics";

    /// <summary>Paths that are answered to programs: with problems, never with a redirect or a page.</summary>
    public static bool IsApi(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments(Metrics, StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase);
}
