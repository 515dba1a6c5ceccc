using ControlPlane.Api.Access;
using ControlPlane.Contracts;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Role = ControlPlane.Storage.Role;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Who may do what, and how a caller says who it is.</summary>
public sealed class AccessTests(ApiFixture api) : ApiTests(api)
{
    private static readonly (string, string)[] Csrf = [(RequestGuard.CsrfHeader, "1")];

    [Fact]
    public async Task Every_endpoint_refuses_the_roles_below_its_policy_and_no_endpoint_is_without_one()
    {
        var problems = new List<string>();
        foreach (var endpoint in Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var policy = endpoint.Metadata.OfType<IAuthorizeData>().LastOrDefault(data => data.Policy is not null)?.Policy;
            var isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            var pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            if (policy is null && !isOpen)
            {
                problems.Add($"{pattern} has no policy");
            }

            if (policy is null || endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not { } methods)
            {
                continue;
            }

            foreach (var (role, token) in new[] { ("nobody", (string?)null), ("viewer", Viewer), ("operator", Operator), ("admin", Admin) })
            {
                var mayPass = policy switch
                {
                    Policies.View => role != "nobody",
                    Policies.Operate => role is "operator" or "admin",
                    Policies.Administer => role == "admin",
                    _ => false,
                };
                if (mayPass)
                {
                    continue; // what they may do is what the other tests show
                }

                var path = pattern.Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
                var reply = await Host.SendAsync(new HttpMethod(methods.HttpMethods[0]), path, token);
                var expected = role == "nobody" ? new[] { 401, 302 } : [403];
                if (!expected.Contains(reply.Code))
                {
                    problems.Add($"{methods.HttpMethods[0]} {path} as {role}: {reply.Code}");
                }
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public async Task A_user_logs_in_by_cookie_and_needs_the_header_to_change_something()
    {
        await Host.UserAsync("olga", Role.Operator);
        var login = (await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest("olga", ApiHost.Password))).Is(200);
        var setCookie = login.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", setCookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", setCookie, StringComparison.OrdinalIgnoreCase);

        var session = (await Host.GetAsync("/api/v1/session", null, ("Cookie", login.Cookie))).Is(200);
        Assert.Equal("olga", session.Json.GetProperty("user").GetString());
        Assert.Equal("operator", session.Json.GetProperty("role").GetString());

        (await Host.SendAsync(HttpMethod.Delete, "/api/v1/clusters/none", null, null, ("Cookie", login.Cookie))).IsProblem(403);
        (await Host.SendAsync(HttpMethod.Delete, "/api/v1/clusters/none", null, null, ("Cookie", login.Cookie), Csrf[0], ("Sec-Fetch-Site", "cross-site"))).IsProblem(403);
        (await Host.SendAsync(HttpMethod.Delete, "/api/v1/clusters/none", null, null, ("Cookie", login.Cookie), Csrf[0], ("Origin", "https://evil.example"))).IsProblem(403);
        (await Host.SendAsync(HttpMethod.Delete, "/api/v1/clusters/none", null, null, ("Cookie", login.Cookie), Csrf[0], ("Sec-Fetch-Site", "same-origin"))).IsProblem(404);
    }

    [Fact]
    public async Task A_disabled_user_and_a_changed_password_end_the_session()
    {
        await Host.UserAsync("anna", Role.Viewer);
        await Host.UserAsync("bert", Role.Viewer);
        var anna = await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest("anna", ApiHost.Password));
        var bert = await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest("bert", ApiHost.Password));

        (await Host.SendAsync(HttpMethod.Put, "/api/v1/users/anna", Admin, new UpdateUserRequest(Contracts.Role.Viewer, true))).Is(200);
        (await Host.GetAsync("/api/v1/session", null, ("Cookie", anna.Cookie))).IsProblem(401);

        var changed = (await Host.SendAsync(HttpMethod.Post, "/api/v1/session/password", null, new ChangePasswordRequest(ApiHost.Password, "another good passphrase"), ("Cookie", bert.Cookie), Csrf[0])).Is(204);
        (await Host.GetAsync("/api/v1/session", null, ("Cookie", bert.Cookie))).IsProblem(401);
        (await Host.GetAsync("/api/v1/session", null, ("Cookie", changed.Cookie))).Is(200);
    }

    [Fact]
    public async Task A_one_time_password_opens_only_the_change_of_password()
    {
        var created = (await Host.SendAsync(HttpMethod.Post, "/api/v1/users", Admin, new CreateUserRequest("carl", Contracts.Role.Admin))).Is(201);
        var password = created.Json.GetProperty("oneTimePassword").GetString()!;
        var login = (await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest("carl", password))).Is(200);
        Assert.True(login.Json.GetProperty("mustChangePassword").GetBoolean());

        (await Host.GetAsync("/api/v1/clusters", null, ("Cookie", login.Cookie))).IsProblem(403);
        (await Host.GetAsync("/api/v1/session", null, ("Cookie", login.Cookie))).Is(200);
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/session/password", null, new ChangePasswordRequest(password, "short"), ("Cookie", login.Cookie), Csrf[0])).IsProblem(400).HasError("newPassword");
        var changed = (await Host.SendAsync(HttpMethod.Post, "/api/v1/session/password", null, new ChangePasswordRequest(password, ApiHost.Password), ("Cookie", login.Cookie), Csrf[0])).Is(204);
        (await Host.GetAsync("/api/v1/clusters", null, ("Cookie", changed.Cookie))).Is(200);
        Assert.DoesNotContain(password, await AuditTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_user_and_nobody_can_tell_the_name_from_an_unknown_one()
    {
        await Host.UserAsync("dora", Role.Viewer);
        var answers = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var name in new[] { "dora", "typed-my-password-here" })
        {
            answers[name] = [];
            for (var attempt = 0; attempt < 6; attempt++)
            {
                var reply = (await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest(name, attempt < 5 ? "wrong password" : ApiHost.Password))).IsProblem(401);
                answers[name].Add($"{reply.Json.GetProperty("type")} {reply.Json.GetProperty("title")} {reply.Json.GetProperty("detail")} {reply.Json.GetProperty("nextStep")} {reply.Headers.RetryAfter}");
            }
        }

        Assert.Equal(answers["dora"], answers["typed-my-password-here"]);
        Assert.Single(answers["dora"].Distinct());
        Assert.NotNull((await Host.Get<UserStore>().FindAsync("dora", Token))!.LockedUntil);
        var audit = await AuditTextAsync();
        Assert.Contains("The user is locked", audit, StringComparison.Ordinal); // admins are told
        Assert.DoesNotContain("typed-my-password-here", audit, StringComparison.Ordinal);

        var issued = (await Host.SendAsync(HttpMethod.Post, "/api/v1/users/dora/password", Admin)).Is(200).Json.GetProperty("oneTimePassword").GetString()!;
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest("dora", issued))).Is(200);
    }

    [Fact]
    public async Task A_session_that_guesses_its_password_is_locked_and_told_for_how_long()
    {
        await Host.UserAsync("gina", Role.Viewer);
        var cookie = (await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest("gina", ApiHost.Password))).Is(200).Cookie;
        Reply reply = null!;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            reply = await Host.SendAsync(HttpMethod.Post, "/api/v1/session/password", null, new ChangePasswordRequest("wrong password", "another good passphrase"), ("Cookie", cookie), Csrf[0]);
        }

        reply.IsProblem(429);
        Assert.NotNull(reply.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_once_and_the_last_admin_stays()
    {
        var token = (await Host.SendAsync(HttpMethod.Post, "/api/v1/tokens", Admin, new CreateTokenRequest("ci", Contracts.Role.Viewer, 30))).Is(201);
        var secret = token.Json.GetProperty("secret").GetString()!;
        (await Host.GetAsync("/api/v1/session", secret)).Is(200);
        (await Host.SendAsync(HttpMethod.Delete, $"/api/v1/tokens/{token.Json.GetProperty("token").GetProperty("id").GetString()}", Admin)).Is(204);
        (await Host.GetAsync("/api/v1/session", secret)).IsProblem(401);

        await Host.UserAsync("root", Role.Admin);
        foreach (var admin in (await Host.Get<UserStore>().ListAsync(Token)).Where(user => user.Role == Role.Admin && user.Name != "root"))
        {
            await Host.Get<UserStore>().RemoveAsync(admin.Name, Token);
        }

        (await Host.SendAsync(HttpMethod.Delete, "/api/v1/users/root", Admin)).IsProblem(409);
        (await Host.SendAsync(HttpMethod.Put, "/api/v1/users/root", Admin, new UpdateUserRequest(Contracts.Role.Admin, true))).IsProblem(409);
        (await Host.SendAsync(HttpMethod.Put, "/api/v1/users/root", Admin, new UpdateUserRequest(Contracts.Role.Viewer, false))).IsProblem(409);
    }

    [Fact]
    public async Task A_circuit_ticket_speaks_for_its_user_until_the_stamp_changes()
    {
        await Host.UserAsync("ella", Role.Operator);
        var user = (await Host.Get<UserStore>().FindAsync("ella", Token))!;
        var ticket = Host.Get<Tickets>().ForCircuit(Caller.Of(user));
        var session = (await Host.GetAsync("/api/v1/session", null, (Tickets.CircuitHeader, ticket))).Is(200);
        Assert.Equal("ella", session.Json.GetProperty("user").GetString());
        (await Host.GetAsync("/api/v1/session", null, (Tickets.CircuitHeader, ticket[..^3] + "abc"))).IsProblem(401);
        await Host.SendAsync(HttpMethod.Post, "/api/v1/users/ella/password", Admin);
        (await Host.GetAsync("/api/v1/session", null, (Tickets.CircuitHeader, ticket))).IsProblem(401);
    }

    [Fact]
    public async Task Answers_carry_the_security_headers()
    {
        var reply = await Host.GetAsync("/api/v1/session", Viewer);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("frame-ancestors 'none'", reply.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(reply.Headers.Contains("Server"));
    }
}
