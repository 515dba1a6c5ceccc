using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace ControlPlane.Benchmarks;

/// <summary>
/// Asks a running product for the overview, the brokers and the first page of topics of a cluster, at a steady rate. The rate does not wait for slow
/// answers, and a latency counts from the moment the request was due: otherwise the slow answers would hide the ones behind them.
/// </summary>
internal static class ApiLoad
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Figure>> RunAsync(Uri product, string token, string cluster, int perSecond, TimeSpan length, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 256, UseCookies = false };
        using var client = new HttpClient(handler, disposeHandler: false) { BaseAddress = product, Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br");
        var root = $"/api/v1/clusters/{Uri.EscapeDataString(cluster)}";
        string[] paths = [$"{root}/overview", $"{root}/brokers?limit=100", $"{root}/topics?limit=100"];
        foreach (var path in paths)
        {
            using var first = await client.GetAsync(path, cancellationToken); // fails early where address, token or cluster is wrong
            first.EnsureSuccessStatusCode();
        }

        var count = (int)(perSecond * length.TotalSeconds);
        var pending = new Task<(double Milliseconds, bool Succeeded)>[count];
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var due = begin + (i * Stopwatch.Frequency / perSecond);
            var ahead = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (ahead > TimeSpan.Zero)
            {
                await Task.Delay(ahead, cancellationToken);
            }

            pending[i] = AskAsync(client, paths[i % paths.Length], due, cancellationToken);
        }

        var results = await Task.WhenAll(pending);
        return
        [
            new($"{count:N0} requests at {perSecond} a second, failed", results.Count(result => !result.Succeeded).ToString(CultureInfo.InvariantCulture), "0"),
            .. Figures("all", results.Select(result => result.Milliseconds)),
            .. paths.SelectMany((path, kind) => Figures(path[root.Length..], results.Where((_, i) => i % paths.Length == kind).Select(result => result.Milliseconds))),
        ];
    }

    private static async Task<(double Milliseconds, bool Succeeded)> AskAsync(HttpClient client, string path, long due, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(path, cancellationToken);
            return (Stopwatch.GetElapsedTime(due).TotalMilliseconds, response.IsSuccessStatusCode);
        }
        catch (Exception ex) when (ex is HttpRequestException || (ex is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (Stopwatch.GetElapsedTime(due).TotalMilliseconds, false);
        }
    }

    private static IEnumerable<Figure> Figures(string what, IEnumerable<double> latencies)
    {
        var sorted = latencies.Order().ToArray();
        if (sorted.Length > 0)
        {
            yield return new Figure($"{what}: p50 / p95 / max", $"{At(0.50)} / {At(0.95)} / {At(1)}");
            yield return new Figure($"{what}: p99", At(0.99), "50 ms");
        }

        string At(double share) => string.Create(CultureInfo.InvariantCulture, $"{sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)]:0.0} ms");
    }
}
