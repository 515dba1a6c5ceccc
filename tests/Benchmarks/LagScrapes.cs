using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using ControlPlane.Api.Metrics;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Lag.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Benchmarks;

/// <summary>/metrics of all groups of a store: what writing the pages costs at each judgement, and what one and ten scrapers wait.</summary>
internal static class LagScrapes
{
    private static readonly ClusterId Cluster = new("prod");

    public static async Task<IReadOnlyList<Figure>> RunAsync(LagShard shard, long now, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        foreach (var (what, options) in new[] { ("by group", new LagMetricsOptions()), ("by partition and under all names, 10,000 of each", new LagMetricsOptions { Level = LagMetricsLevel.Partition, Burrow = true, KMinion = true, KafkaExporter = true, LagExporter = true }) })
        {
            _ = Write(shard, options, now); // compiled
            var clock = Stopclock.Start();
            var page = Write(shard, options, now);
            figures.Add(new Figure($"metrics {what}: written at a judgement, {page.Families.Sum(family => (long)family.Lines.Length) / 1e6:0.0} MB", $"{Report.Milliseconds(clock.CpuSince)} CPU"));
            await ScrapeAsync(what, page, figures, cancellationToken);
        }

        return figures;
    }

    private static LagPage Write(LagShard shard, LagMetricsOptions options, long now)
    {
        var (builder, snapshot) = (new LagPageBuilder(Cluster, options, LagNames.Of(options)), new LagSnapshot());
        var judgement = new GroupJudgement(Status.Ok, "OK", "", 1500, false) { AdvisedMembers = 3 };
        for (var place = 0; place < shard.Places; place++)
        {
            if (shard.TryRead(place, snapshot))
            {
                builder.Add(new Group(snapshot.Group, "classic", "consumer", "Stable", 1, []), snapshot, judgement, now);
            }
        }

        return builder.Build();
    }

    private static async Task ScrapeAsync(string what, LagPage page, List<Figure> figures, CancellationToken cancellationToken)
    {
        var pages = new LagPages();
        pages.Show(Cluster, page);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapGet("/metrics", (HttpContext http) =>
        {
            var isPacked = MetricsBody.TakesGzip(http.Request);
            return new MetricsBody("", pages.Read(_ => true, isPacked), isPacked);
        });
        await app.StartAsync(cancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 10 }) { BaseAddress = new Uri(app.Urls.First()) };
        foreach (var isPacked in new[] { true, false })
        {
            await ScrapeOnceAsync(client, isPacked, cancellationToken); // the first one packs
            foreach (var scrapers in new[] { 1, 10 })
            {
                var (waits, clock) = (new List<double>(), Stopclock.Start());
                for (var round = 0; round < 5; round++)
                {
                    waits.AddRange(await Task.WhenAll(Enumerable.Range(0, scrapers).Select(_ => ScrapeOnceAsync(client, isPacked, cancellationToken))));
                }

                waits.Sort();
                figures.Add(new Figure(
                    $"metrics {what}: {(isPacked ? "gzip" : "plain")}, {scrapers} at a time",
                    string.Create(CultureInfo.InvariantCulture, $"{waits[waits.Count / 2]:0} ms each (worst {waits[^1]:0}), {clock.CpuSince.TotalMilliseconds / waits.Count:0.0} ms CPU, client included"),
                    "200 ms"));
            }
        }

        await app.StopAsync(cancellationToken);
    }

    private static async Task<double> ScrapeOnceAsync(HttpClient client, bool isPacked, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (isPacked)
        {
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await body.CopyToAsync(Stream.Null, cancellationToken);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
