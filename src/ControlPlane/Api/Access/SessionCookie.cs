using ControlPlane.Api.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Access;

/// <summary>The cookie of people: sliding, for this origin only, out of reach of scripts, and void as soon as the user changes.</summary>
internal sealed class SessionCookie(IOptions<ApiOptions> api) : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    public const string Name = "kcp_session";
    public const string LoginPath = "/login";

    public void Configure(CookieAuthenticationOptions options) => Configure(AccessSchemes.Cookie, options);

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        if (name != AccessSchemes.Cookie)
        {
            return;
        }

        options.Cookie.Name = Name;
        options.Cookie.HttpOnly = true;
        // Lax, not Strict: a link in a chat message must open the page of somebody who is logged in.
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Cookie.IsEssential = true;
        options.ExpireTimeSpan = api.Value.SessionIdle;
        options.SlidingExpiration = true;
        options.LoginPath = LoginPath;
        options.ReturnUrlParameter = "returnUrl";
        options.Events = new CookieAuthenticationEvents
        {
            OnValidatePrincipal = ValidateAsync,
            OnRedirectToLogin = ChallengeAsync,
            OnRedirectToAccessDenied = context => AccessRefusal.WriteAsync(context.HttpContext),
        };
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        var cache = http.RequestServices.GetRequiredService<AccessCache>();
        if (Caller.Of(context.Principal) is { Stamp: { } stamp } caller
            && await cache.FindUserAsync(caller.Name, stamp, http.RequestAborted) is { } user)
        {
            // Role and duties as they are now, not as they were at log-in; the address for the pages that call on behalf of it.
            context.ReplacePrincipal((Caller.Of(user) with { SourceAddress = http.Connection.RemoteIpAddress }).ToPrincipal(AccessSchemes.Cookie));
            return;
        }

        context.RejectPrincipal();
        await http.SignOutAsync(AccessSchemes.Cookie);
    }

    private static Task ChallengeAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (!ApiPaths.IsApi(context.Request.Path))
        {
            context.Response.Redirect(context.RedirectUri);
            return Task.CompletedTask;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"kcp\"";
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return ApiProblems.NotLoggedIn("The request carries no API token and no session that is still valid.").ToResult(context.HttpContext).ExecuteAsync(context.HttpContext);
    }
}
