using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Clusters;
using ControlPlane.Contracts;

namespace ControlPlane.Api.Resources;

/// <summary>Who one is: log in, look, log out, change the password.</summary>
internal static class SessionEndpoints
{
    private const int MaxPassword = 1024;

    public static void MapSession(this RouteGroupBuilder api)
    {
        var session = api.MapGroup("/session").WithTags("Session");
        session.MapPost("", LogIn).AllowAnonymous().Audited(Sessions.LoginAction).WithMetadata(AllowedBeforePasswordChange.Instance)
            .Accepts<LoginRequest>("application/json")
            .Describe<SessionDto>("Log in", "Sets the session cookie. At most some tries a minute per address and user; five wrong passwords lock the user for five minutes.")
            .Refuses(413, 415, 429);
        session.MapGet("", Read).RequireAuthorization(Policies.View).WithMetadata(AllowedBeforePasswordChange.Instance)
            .Describe<SessionDto>("Who is logged in", "Of the session or token that the request carries.");
        session.MapDelete("", (Delegate)LogOut).RequireAuthorization(Policies.View).Audited("session.logout").WithMetadata(AllowedBeforePasswordChange.Instance)
            .Describe("Log out", "Takes the session cookie back.", StatusCodes.Status204NoContent);
        session.MapPost("/password", ChangePassword).RequireAuthorization(Policies.View).Audited(Sessions.PasswordAction).WithMetadata(AllowedBeforePasswordChange.Instance)
            .Accepts<ChangePasswordRequest>("application/json")
            .Describe("Change one's password", "Ends all other sessions of the user.", StatusCodes.Status204NoContent)
            .Refuses(409, 413, 415, 429);
    }

    private static async Task<IResult> LogIn(HttpContext http, LoginRequest request, Sessions sessions, ProcessIdentity self)
    {
        new QueryReader(http).ThrowIfRefused();
        if (request.User.Length == 0 || request.Password.Length is 0 or > MaxPassword)
        {
            return ApiProblems.Invalid(request.User.Length == 0 ? "user" : "password", $"Expected: 1 to {MaxPassword} characters.").ToResult(http);
        }

        var result = await sessions.LogInAsync(http, request.User, request.Password);
        return result.User is { } user ? Answer.Once(ToDto(Caller.Of(user), self)) : result.Problem!.ToResult(http);
    }

    private static IResult Read(HttpContext http, ProcessIdentity self)
    {
        new QueryReader(http).ThrowIfRefused();
        return Answer.Once(ToDto(Caller.Of(http.User)!, self));
    }

    private static async Task<IResult> LogOut(HttpContext http)
    {
        AuditDraft.Of(http).Target = "session";
        await Sessions.LogOutAsync(http);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ChangePassword(HttpContext http, ChangePasswordRequest request, Sessions sessions)
    {
        new QueryReader(http).ThrowIfRefused();
        var result = await sessions.ChangePasswordAsync(http, request.CurrentPassword, request.NewPassword);
        return result.Problem?.ToResult(http) ?? TypedResults.NoContent();
    }

    private static SessionDto ToDto(Caller caller, ProcessIdentity self) =>
        new(caller.Name, AccountWords.ToContract(caller.Role), caller.MustChangePassword, self.Name, self.Version);
}
