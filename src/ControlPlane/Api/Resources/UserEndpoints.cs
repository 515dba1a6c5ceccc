using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Contracts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>People who may log in.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users").RequireAuthorization(Policies.Administer);
        users.MapGet("", List).Describe<IReadOnlyList<UserDto>>("Users", "All of them, by name.");
        users.MapPost("", Add).Audited("user.add").Accepts<CreateUserRequest>("application/json")
            .Describe<OneTimePasswordDto>("Add a user", "Answers a one-time password, once; it must be changed at the first log-in.", StatusCodes.Status201Created).Refuses(409, 413, 415);
        users.MapPut("/{name}", Update).Audited("user.edit").Accepts<UpdateUserRequest>("application/json")
            .Describe<UserDto>("Edit a user", "Role, and whether the user is disabled. Ends the user's sessions. The last admin that is not disabled stays one.").Refuses(404, 409, 413, 415);
        users.MapDelete("/{name}", Remove).Audited("user.remove")
            .Describe("Remove a user", "Ends the user's sessions. The last admin can't be removed.", StatusCodes.Status204NoContent).Refuses(404, 409);
        users.MapPost("/{name}/password", Reset).Audited("user.password")
            .Describe<OneTimePasswordDto>("Issue a one-time password", "For somebody who lost theirs; lifts a lock and ends the user's sessions.").Refuses(404);
    }

    private static async Task<IResult> List(HttpContext http, UserStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        IReadOnlyList<UserDto> rows = [.. (await store.ListAsync(http.RequestAborted)).Select(AccountWords.ToDto)];
        return Answer.Of(http, rows);
    }

    private static async Task<IResult> Add(HttpContext http, CreateUserRequest request, UserStore store)
    {
        AuditDraft.Of(http).Target = request.Name;
        if (AccountWords.ToStored(request.Role) is not { } role)
        {
            return ApiProblems.Invalid("role", "Expected: viewer, operator or admin.").ToResult(http);
        }

        return await AnswerAsync(http, request.Name, null, StatusCodes.Status201Created, () => store.AddAsync(request.Name, role, http.RequestAborted));
    }

    private static async Task<IResult> Update(HttpContext http, string name, UpdateUserRequest request, UserStore store, AccessCache cache)
    {
        if (AccountWords.ToStored(request.Role) is not { } role)
        {
            return ApiProblems.Invalid("role", "Expected: viewer, operator or admin.").ToResult(http);
        }

        var before = await RequireAsync(http, name, store);
        return await AnswerAsync(http, name, cache, StatusCodes.Status200OK, async () =>
        {
            UserChange change = new UserChange.Changed(before);
            if (before.Role != role)
            {
                change = await store.SetRoleAsync(name, role, http.RequestAborted);
            }

            return change is UserChange.Changed && before.Disabled != request.IsDisabled
                ? await store.SetDisabledAsync(name, request.IsDisabled, http.RequestAborted)
                : change;
        });
    }

    private static async Task<IResult> Remove(HttpContext http, string name, UserStore store, AccessCache cache)
    {
        await RequireAsync(http, name, store);
        var result = await AnswerAsync(http, name, cache, StatusCodes.Status200OK, () => store.RemoveAsync(name, http.RequestAborted));
        return result is IStatusCodeHttpResult { StatusCode: StatusCodes.Status200OK } ? TypedResults.NoContent() : result;
    }

    private static async Task<IResult> Reset(HttpContext http, string name, UserStore store, AccessCache cache)
    {
        await RequireAsync(http, name, store);
        return await AnswerAsync(http, name, cache, StatusCodes.Status200OK, () => store.ResetPasswordAsync(name, http.RequestAborted));
    }

    private static async Task<StoredUser> RequireAsync(HttpContext http, string name, UserStore store)
    {
        var user = name.Contains('\0', StringComparison.Ordinal) ? null : await store.FindAsync(name, http.RequestAborted);
        AuditDraft.Of(http).SetBefore(AccountWords.ToDto(user ?? throw new ProblemException(ApiProblems.UnknownUser(name))));
        return user;
    }

    private static async Task<IResult> AnswerAsync(HttpContext http, string name, AccessCache? cache, int status, Func<Task<UserChange>> change)
    {
        new QueryReader(http).ThrowIfRefused();
        var draft = AuditDraft.Of(http);
        draft.OnceStored(() => cache?.Forget(name));
        var outcome = await change();
        switch (outcome)
        {
            case UserChange.Changed(var user):
                draft.SetAfter(AccountWords.ToDto(user));
                return Answer.Once(AccountWords.ToDto(user), status);
            case UserChange.PasswordIssued(var user, var password):
                draft.SetAfter(AccountWords.ToDto(user));
                return Answer.Once(new OneTimePasswordDto(AccountWords.ToDto(user), password), status, status == StatusCodes.Status201Created ? $"{ApiPaths.Root}/users/{Uri.EscapeDataString(name)}" : null);
            case UserChange.Unknown:
                return ApiProblems.UnknownUser(name).ToResult(http);
            case UserChange.NameTaken:
                return new Problem(409, "The name is taken", $"There is a user '{name}' already.", "Choose another name, or edit the existing user.") { Code = "name-taken" }.ToResult(http);
            case UserChange.LastAdmin:
                return new Problem(409, "The last admin must stay", $"'{name}' is the only admin that is not disabled; without one nobody could manage users any more.", "Make somebody else admin first.") { Code = "last-admin" }.ToResult(http);
            case UserChange.Invalid(var why):
                return ApiProblems.Invalid("name", why).ToResult(http);
            default:
                throw new InvalidOperationException($"Unhandled change {outcome}");
        }
    }
}
