using ControlPlane.Api.Access;
using ControlPlane.Api.Problems;
using Microsoft.AspNetCore.Antiforgery;

namespace ControlPlane.Api.Resources;

/// <summary>
/// The forms of the log-in page: plain posts, so that they work before any script runs and the answer can set the cookie.
/// The pages themselves are the Ui's; each form carries its antiforgery token.
/// </summary>
internal static class FormEndpoints
{
    private const string PasswordPage = "/password";

    public static void MapForms(this IEndpointRouteBuilder app)
    {
        // Before the pages of the same path, which would take a POST too.
        var forms = app.MapGroup("").ExcludeFromDescription().WithOrder(-1).DisableAntiforgery();
        forms.MapPost(SessionCookie.LoginPath, LogIn).AllowAnonymous().WithMetadata(new AuditedAction(Sessions.LoginAction));
        forms.MapPost("/logout", LogOut).RequireAuthorization(Policies.View).WithMetadata(new AuditedAction("session.logout"));
        forms.MapPost(PasswordPage, ChangePassword).RequireAuthorization(Policies.View).WithMetadata(new AuditedAction(Sessions.PasswordAction));
    }

    private static async Task<IResult> LogIn(HttpContext http, Sessions sessions, AuditTrail trail, IAntiforgery antiforgery)
    {
        var form = await ReadAsync(http, antiforgery);
        var target = LocalUrl.OrHome(form?["returnUrl"]);
        if (form is null)
        {
            return Back(SessionCookie.LoginPath, "expired", target);
        }

        await using var change = trail.Begin();
        var result = await sessions.LogInAsync(http, form["user"].ToString(), form["password"].ToString());
        if (result.User is { } user)
        {
            await trail.RecordFormAsync(http, Sessions.LoginAction, change, null);
            return TypedResults.LocalRedirect(user.MustChangePassword ? PasswordPage : target);
        }

        await trail.RecordFormAsync(http, Sessions.LoginAction, change, result.Problem!.Title);
        return Back(SessionCookie.LoginPath, result.Problem.Status == StatusCodes.Status429TooManyRequests ? "limited" : "wrong", target);
    }

    private static async Task<IResult> LogOut(HttpContext http, AuditTrail trail, IAntiforgery antiforgery)
    {
        if (await ReadAsync(http, antiforgery) is null)
        {
            return TypedResults.LocalRedirect("/");
        }

        AuditDraft.Of(http).Target = "session";
        await using var change = trail.Begin();
        await Sessions.LogOutAsync(http);
        await trail.RecordFormAsync(http, "session.logout", change, null);
        return TypedResults.LocalRedirect(SessionCookie.LoginPath);
    }

    private static async Task<IResult> ChangePassword(HttpContext http, Sessions sessions, AuditTrail trail, IAntiforgery antiforgery)
    {
        var form = await ReadAsync(http, antiforgery);
        var target = LocalUrl.OrHome(form?["returnUrl"]);
        if (form is null)
        {
            return Back(PasswordPage, "expired", target);
        }

        await using var change = trail.Begin();
        var result = await sessions.ChangePasswordAsync(http, form["currentPassword"].ToString(), form["newPassword"].ToString());
        await trail.RecordFormAsync(http, Sessions.PasswordAction, change, result.Problem?.Title);
        if (result.Problem is null)
        {
            return TypedResults.LocalRedirect(target);
        }

        return Back(PasswordPage, WordOf(result.Problem), target);
    }

    /// <summary>Only words of our own travel in a URL.</summary>
    private static string WordOf(Problem problem) => problem.Errors switch
    {
        null => problem.Status == StatusCodes.Status429TooManyRequests ? "limited" : "refused",
        { } errors when errors.ContainsKey("currentPassword") => "current",
        { } errors when errors.Values.Any(texts => texts[0].Contains("is the current one", StringComparison.Ordinal)) => "same",
        _ => "weak",
    };

    /// <summary>Null where the post does not come from our own page, or from one that is too old.</summary>
    private static async Task<IFormCollection?> ReadAsync(HttpContext http, IAntiforgery antiforgery)
    {
        if (!http.Request.HasFormContentType || !await antiforgery.IsRequestValidAsync(http))
        {
            return null;
        }

        return await http.Request.ReadFormAsync(http.RequestAborted);
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RedirectHttpResult Back(string page, string error, string target) =>
        TypedResults.LocalRedirect($"{page}?error={error}&returnUrl={Uri.EscapeDataString(target)}");
}

/// <summary>Keeps redirects on this site.</summary>
internal static class LocalUrl
{
    public static string OrHome(string? url) =>
        url is ['/', ..] && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith("/\\", StringComparison.Ordinal) && !url.Any(char.IsControl) ? url : "/";
}
