using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Connection;

public sealed class ApiClientTests
{
    [Fact]
    public async Task Nobody_listening_is_told_with_the_address()
    {
        var run = await KcpRun.OfAsync("fleet", "--url", $"http://127.0.0.1:{FakeApi.FreePort()}", "--token", "t");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("No control plane answers at http://127.0.0.1", run.Error, StringComparison.Ordinal);
        Assert.Contains("connection refused", run.Error, StringComparison.Ordinal);
        Assert.Contains("next:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_that_speaks_no_http_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var greeting = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("SSH-2.0-x\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);

        var run = await KcpRun.OfAsync("fleet", "--url", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", "--token", "t");
        await greeting;

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("No control plane answers at", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_problem_is_printed_with_its_next_step_and_fields()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapPost("/api/v1/clusters", () => Results.Problem(
            title: "The cluster is not valid", detail: "id 'Prod' has capitals; a-z, 0-9 and '-' are expected", statusCode: 400,
            extensions: new Dictionary<string, object?> { ["nextStep"] = "choose another id", ["errors"] = new Dictionary<string, string[]> { ["id"] = ["has capitals"] } })));

        var run = await api.RunAsync("clusters", "add", "Prod", "--bootstrap-server", "k:9092");

        Assert.Equal(3, run.ExitCode);
        Assert.Equal("", run.Out);
        Assert.Contains("error: The cluster is not valid", run.Error, StringComparison.Ordinal);
        Assert.Contains("id: has capitals", run.Error, StringComparison.Ordinal);
        Assert.Contains("next:     choose another id", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "does not accept the token")]
    [InlineData(500, "answered 500")]
    [InlineData(404, "answered 404")]
    public async Task A_refusal_without_a_problem_is_explained(int status, string expected)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Results.StatusCode(status)));

        var run = await api.RunAsync("fleet");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", "<html></html>")]
    [InlineData("application/json", "{ \"items\": 17 }")]
    [InlineData("application/json", "null")]
    public async Task An_answer_of_another_service_is_told(string type, string body)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Results.Text(body, type)));

        var run = await api.RunAsync("fleet");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("that is not the control plane's", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_goes_into_the_header_and_nowhere_else()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Results.StatusCode(403)));

        var run = await api.RunAsync("fleet");

        Assert.Equal("Bearer kcp_test", Assert.Single(api.Asked).Authorization);
        Assert.DoesNotContain("kcp_test", run.Out + run.Error, StringComparison.Ordinal);
    }
}
