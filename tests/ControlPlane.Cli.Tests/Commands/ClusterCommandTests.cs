using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class ClusterCommandTests
{
    [Fact]
    public async Task Adding_sends_the_connection_with_its_secret_from_a_file()
    {
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "p\"w\r\nsecond line\n", TestContext.Current.CancellationToken);
        await using var api = await FakeApi.StartAsync(app => app.MapPost("/api/v1/clusters", () => Results.Json(Some.Settings("prod"), statusCode: 201)));

        var run = await api.RunAsync("clusters", "add", "prod", "--bootstrap-server", "k1:9093", "--security-protocol", "sasl_ssl",
            "--sasl-mechanism", "scram-sha-512", "--username", "kcp", "--password-file", secret, "--label", "site=berlin", "--skip-host-check");
        File.Delete(secret);

        Assert.Equal(0, run.ExitCode);
        var sent = JsonDocument.Parse(Assert.Single(api.Asked).Body).RootElement;
        var connection = sent.GetProperty("connection");
        Assert.Equal("kafka", sent.GetProperty("kind").GetString());
        Assert.Equal("berlin", sent.GetProperty("labels").GetProperty("site").GetString());
        Assert.Equal("SASL_SSL", connection.GetProperty("securityProtocol").GetString());
        Assert.Equal("SCRAM-SHA-512", connection.GetProperty("saslMechanism").GetString());
        Assert.Equal("p\"w", connection.GetProperty("password").GetString());
        Assert.False(connection.GetProperty("verifyHostname").GetBoolean());
        Assert.DoesNotContain("p\"w", run.Out + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_a_simulated_cluster_sends_its_shape()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapPost("/api/v1/clusters", () => Results.Json(Some.Settings("sim"), statusCode: 201)));

        var run = await api.RunAsync("clusters", "add", "sim", "--simulated", "--brokers", "40", "--troubled");

        Assert.Equal(0, run.ExitCode);
        var sent = JsonDocument.Parse(Assert.Single(api.Asked).Body).RootElement;
        Assert.Equal("simulated", sent.GetProperty("kind").GetString());
        Assert.Equal(40, sent.GetProperty("simulation").GetProperty("brokers").GetInt32());
        Assert.True(sent.GetProperty("simulation").GetProperty("troubled").GetBoolean());
        Assert.Equal(JsonValueKind.Null, sent.GetProperty("connection").ValueKind);
    }

    [Fact]
    public async Task An_edit_keeps_what_is_not_said_and_sends_the_version_back()
    {
        await using var api = await FakeApi.StartAsync(app =>
        {
            app.MapGet("/api/v1/clusters/prod", (HttpResponse response) =>
            {
                response.Headers.ETag = "\"v7\"";
                return Some.Settings("prod");
            });
            app.MapPut("/api/v1/clusters/prod", () => Some.Settings("prod", 8));
        });

        var run = await api.RunAsync("clusters", "edit", "prod", "--bootstrap-server", "k2:9093");

        Assert.Equal(0, run.ExitCode);
        var put = api.Asked[^1];
        Assert.Equal("\"v7\"", put.IfMatch);
        var sent = JsonDocument.Parse(put.Body).RootElement;
        Assert.Equal("prod", sent.GetProperty("displayName").GetString());
        Assert.Equal("berlin", sent.GetProperty("labels").GetProperty("site").GetString());
        Assert.Equal("k2:9093", sent.GetProperty("connection").GetProperty("bootstrapServers").GetString());
        Assert.Equal("SCRAM-SHA-512", sent.GetProperty("connection").GetProperty("saslMechanism").GetString());
        Assert.Equal(JsonValueKind.Null, sent.GetProperty("connection").GetProperty("password").ValueKind);
    }

    [Theory]
    [InlineData(true, 0, 0)]
    [InlineData(true, 1, 1)]
    [InlineData(false, 0, 2)]
    public async Task A_trial_of_a_connection_speaks_by_its_exit_code(bool succeeded, int missing, int expected)
    {
        var answer = new ConnectionTestDto(succeeded, "So it went.", null, null, null, null, [], [.. Enumerable.Repeat("Describe on Cluster", missing)], []);
        await using var api = await FakeApi.StartAsync(app => app.MapPost("/api/v1/clusters/test", () => answer));

        var run = await api.RunAsync("clusters", "test", "--bootstrap-server", "k:9092");

        Assert.Equal(expected, run.ExitCode);
        Assert.Contains("So it went.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removing_with_yes_asks_nobody()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapDelete("/api/v1/clusters/a b", () => Results.NoContent()));

        var run = await api.RunAsync("clusters", "remove", "a b", "--yes");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("DELETE", Assert.Single(api.Asked).Method);
    }
}
