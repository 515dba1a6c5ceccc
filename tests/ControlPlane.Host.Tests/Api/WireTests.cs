using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Text;
using ControlPlane.Api.Answers;
using ControlPlane.Engine.Model;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>How answers travel: compressed, kept, tagged; and what is counted of them.</summary>
public sealed class WireTests(ApiFixture api) : ApiTests(api)
{
    [Theory]
    [InlineData("/api/v1/clusters/wire/topics?limit=100", "br", "br")]
    [InlineData("/api/v1/clusters/wire/topics?limit=100", "gzip, br;q=0.5", "br")]
    [InlineData("/api/v1/clusters/wire/topics?limit=100", "gzip", "gzip")]
    [InlineData("/api/v1/clusters/wire/topics?limit=100", "gzip;q=0, br;q=0", null)]
    [InlineData("/api/v1/clusters/wire/topics?limit=100", null, null)]
    [InlineData("/api/v1/clusters/wire/overview", "br", "br")]
    [InlineData("/openapi/v1.json", "br", "br")]
    public async Task Answers_are_compressed_as_the_reader_asks(string path, string? asked, string? expected)
    {
        await Host.PublishAsync(A.Cluster("wire").Brokers(3).Topics(100).Build());
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", Viewer);
        if (asked is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", asked);
        }

        using var response = await Host.Client.SendAsync(request, Token);
        Assert.Equal(expected, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.True(expected is null || response.Headers.Vary.Contains("Accept-Encoding"), "Vary is missing");
        await using var raw = await response.Content.ReadAsStreamAsync(Token);
        await using Stream body = expected switch
        {
            "br" => new BrotliStream(raw, CompressionMode.Decompress),
            "gzip" => new GZipStream(raw, CompressionMode.Decompress),
            _ => raw,
        };
        using var reader = new StreamReader(body, Encoding.UTF8);
        var plain = (await Host.GetAsync(path, Viewer)).Is(200);
        var text = await reader.ReadToEndAsync(Token);
        Assert.StartsWith(plain.Body[..200], text, StringComparison.Ordinal);
        Assert.InRange(text.Length, plain.Body.Length - 100, plain.Body.Length + 100); // ages differ
    }

    [Fact]
    public async Task A_kept_answer_is_replaced_with_the_picture_it_was_made_from()
    {
        await Host.PublishAsync(A.Cluster("kept").Brokers(2).Topics(3).Build());
        var first = (await Host.GetAsync("/api/v1/clusters/kept/topics", Viewer)).Is(200);
        Assert.Equal(first.Body, (await Host.GetAsync("/api/v1/clusters/kept/topics", Viewer)).Is(200).Body);
        Assert.Equal(2, (await Host.GetAsync("/api/v1/clusters/kept/topics?limit=2", Viewer)).Is(200).Json.GetProperty("items").GetArrayLength());
        await Host.PublishAsync(A.Cluster("kept").Brokers(2).Topics(4).Generation(2).Build());
        var second = (await Host.GetAsync("/api/v1/clusters/kept/topics", Viewer)).Is(200);
        Assert.Equal(4, second.Json.GetProperty("total").GetInt32());
        Assert.NotEqual(first.Tag, second.Tag);
        (await Host.GetAsync("/api/v1/clusters/kept/topics", Viewer, ("If-None-Match", $"\"else\", {second.Tag}"))).Is(304);
    }

    [Fact]
    public async Task An_answer_is_made_once_for_all_who_ask_at_the_same_moment()
    {
        var (answers, made) = (new KeptAnswers(), 0);
        using var gate = new ManualResetEventSlim();
        var first = Task.Run(() => answers.GetAsync("/a", "1", Make).AsTask(), Token);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref made) == 1, TimeSpan.FromSeconds(60)));
        var others = Enumerable.Range(0, 50).Select(_ => answers.GetAsync("/a", "1", Make).AsTask()).ToList(); // would not return if they waited for the gate
        gate.Set();
        Assert.All(await Task.WhenAll(others), body => Assert.Equal(1, body.Plain.Length));
        await first;
        await answers.GetAsync("/a", "2", () => [1, 2]);
        Assert.Equal(2, (await answers.GetAsync("/a", "2", () => [])).Plain.Length);
        await Assert.ThrowsAsync<FormatException>(() => answers.GetAsync("/b", "1", () => throw new FormatException()).AsTask());
        Assert.Equal(3, (await answers.GetAsync("/b", "1", () => [1, 2, 3])).Plain.Length); // a failure is not kept

        byte[] Make()
        {
            Interlocked.Increment(ref made);
            gate.Wait(TimeSpan.FromSeconds(60));
            return [1];
        }
    }

    [Fact]
    public async Task Series_of_clusters_that_are_gone_vanish()
    {
        await Host.PublishAsync(A.Cluster("leaving").Brokers(1).Topic("t").Build());
        await Host.PublishAsync(A.Cluster("staying").Brokers(1).Topic("t").Build());
        using var meter = Host.Get<IMeterFactory>().Create("ControlPlane.Tests");
        var counter = meter.CreateCounter<long>("kcp_test_total");
        foreach (var cluster in new[] { "leaving", "staying" })
        {
            counter.Add(1, new KeyValuePair<string, object?>("cluster", cluster));
        }

        Assert.Contains("kcp_test_total{cluster=\"leaving\"} 1", await MetricsAsync(), StringComparison.Ordinal);
        Host.Views.Lose(new ClusterId("leaving"));
        var metrics = await MetricsAsync();
        Assert.DoesNotContain("leaving", metrics, StringComparison.Ordinal);
        Assert.Contains("kcp_test_total{cluster=\"staying\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_field_is_explained_once()
    {
        var problem = (await Host.GetAsync("/api/v1/audit?limit=ten&before=x", Viewer)).IsProblem(400).HasError("limit").HasError("before").Json;
        Assert.Equal("2 fields can't be accepted: 'before', 'limit'.", problem.GetProperty("detail").GetString());
        Assert.Equal("Correct 'before', 'limit' as errors says, then send the request again.", problem.GetProperty("nextStep").GetString());
    }

    private async Task<string> MetricsAsync() => (await Host.GetAsync("/metrics", Viewer)).Is(200).Body;
}
