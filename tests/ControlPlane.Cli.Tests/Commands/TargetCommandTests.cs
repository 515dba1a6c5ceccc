using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class TargetCommandTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private static readonly AlertTargetDto Pager = new(
        Guid.Parse("0199a3c0-5b1e-7c33-9f0a-1d2e3f405162"), "on-call", "pagerduty", true, "https://events.pagerduty.com/", "error", ["prod"], true, StatusWord.Warn, "Held back for 4 s.", 3, Some.Noon, Some.Noon, 7);

    private static readonly DeliveryDto Sent = new(
        Guid.Parse("0199a3c0-5b1e-7c33-9f0a-1d2e3f405163"), Pager.Id, "on-call", "pagerduty", "prod", null, "trigger", "kcp:prod:broker-down:00", "error", "[ERROR] prod: Broker 4 is down.",
        "failed", StatusWord.Crit, 2, Some.Noon, null, null, null, "The receiver failed (HTTP 500).");

    [Fact]
    public async Task Targets_are_listed_with_their_trouble_and_without_secrets()
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("targets", "list");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches("on-call +WARN +pagerduty .*error +prod +3 .*Held back for 4 s.", run.Out);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("stdin")]
    [InlineData("environment")]
    public async Task A_secret_comes_from_file_stdin_or_environment_and_is_never_printed(string from)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"{Secret}\nsecond line\n", TestContext.Current.CancellationToken);
        await using var api = await StartAsync();
        string[] add = ["targets", "add", "on-call", "--kind", "pagerduty", "--min-severity", "error", "--cluster", "prod", "--cluster", "dev"];

        var run = from switch
        {
            "file" => await api.RunAsync([.. add, "--secret-file", file]),
            "stdin" => await KcpRun.WithInputAsync($"{Secret}\n", api.Environment, [.. add, "--secret-file", "-"]),
            _ => await KcpRun.OfAsync(new Dictionary<string, string>(api.Environment) { ["KCP_TARGET_SECRET"] = Secret }, add),
        };
        File.Delete(file);

        Assert.True(run.ExitCode == 0, run.Error);
        var sent = JsonDocument.Parse(Assert.Single(api.Asked).Body).RootElement;
        Assert.Equal((Secret, "pagerduty", "error"), (sent.GetProperty("secret").GetString(), sent.GetProperty("kind").GetString(), sent.GetProperty("minSeverity").GetString()));
        Assert.Equal(["prod", "dev"], sent.GetProperty("clusters").EnumerateArray().Select(id => id.GetString()));
        Assert.DoesNotContain(Secret, run.Out + run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/file", "cannot be read")]
    [InlineData("-", "is empty")]
    public async Task A_secret_that_is_not_there_is_told_before_anything_is_sent(string file, string what)
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("targets", "add", "hook", "--to", "https://hooks.example.com/", "--secret-file", file);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(what, run.Error, StringComparison.Ordinal);
        Assert.Empty(api.Asked);
    }

    [Fact]
    public async Task An_edit_changes_what_is_given_and_names_the_version_it_was_made_from()
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("targets", "edit", "on-call", "--enabled", "false", "--cluster", "all");

        Assert.True(run.ExitCode == 0, run.Error);
        var put = api.Asked[^1];
        var sent = JsonDocument.Parse(put.Body).RootElement;
        Assert.Equal(("PUT", "\"7\""), (put.Method, put.IfMatch));
        Assert.False(sent.GetProperty("isEnabled").GetBoolean());
        Assert.Equal("error", sent.GetProperty("minSeverity").GetString());
        Assert.False(sent.TryGetProperty("clusters", out var clusters) && clusters.ValueKind != JsonValueKind.Null);
        Assert.False(sent.TryGetProperty("secret", out var secret) && secret.ValueKind != JsonValueKind.Null);
    }

    [Theory]
    [InlineData("Nothing to change", "targets", "edit", "on-call")]
    [InlineData("no alert target nobody", "targets", "test", "nobody")]
    [InlineData("no alert target nobody", "deliveries", "--target", "nobody")]
    public async Task A_mistake_is_told_with_what_to_do(string problem, params string[] args)
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync(args);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Asked, asked => asked.Method != "GET");
    }

    [Fact]
    public async Task A_test_says_where_to_see_how_it_went_and_a_removal_wants_a_yes()
    {
        await using var api = await StartAsync();

        var test = await api.RunAsync("targets", "test", "on-call");
        var unsure = await api.RunAsync("targets", "remove", "on-call");
        var sure = await api.RunAsync("targets", "remove", Pager.Id.ToString(), "--yes");

        Assert.Contains($"kcp deliveries show {Sent.Id}", test.Out + test.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, unsure.ExitCode);
        Assert.True(sure.ExitCode == 0, sure.Error);
        Assert.Equal($"/api/v1/alert-targets/{Pager.Id}", Assert.Single(api.Asked, asked => asked.Method == "DELETE").Path);
    }

    [Fact]
    public async Task Deliveries_are_listed_of_a_target_by_name()
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("deliveries", "--target", "on-call", "--state", "failed", "--cluster", "prod");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal($"/api/v1/deliveries?target={Pager.Id}&state=failed&cluster=prod&limit=50&offset=0", api.Asked[^1].Path);
        Assert.Matches("failed +trigger +on-call +prod +2 +.*Broker 4 is down.", run.Out);
    }

    [Fact]
    public async Task One_delivery_is_shown_with_body_and_attempts_and_sent_again()
    {
        await using var api = await StartAsync();

        var show = await api.RunAsync("deliveries", "show", Sent.Id.ToString());
        var again = await api.RunAsync("deliveries", "resend", Sent.Id.ToString());

        Assert.Contains("""{"event_action":"trigger"}""", show.Out, StringComparison.Ordinal);
        Assert.Matches("2 .*retry +500 +The receiver failed", show.Out);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(("POST", $"/api/v1/deliveries/{Sent.Id}/resend"), (api.Asked[^1].Method, api.Asked[^1].Path));
    }

    private static Task<FakeApi> StartAsync() => FakeApi.StartAsync(app =>
    {
        app.MapGet("/api/v1/alert-targets", () => new[] { Pager });
        app.MapPost("/api/v1/alert-targets", () => Results.Json(Pager, statusCode: 201));
        app.MapGet($"/api/v1/alert-targets/{Pager.Id}", () => Pager);
        app.MapPut($"/api/v1/alert-targets/{Pager.Id}", () => Pager);
        app.MapDelete($"/api/v1/alert-targets/{Pager.Id}", () => Results.NoContent());
        app.MapPost($"/api/v1/alert-targets/{Pager.Id}/test", () => Results.Json(Sent, statusCode: 202));
        app.MapGet("/api/v1/deliveries", () => Some.Page(Sent));
        app.MapGet($"/api/v1/deliveries/{Sent.Id}", () => new DeliveryDetailDto(Sent, """{"event_action":"trigger"}""", [new DeliveryAttemptDto(2, Some.Noon, 0.25, "retry", 500, "The receiver failed (HTTP 500).", null)]));
        app.MapPost($"/api/v1/deliveries/{Sent.Id}/resend", () => Results.Json(Sent, statusCode: 202));
    });
}
