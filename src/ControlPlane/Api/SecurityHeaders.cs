namespace ControlPlane.Api;

/// <summary>What a browser may do with our answers.</summary>
internal static class SecurityHeaders
{
    // Blazor's circuit is a websocket to the same origin; Radzen sets positions and colours as style attributes. No script runs that is not a file of ours.
    private const string ContentPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private const string ApiPolicy = "default-src 'none'; frame-ancestors 'none'";

    public static Task AddAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                var headers = context.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "same-origin";
                headers.XFrameOptions = "DENY";
                headers["Cross-Origin-Opener-Policy"] = "same-origin";
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
                headers.ContentSecurityPolicy = ApiPaths.IsApi(context.Request.Path) ? ApiPolicy : ContentPolicy;
                return Task.CompletedTask;
            },
            http);
        return next(http);
    }
}
