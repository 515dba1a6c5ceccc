using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class ListCommandTests
{
    [Theory]
    [InlineData("/api/v1/clusters?search=pr&offset=10&limit=5&sort=-topics", "clusters", "list", "--search", "pr", "--sort", "-topics", "--offset", "10", "--limit", "5")]
    [InlineData("/api/v1/clusters/c/brokers", "brokers", "list", "c")]
    [InlineData("/api/v1/clusters/c/topics?search=a%26b&internal=true&status=CRIT&offset=0&limit=50", "topics", "list", "c", "--search", "a&b", "--internal", "--status", "crit")]
    [InlineData("/api/v1/clusters/c/partitions?state=offline&topic=t&broker=2&offset=0&limit=50", "partitions", "c", "--state", "offline", "--topic", "t", "--broker", "2")]
    [InlineData("/api/v1/clusters/c/log-dirs?offset=0&limit=50", "log-dirs", "c")]
    [InlineData("/api/v1/clusters/c/brokers/2/configs?search=log&only=differences", "configs", "c", "--broker", "2", "--search", "log", "--only", "differences")]
    [InlineData("/api/v1/clusters/c/topics/a%2Fb/configs", "configs", "c", "--topic", "a/b")]
    [InlineData("/api/v1/clusters/c/groups?state=Empty&withLag=true&offset=0&limit=50", "groups", "list", "c", "--state", "Empty", "--with-lag")]
    public async Task What_is_said_becomes_the_query(string expected, params string[] args)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapFallback(() => Results.Text("""{"items":[],"total":0,"offset":0,"limit":50,"at":null}""", "application/json")));

        var run = await api.RunAsync([.. args, "--output", "json"]);

        Assert.Equal(0, run.ExitCode);
        var asked = new Uri("http://h" + Assert.Single(api.Asked).Path);
        var wanted = new Uri("http://h" + expected);
        Assert.Equal(wanted.AbsolutePath, asked.AbsolutePath);
        Assert.Equal(wanted.Query.TrimStart('?').Split('&').Order(), asked.Query.TrimStart('?').Split('&').Order());
        Assert.Equal(0, JsonDocument.Parse(run.Out).RootElement.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Brokers_show_state_and_evidence()
    {
        var broker = new BrokerDto(2, "h", 9092, "r1", "Down", StatusWord.Crit, Some.Noon, "No heartbeat for 9 s.", true, false, 12, 0, 4, 12, null, null, null, null, null, 2048, null, 2, 0, 0);
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters/c/brokers", () => Some.Page(broker)));

        var run = await api.RunAsync("brokers", "list", "c");

        var row = Assert.Single(run.Out.Split('\n'), line => line.Contains("CRIT", StringComparison.Ordinal));
        Assert.Contains("Down", row, StringComparison.Ordinal);
        Assert.Contains("h:9092", row, StringComparison.Ordinal);
        Assert.Contains("2.0 KiB", row, StringComparison.Ordinal);
        Assert.Contains("unknown", row, StringComparison.Ordinal);
        Assert.Contains("No heartbeat for 9 s.", row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_goes_on_says_how()
    {
        var group = new GroupDto("g", "classic", "Stable", "consumer", 1, 3, 1, 12, null, null, null, 12, null);
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters/c/groups", () => new Page<GroupDto>([group], 300, 0, 1, null)));

        var run = await api.RunAsync("groups", "list", "c", "--limit", "1");

        Assert.Contains("lag unknown on 12 partitions", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 to 1 of 300; go on with --offset 1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_trail_is_read_backwards()
    {
        var entry = new AuditEntryDto(41, Some.Noon, "ann", "user", null, "c", "cluster.edit", "c", null, null, "refused", "no permission", null);
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/audit", () => new AuditPageDto([entry], 41)));

        var run = await api.RunAsync("audit", "--actor", "ann", "--from", "2026-01-31T00:00Z");

        Assert.Contains("actor=ann", Assert.Single(api.Asked).Path, StringComparison.Ordinal);
        Assert.Contains("from=2026-01-31T00%3A00", api.Asked[0].Path, StringComparison.Ordinal);
        Assert.Contains("refused", run.Out, StringComparison.Ordinal);
        Assert.Contains("--before 41", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_token_is_alone_on_stdout()
    {
        var token = new TokenDto(Guid.NewGuid(), "ci", "kcp_a", Role.Viewer, "ann", Some.Noon, null, null, null);
        await using var api = await FakeApi.StartAsync(app => app.MapPost("/api/v1/tokens", () => new NewTokenDto(token, "kcp_abc")));

        var run = await api.RunAsync("tokens", "create", "ci", "--expires-in-days", "30");

        Assert.Equal("kcp_abc\n", run.Out);
        Assert.Equal("""{"name":"ci","role":"viewer","expiresInDays":30}""", Assert.Single(api.Asked).Body);
    }

    [Fact]
    public async Task A_forgotten_password_is_replaced()
    {
        var user = new UserDto("admin", Role.Admin, true, false, Some.Noon, null);
        await using var api = await FakeApi.StartAsync(app => app.MapPost("/api/v1/users/admin/password", () => new OneTimePasswordDto(user, "once")));

        var run = await api.RunAsync("users", "reset-password", "admin");

        Assert.Equal("once\n", run.Out);
    }

    [Fact]
    public async Task Editing_a_user_keeps_what_is_not_said()
    {
        await using var api = await FakeApi.StartAsync(app =>
        {
            app.MapGet("/api/v1/users", () => new[] { new UserDto("ann", Role.Operator, false, false, Some.Noon, null) });
            app.MapPut("/api/v1/users/ann", () => new UserDto("ann", Role.Operator, false, true, Some.Noon, null));
        });

        var run = await api.RunAsync("users", "edit", "ann", "--disabled", "true");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("""{"role":"operator","isDisabled":true}""", api.Asked[^1].Body);
    }

    [Theory]
    [InlineData("""{"action":"kill-broker","brokerId":2,"group":null}""", "demo", "kill-broker", "c", "--broker", "2")]
    [InlineData("""{"action":"stop-consumer","brokerId":null,"group":"g"}""", "demo", "stop-consumer", "c", "--group", "g")]
    [InlineData("""{"action":"restore","brokerId":null,"group":null}""", "demo", "restore", "c")]
    public async Task Trouble_on_demand_is_sent(string expected, params string[] args)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapPost("/api/v1/clusters/c/demo", () => new DemoActionDto("Done so.")));

        var run = await api.RunAsync(args);

        Assert.Equal("Done so.\n", run.Out);
        Assert.Equal(expected, Assert.Single(api.Asked).Body);
    }
}
