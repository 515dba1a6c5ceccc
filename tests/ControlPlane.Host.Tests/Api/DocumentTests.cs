using System.Text.Json;
using ControlPlane.Host.Tests.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>What the API says of itself: its OpenAPI document and its metrics.</summary>
public sealed class DocumentTests(ApiFixture api) : ApiTests(api)
{
    [Fact]
    public async Task Every_operation_has_summary_tags_answers_and_problems()
    {
        var document = (await Host.GetAsync("/openapi/v1.json", Viewer)).Is(200).Json;
        Assert.Equal(2, document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Count());
        var gaps = new List<string>();
        var count = 0;
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                count++;
                var name = $"{operation.Name} {path.Name}";
                AddIf(!operation.Value.TryGetProperty("summary", out var summary) || summary.GetString() is null or "", $"{name}: summary");
                AddIf(!operation.Value.TryGetProperty("description", out _), $"{name}: description");
                AddIf(!operation.Value.TryGetProperty("tags", out var tags) || tags.GetArrayLength() == 0, $"{name}: tags");
                var answers = operation.Value.GetProperty("responses").EnumerateObject().ToDictionary(answer => answer.Name, answer => answer.Value, StringComparer.Ordinal);
                AddIf(!answers.Keys.Any(status => status.StartsWith('2')), $"{name}: no success");
                AddIf(!answers.TryGetValue("401", out var refused) || !refused.GetProperty("content").TryGetProperty("application/problem+json", out _), $"{name}: no problem for 401");
                AddIf(operation.Name is "post" or "put" && path.Name.EndsWith("clusters", StringComparison.Ordinal) && !operation.Value.TryGetProperty("requestBody", out _), $"{name}: no body");
            }
        }

        Assert.True(gaps.Count == 0, string.Join('\n', gaps));
        Assert.InRange(count, 35, 120);
        Assert.DoesNotContain("/internal/", document.GetRawText(), StringComparison.Ordinal);
        var limit = document.GetProperty("paths").GetProperty("/api/v1/clusters/{cluster}/topics").GetProperty("get").GetProperty("parameters").EnumerateArray().Single(parameter => parameter.GetProperty("name").GetString() == "limit");
        Assert.Equal("query", limit.GetProperty("in").GetString());

        void AddIf(bool missing, string what)
        {
            if (missing)
            {
                gaps.Add(what);
            }
        }
    }

    [Fact]
    public async Task Metrics_pass_promtool_and_are_closed_to_strangers()
    {
        await Host.GetAsync("/api/v1/clusters", Viewer);
        var metrics = (await Host.GetAsync("/metrics", null)).Is(200); // from this machine
        Assert.Contains("kcp_http_requests_total{method=\"GET\",route=\"/api/v1/clusters\",status=\"200\"} ", metrics.Body, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", metrics.Body, StringComparison.Ordinal);
        (await Host.GetAsync("/metrics", null, ("X-Forwarded-For", "10.1.1.1"))).IsProblem(401);
        (await Host.GetAsync("/metrics", Viewer, ("X-Forwarded-For", "10.1.1.1"))).Is(200);
        await Promtool.CheckAsync(metrics.Body);
    }

    [Fact]
    public async Task The_document_needs_a_login_and_an_unknown_one_is_404()
    {
        (await Host.GetAsync("/openapi/v1.json", null)).IsProblem(401);
        Assert.Equal(JsonValueKind.Object, (await Host.GetAsync("/openapi/v1.json", Viewer)).Json.ValueKind);
    }
}
