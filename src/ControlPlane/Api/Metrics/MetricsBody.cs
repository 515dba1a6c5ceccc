using System.Text;
using ControlPlane.Lag.Metrics;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Api.Metrics;

/// <summary>An answer of /metrics: what was measured for this scrape, then the lag of groups as it was written when they were judged.</summary>
internal sealed class MetricsBody(string measured, IReadOnlyList<IGrouping<string, LagFamily>> lag, bool isPacked) : IResult
{
    public static bool TakesGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptEncoding.OfType<string>()], out var taken)
        && taken.Any(one => one.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && one.Quality is null or > 0);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, token) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = MetricsText.ContentType;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (isPacked)
        {
            response.Headers.ContentEncoding = "gzip"; // each part is packed already: the middleware leaves it alone
        }

        await WriteAsync(measured);
        foreach (var family in lag)
        {
            await WriteAsync(Head(family.First()));
            foreach (var lines in family)
            {
                await response.Body.WriteAsync(isPacked ? lines.Packed : lines.Lines, token);
            }
        }

        ValueTask WriteAsync(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return response.Body.WriteAsync(isPacked ? LagFamily.Pack(bytes) : bytes, token);
        }
    }

    private static string Head(LagFamily family)
    {
        var text = new MetricsText();
        text.Head(family.Name, family.Help, family.IsCounter ? MetricType.Counter : MetricType.Gauge);
        return text.ToString();
    }
}
