using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Xunit;
using Role = ControlPlane.Storage.Role;

namespace ControlPlane.Host.Tests.Api;

/// <summary>An API that takes few log-ins.</summary>
public sealed class ThrottledApi(StorageServer server) : ApiFixture(server)
{
    internal override Dictionary<string, string?> Settings => new() { ["Api:LoginsPerUser"] = "3", ["Api:LoginsPerAddress"] = "12" };
}

/// <summary>Log-ins are counted before a password is looked at, and whoever guesses learns nothing about names.</summary>
public sealed class ThrottleTests(ThrottledApi api) : IClassFixture<ThrottledApi>
{
    [Fact]
    public async Task Too_many_log_ins_of_one_name_or_one_address_have_to_wait()
    {
        await api.Host.UserAsync("known", Role.Viewer);
        foreach (var name in new[] { "known", "unknown" })
        {
            for (var attempt = 0; attempt < 3; attempt++)
            {
                (await LogInAsync(name, "wrong password")).IsProblem(401);
            }

            AssertPaused(await LogInAsync(name, ApiHost.Password));
        }

        for (var attempt = 0; attempt < 4; attempt++)
        {
            (await LogInAsync($"name-{attempt}", "x")).IsProblem(401);
        }

        AssertPaused(await LogInAsync("name-new", "x"));
        (await api.Host.GetAsync("/api/v1/session", api.Viewer)).Is(200); // who is logged in goes on
    }

    private static void AssertPaused(Reply reply)
    {
        reply.IsProblem(429);
        var seconds = int.Parse(reply.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 1, 60);
    }

    private Task<Reply> LogInAsync(string name, string password) => api.Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest(name, password));
}
