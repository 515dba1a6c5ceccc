using System.Diagnostics.Metrics;

namespace ControlPlane.Api;

/// <summary>What the API measures of itself.</summary>
internal sealed class ApiMeter : IDisposable
{
    public const string Name = "ControlPlane.Api";

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _logins;
    private readonly Counter<long> _forwarded;
    private int _live;

    public ApiMeter(IMeterFactory factory)
    {
        _meter = factory.Create(Name);
        _requests = _meter.CreateCounter<long>("kcp_http_requests_total", null, "Requests answered, by route and status.");
        _durations = _meter.CreateHistogram<double>("kcp_http_request_duration_seconds", "s", "Time to answer a request; live streams are not counted.");
        _logins = _meter.CreateCounter<long>("kcp_logins_total", null, "Log-ins by result.");
        _forwarded = _meter.CreateCounter<long>("kcp_forwarded_requests_total", null, "Requests passed on to the process that owns their cluster, by result.");
        _meter.CreateObservableGauge("kcp_live_connections", () => Volatile.Read(ref _live), null, "Live streams open now.");
    }

    public void Answered(string method, string route, int status, TimeSpan took)
    {
        _requests.Add(1, new("method", method), new("route", route), new("status", status));
        _durations.Record(took.TotalSeconds, new("method", method), new KeyValuePair<string, object?>("route", route));
    }

    public void LoggedIn(string result) => _logins.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Forwarded(string result) => _forwarded.Add(1, new KeyValuePair<string, object?>("result", result));

    public void LiveConnections(int open) => Volatile.Write(ref _live, open);

    public void Dispose() => _meter.Dispose();
}
