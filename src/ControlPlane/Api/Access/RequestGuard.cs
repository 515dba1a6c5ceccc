using ControlPlane.Api.Problems;

namespace ControlPlane.Api.Access;

/// <summary>Endpoints that also somebody with a one-time password may use.</summary>
internal sealed class AllowedBeforePasswordChange
{
    public static AllowedBeforePasswordChange Instance { get; } = new();
}

/// <summary>
/// Stands between authentication and authorization. Refuses requests that change something, carry the session cookie and were not sent by
/// this product's own pages; and everything but the change of password after a log-in with a one-time password.
/// </summary>
internal sealed class RequestGuard(RequestDelegate next)
{
    public const string CsrfHeader = "X-Kcp-Csrf";

    public Task InvokeAsync(HttpContext http)
    {
        if (!ApiPaths.IsApi(http.Request.Path))
        {
            return next(http);
        }

        var caller = Caller.Of(http.User);
        if (IsUnsafe(http.Request.Method) && WhyCrossSite(http, caller is not null) is { } why)
        {
            return AccessRefusal.RefuseAsync(http, ApiProblems.CrossSite(why));
        }

        if (caller is { MustChangePassword: true } && http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<AllowedBeforePasswordChange>() is null)
        {
            return AccessRefusal.RefuseAsync(http, ApiProblems.PasswordChangeNeeded(caller.Name));
        }

        return next(http);
    }

    private static bool IsUnsafe(string method) => !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method));

    /// <summary>
    /// Null where the request is no forgery. Other sites can't set a header of their own on a request without a preflight, which nothing here
    /// answers; and a browser's own word on where a request comes from (Sec-Fetch-Site, else Origin) must not contradict.
    /// </summary>
    private static string? WhyCrossSite(HttpContext http, bool isLoggedIn)
    {
        if (http.User.Identity?.AuthenticationType == AccessSchemes.Header)
        {
            return null; // nothing a browser would add by itself
        }

        var request = http.Request;
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0 && site != "same-origin")
        {
            return $"The browser says that the request comes from another site (Sec-Fetch-Site: {(site.Length > 20 ? "..." : site)}).";
        }

        if (site.Length == 0 && request.Headers.Origin is [{ } origin] && !IsOwn(request, origin))
        {
            return "The Origin of the request is not this server.";
        }

        return isLoggedIn && request.Headers[CsrfHeader].Count == 0 ? $"Requests with a session cookie that change something need the header {CsrfHeader}." : null;
    }

    private static bool IsOwn(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, new Uri($"{request.Scheme}://{request.Host}").Authority, StringComparison.OrdinalIgnoreCase);
}
