using ControlPlane.Api.Problems;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Authentication;

namespace ControlPlane.Api.Access;

/// <summary>What became of a log-in or a change of password: a user, or a problem to show.</summary>
internal readonly record struct SessionResult(StoredUser? User, Problem? Problem);

/// <summary>Log-in, log-out and change of password; the same for the API and for the forms of the pages.</summary>
internal sealed class Sessions(UserStore users, AccessCache cache, LoginThrottle throttle, ApiMeter meter, TimeProvider time)
{
    public const string LoginAction = "session.login";
    public const string PasswordAction = "session.password";

    public async Task<SessionResult> LogInAsync(HttpContext http, string name, string password)
    {
        var draft = AuditDraft.Of(http);
        (draft.Actor, draft.Target) = ("unknown user", "session");
        if (throttle.Refuse(http.Connection.RemoteIpAddress, name) is { } pause)
        {
            meter.LoggedIn("throttled");
            return new SessionResult(null, ApiProblems.TooManyLogins(pause));
        }

        // A name that does not exist is not kept: people type passwords into the wrong field.
        draft.Actor = name.Length <= StoredUser.MaxNameLength && !name.Contains('\0', StringComparison.Ordinal) && await users.FindAsync(name, http.RequestAborted) is { } known
            ? known.Name
            : draft.Actor;
        var safe = name.Replace("\0", "", StringComparison.Ordinal);
        switch (await users.SignInAsync(safe.Length > StoredUser.MaxNameLength ? "" : safe, password, http.RequestAborted))
        {
            case SignIn.Succeeded(var user):
                cache.Forget(user.Name);
                await SignInAsync(http, user);
                meter.LoggedIn("succeeded");
                return new SessionResult(user, null);
            case SignIn.LockedOut:
                meter.LoggedIn("locked");
                draft.Reason = "The user is locked after wrong passwords"; // for admins; whoever tries is not told
                return new SessionResult(null, ApiProblems.LoginRefused());
            case SignIn.Refused:
                meter.LoggedIn("refused");
                return new SessionResult(null, ApiProblems.LoginRefused());
            case var other:
                throw new InvalidOperationException($"Unhandled log-in {other}");
        }
    }

    public static Task LogOutAsync(HttpContext http) => http.SignOutAsync(AccessSchemes.Cookie);

    /// <summary>Ends all other sessions of the user: their stamp is the old one.</summary>
    public async Task<SessionResult> ChangePasswordAsync(HttpContext http, string current, string next)
    {
        var caller = Caller.Of(http.User)!;
        AuditDraft.Of(http).Target = caller.Name;
        if (caller.Kind != ActorKind.User)
        {
            return new SessionResult(null, new Problem(409, "A token has no password", "The request came with an API token.", "Log in as the user whose password is to change.") { Code = "no-password" });
        }

        if (throttle.Refuse(http.Connection.RemoteIpAddress, caller.Name) is { } pause)
        {
            return new SessionResult(null, ApiProblems.TooManyLogins(pause));
        }

        switch (await users.SignInAsync(caller.Name, current, http.RequestAborted))
        {
            case SignIn.LockedOut(var until):
                return new SessionResult(null, ApiProblems.LockedOut(until - time.GetUtcNow()));
            case SignIn.Refused:
                return new SessionResult(null, ApiProblems.Invalid("currentPassword", "It is not the current password."));
        }

        switch (await users.ChangePasswordAsync(caller.Name, next, http.RequestAborted))
        {
            case UserChange.Changed(var user):
                AuditDraft.Of(http).OnceStored(() => cache.Forget(user.Name));
                if (http.User.Identity?.AuthenticationType == AccessSchemes.Cookie)
                {
                    await SignInAsync(http, user);
                }

                return new SessionResult(user, null);
            case UserChange.Invalid(var why):
                return new SessionResult(null, ApiProblems.Invalid("newPassword", why));
            case UserChange.Unknown:
                return new SessionResult(null, ApiProblems.UnknownUser(caller.Name));
            case var other:
                throw new InvalidOperationException($"Unhandled change {other}");
        }
    }

    private static Task SignInAsync(HttpContext http, StoredUser user) =>
        http.SignInAsync(AccessSchemes.Cookie, Caller.Of(user).ToPrincipal(AccessSchemes.Cookie), new AuthenticationProperties { IsPersistent = false });
}
