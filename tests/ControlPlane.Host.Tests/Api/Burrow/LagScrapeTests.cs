using System.IO.Compression;
using System.Net.Http.Headers;
using ControlPlane.Engine.Model;
using ControlPlane.Lag.Metrics;
using Xunit;

namespace ControlPlane.Host.Tests.Api.Burrow;

/// <summary>The pages of groups as a scrape sees them.</summary>
public sealed class LagScrapeTests(ApiFixture api) : ApiTests(api)
{
    [Fact]
    public async Task A_scrape_holds_the_pages_of_owned_clusters_plain_and_packed_and_passes_promtool()
    {
        await Host.PublishAsync(A.Cluster("one").Brokers(1).Topic("orders", 1, 1).Build());
        await Host.PublishAsync(A.Cluster("two").Brokers(1).Topic("orders", 1, 1).Build());
        foreach (var cluster in new[] { "one", "two", "elsewhere" })
        {
            Host.Get<LagPages>().Show(new ClusterId(cluster), new LagPage([new LagFamily("kcp_consumer_group_lag", "Lag of a group", System.Text.Encoding.UTF8.GetBytes($"kcp_consumer_group_lag{{cluster=\"{cluster}\",group=\"g\"}} 7\n"))]));
        }

        var plain = (await Host.GetAsync("/metrics", null)).Is(200).Body;
        Assert.Contains("# TYPE kcp_consumer_group_lag gauge\nkcp_consumer_group_lag{cluster=\"one\",group=\"g\"} 7\nkcp_consumer_group_lag{cluster=\"two\",group=\"g\"} 7\n", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", plain, StringComparison.Ordinal);
        await Promtool.CheckAsync(plain);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var response = await Host.Client.SendAsync(request, Token);
        Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
        using var reader = new StreamReader(new GZipStream(await response.Content.ReadAsStreamAsync(Token), CompressionMode.Decompress));
        Assert.Contains("kcp_consumer_group_lag{cluster=\"two\",group=\"g\"} 7\n", await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
        using var refusing = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        refusing.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip", 0));
        using var unpacked = await Host.Client.SendAsync(refusing, Token);
        Assert.Empty(unpacked.Content.Headers.ContentEncoding);
    }
}
