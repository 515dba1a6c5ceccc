namespace ControlPlane.Api;

/// <summary>Where the API lives in the host's URL space.</summary>
internal static class ApiPaths
{
    public const string Root = "/api/v1";

    public const string Metrics = "/metrics";

    /// <summary>Burrow's HTTP API.</summary>
    public const string Burrow = "/v3";

    public const string BurrowHealth = "/burrow";

    /// <summary>Paths that are answered to programs: with problems, never with a redirect or a page.</summary>
    public static bool IsApi(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments(Metrics, StringComparison.OrdinalIgnoreCase)
        || IsBurrow(path)
        || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase);

    public static bool IsBurrow(PathString path) =>
        path.StartsWithSegments(Burrow, StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments(BurrowHealth, StringComparison.OrdinalIgnoreCase);
}
