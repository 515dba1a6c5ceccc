using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Problems;
using ControlPlane.Contracts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>API tokens of programs.</summary>
internal static class TokenEndpoints
{
    private const int MaxName = 100;
    private const int MaxDays = 3650;

    public static void MapTokens(this RouteGroupBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Tokens").RequireAuthorization(Policies.Administer);
        tokens.MapGet("", List).Describe<IReadOnlyList<TokenDto>>("API tokens", "Newest first; also those that are revoked or expired. Secrets are not stored.");
        tokens.MapPost("", Add).Audited("token.add").Accepts<CreateTokenRequest>("application/json")
            .Describe<NewTokenDto>("Create an API token", "Answers the secret, once. Without expiresInDays it does not expire.", StatusCodes.Status201Created).Refuses(413, 415);
        tokens.MapDelete("/{id}", Revoke).Audited("token.revoke")
            .Describe("Revoke an API token", "Holds at once here, and within seconds at the other processes.", StatusCodes.Status204NoContent).Refuses(404);
    }

    private static async Task<IResult> List(HttpContext http, TokenStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        IReadOnlyList<TokenDto> rows = [.. (await store.ListAsync(http.RequestAborted)).Select(AccountWords.ToDto)];
        return Answer.Of(http, rows);
    }

    private static async Task<IResult> Add(HttpContext http, CreateTokenRequest request, TokenStore store)
    {
        new QueryReader(http).ThrowIfRefused();
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > MaxName || request.Name.Any(char.IsControl))
        {
            errors["name"] = [$"Expected: 1 to {MaxName} characters, none of them a control character."];
        }

        if (request.ExpiresInDays is < 1 or > MaxDays)
        {
            errors["expiresInDays"] = [$"Expected: 1 to {MaxDays}, or null for a token that does not expire."];
        }

        var role = AccountWords.ToStored(request.Role);
        if (role is null)
        {
            errors["role"] = ["Expected: viewer, operator or admin."];
        }

        var draft = AuditDraft.Of(http);
        draft.Target = request.Name;
        if (errors.Count > 0)
        {
            return ApiProblems.Invalid(errors).ToResult(http);
        }

        var lifetime = request.ExpiresInDays is { } days ? TimeSpan.FromDays(days) : (TimeSpan?)null;
        var issued = await store.CreateAsync(request.Name.Trim(), role!.Value, Caller.Of(http.User)!.Name, lifetime, http.RequestAborted);
        var dto = AccountWords.ToDto(issued.Token);
        draft.SetAfter(dto);
        return Answer.Once(new NewTokenDto(dto, issued.Secret), StatusCodes.Status201Created);
    }

    private static async Task<IResult> Revoke(HttpContext http, string id, TokenStore store, AccessCache cache)
    {
        new QueryReader(http).ThrowIfRefused();
        if (!Guid.TryParse(id, out var token) || await store.RevokeAsync(token, http.RequestAborted) is not { } revoked)
        {
            return ApiProblems.UnknownToken(id).ToResult(http);
        }

        var draft = AuditDraft.Of(http);
        draft.OnceStored(() => cache.ForgetToken(token));
        draft.Target = revoked.Name;
        draft.SetAfter(AccountWords.ToDto(revoked));
        return TypedResults.NoContent();
    }
}
