using ControlPlane.Api.Burrow;
using ControlPlane.Host.Tests.Storage;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ControlPlane.Host.Tests.Api.Burrow;

/// <summary>The same with the setting that lets it forget, and nobody reading without a token.</summary>
public sealed class BurrowChangeTests(BurrowChangeTests.Changeable api) : ApiTests(api), IClassFixture<BurrowChangeTests.Changeable>
{
    private const string Groups = $"/v3/kafka/{BurrowFixture.Cluster}/consumer";

    [Fact]
    public async Task An_operator_has_a_group_forgotten_and_the_next_commit_brings_it_back()
    {
        api.Keep("gone soon");
        (await Host.SendAsync(HttpMethod.Delete, $"{Groups}/gone%20soon", null)).Is(401);
        (await Host.SendAsync(HttpMethod.Delete, $"{Groups}/gone%20soon", Viewer)).Is(403);
        (await Host.GetAsync($"{Groups}/gone%20soon", Viewer)).Is(200);

        var removed = (await Host.SendAsync(HttpMethod.Delete, $"{Groups}/gone%2520soon", Operator)).Is(200); // escaped twice
        Assert.Equal("consumer group removed", removed.Json.GetProperty("message").GetString());
        (await Host.GetAsync($"{Groups}/gone%20soon", Viewer)).Is(404);
        (await Host.SendAsync(HttpMethod.Delete, $"{Groups}/never%20was", Operator)).Is(200);
        (await Host.SendAsync(HttpMethod.Delete, "/v3/kafka/nope/consumer/x", Operator)).Is(200);
        Assert.Contains("gone%20soon", (await AuditTextAsync()).Replace("gone soon", "gone%20soon", StringComparison.Ordinal), StringComparison.Ordinal);

        api.Keep("gone soon");
        (await Host.GetAsync($"{Groups}/gone%20soon", Viewer)).Is(200);
    }

    [Fact]
    public async Task One_topic_of_a_group_is_forgotten_alone()
    {
        api.Keep("narrow");
        (await Host.SendAsync(HttpMethod.Delete, $"{Groups}/narrow/topic/nope", Operator)).Is(200);
        (await Host.GetAsync($"{Groups}/narrow", Viewer)).Is(200);
        (await Host.SendAsync(HttpMethod.Delete, $"{Groups}/narrow/topic/orders", Operator)).Is(200);
        (await Host.GetAsync($"{Groups}/narrow", Viewer)).Is(404);
        (await Host.GetAsync($"{Groups}/billing", Viewer)).Is(200);
    }

    [Theory]
    [InlineData("x", 400, "could not decode message body")]
    [InlineData("", 400, "could not decode message body")]
    [InlineData("{}", 404, "unknown log level")]
    [InlineData("[]", 404, "unknown log level")]
    [InlineData("""{"level":7}""", 404, "unknown log level")]
    [InlineData("""{"level":"loud"}""", 404, "unknown log level")]
    public async Task A_log_level_that_is_none_is_refused(string body, int status, string message) =>
        Assert.Equal(message, (await Host.SendAsync(HttpMethod.Post, "/v3/admin/loglevel", Admin, body)).Is(status).Json.GetProperty("message").GetString());

    [Fact]
    public async Task An_admin_sets_the_log_level_and_loggers_follow()
    {
        var logger = Host.Get<ILoggerFactory>().CreateLogger("ControlPlane.Test");
        foreach (var (word, shown, debug, warning) in new[] { ("ERROR", "error", false, false), ("warning", "warn", false, true), ("trace", "debug", true, true) })
        {
            Assert.Equal("set log level", (await Host.SendAsync(HttpMethod.Post, "/v3/admin/loglevel", Admin, $$"""{"level":"{{word}}"}""")).Is(200).Json.GetProperty("message").GetString());
            Assert.Equal(shown, (await Host.GetAsync("/v3/admin/loglevel", Viewer)).Is(200).Json.GetProperty("level").GetString());
            Assert.Equal((debug, warning), (logger.IsEnabled(LogLevel.Debug), logger.IsEnabled(LogLevel.Warning)));
        }

        (await Host.SendAsync(HttpMethod.Post, "/v3/admin/loglevel", Operator, """{"level":"info"}""")).Is(403);
    }

    [Fact]
    public async Task Nobody_reads_without_a_token_and_a_switched_off_API_is_not_there()
    {
        (await Host.GetAsync("/v3/kafka", null)).Is(401);
        await using var without = await ApiHost.StartAsync(Storage, new() { ["Burrow:Enabled"] = "false" });
        (await without.GetAsync("/v3/kafka", Viewer)).IsProblem(404);
    }

    public sealed class Changeable(StorageServer server) : BurrowFixture(server)
    {
        internal override Dictionary<string, string?> Settings => new() { ["Burrow:AllowChanges"] = "true", ["Burrow:Access"] = "Token" };
    }
}
