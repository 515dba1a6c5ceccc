using System.Net;
using ControlPlane.Api.Access;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>The plain forms of the log-in pages: log in, log out, change the password.</summary>
public sealed class FormTests(ApiFixture api) : ApiTests(api)
{
    private const string Next = "another good passphrase";

    [Fact]
    public async Task A_form_logs_in_and_goes_where_the_reader_wanted_to_go()
    {
        await Host.UserAsync("form-in", Role.Viewer);
        var reply = await PostAsync("/login", null, null, ("user", "form-in"), ("password", ApiHost.Password), ("returnUrl", "/clusters/prod?tab=topics"));
        Assert.Equal("/clusters/prod?tab=topics", Target(reply));
        (await Host.GetAsync("/api/v1/session", null, ("Cookie", reply.Cookie))).Is(200);
        Assert.Contains("form-in", await AuditTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/\t/evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task A_log_in_never_leads_to_another_site(string returnUrl)
    {
        await Host.UserAsync($"stays-{Math.Abs(returnUrl.GetHashCode(StringComparison.Ordinal))}", Role.Viewer);
        var name = $"stays-{Math.Abs(returnUrl.GetHashCode(StringComparison.Ordinal))}";
        Assert.Equal("/", Target(await PostAsync("/login", null, null, ("user", name), ("password", ApiHost.Password), ("returnUrl", returnUrl))));
        Assert.Equal("/login?error=wrong&returnUrl=%2F", Target(await PostAsync("/login", null, null, ("user", name), ("password", "wrong password"), ("returnUrl", returnUrl))));
    }

    [Fact]
    public async Task A_form_that_is_not_ours_does_nothing()
    {
        var cookie = await LogInAsync("form-forged", Role.Viewer);
        using var login = Form(("user", "form-forged"), ("password", ApiHost.Password));
        var forged = await Host.SendAsync(HttpMethod.Post, "/login", null, login);
        Assert.Equal("/login?error=expired&returnUrl=%2F", Target(forged));
        Assert.Equal("", forged.Cookie);

        using var logout = Form();
        Assert.Equal("/", Target(await Host.SendAsync(HttpMethod.Post, "/logout", null, logout, ("Cookie", cookie))));
        (await Host.GetAsync("/api/v1/session", null, ("Cookie", cookie))).Is(200);

        using var password = Form(("currentPassword", ApiHost.Password), ("newPassword", Next));
        Assert.Equal("/password?error=expired&returnUrl=%2F", Target(await Host.SendAsync(HttpMethod.Post, "/password", null, password, ("Cookie", cookie))));
        // A page of somebody who is not logged in can't be used against somebody who is.
        Assert.Equal("/", Target(await PostAsync("/logout", cookie, null)));
    }

    [Fact]
    public async Task A_form_logs_out()
    {
        var cookie = await LogInAsync("form-out", Role.Viewer);
        var reply = await PostAsync("/logout", cookie, "form-out");
        Assert.Equal("/login", Target(reply));
        Assert.Contains(reply.Headers.GetValues("Set-Cookie"), set => set.StartsWith($"{SessionCookie.Name}=;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_one_time_password_leads_to_the_form_that_replaces_it()
    {
        var issued = Assert.IsType<UserChange.PasswordIssued>(await Host.Get<UserStore>().AddAsync("form-new", Role.Viewer, Token));
        var reply = await PostAsync("/login", null, null, ("user", "form-new"), ("password", issued.OneTimePassword), ("returnUrl", "/audit"));
        Assert.Equal("/password", Target(reply));
        var cookie = reply.Cookie;
        Assert.Equal("/password?error=current&returnUrl=%2F", Target(await ChangeAsync("wrong password", Next)));
        Assert.Equal("/password?error=weak&returnUrl=%2F", Target(await ChangeAsync(issued.OneTimePassword, "short")));
        Assert.Equal("/password?error=same&returnUrl=%2F", Target(await ChangeAsync(issued.OneTimePassword, issued.OneTimePassword)));
        var changed = await ChangeAsync(issued.OneTimePassword, Next);
        Assert.Equal("/", Target(changed));
        (await Host.GetAsync("/api/v1/clusters", null, ("Cookie", changed.Cookie))).Is(200);
        (await Host.GetAsync("/api/v1/session", null, ("Cookie", cookie))).IsProblem(401);

        Task<Reply> ChangeAsync(string current, string next) => PostAsync("/password", cookie, "form-new", ("currentPassword", current), ("newPassword", next));
    }

    [Fact]
    public async Task Pages_of_somebody_who_is_not_logged_in_lead_to_the_log_in()
    {
        var target = Target(await Host.SendAsync(HttpMethod.Post, "/logout"));
        Assert.Contains("/login?returnUrl=%2Flogout", target, StringComparison.Ordinal);
    }

    private static string Target(Reply reply)
    {
        Assert.True(reply.Status is HttpStatusCode.Redirect or HttpStatusCode.Found, $"{reply.Code}: {reply.Body}");
        return reply.Headers.Location!.OriginalString;
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    private async Task<string> LogInAsync(string name, Role role)
    {
        await Host.UserAsync(name, role);
        return (await PostAsync("/login", null, null, ("user", name), ("password", ApiHost.Password))).Cookie;
    }

    /// <summary>Sends a form as the page of that user carries it: with the token in a field and its other half in a cookie.</summary>
    private async Task<Reply> PostAsync(string path, string? session, string? pageOf, params (string Name, string Value)[] fields)
    {
        var page = new DefaultHttpContext { RequestServices = Host.Services };
        if (pageOf is not null)
        {
            page.User = Caller.Of((await Host.Get<UserStore>().FindAsync(pageOf, Token))!).ToPrincipal(AccessSchemes.Cookie);
        }

        var tokens = Host.Services.GetRequiredService<IAntiforgery>().GetTokens(page);
        using var form = Form([(tokens.FormFieldName, tokens.RequestToken!), .. fields]);
        var cookies = $"kcp_form={tokens.CookieToken}" + (session is null ? "" : $"; {session}");
        return await Host.SendAsync(HttpMethod.Post, path, null, form, ("Cookie", cookies));
    }
}
