namespace ControlPlane.Cli.Load;

/// <summary>What producers and consumers count, from many threads.</summary>
internal sealed class LoadCounters(TimeProvider time)
{
    private readonly long _begun = time.GetTimestamp();
    private readonly LatencyHistogram _latency = new();
    private LatencySnapshot _all = LatencySnapshot.None;
    private (long At, long Acknowledged, long Failed, long Consumed) _last = (time.GetTimestamp(), 0, 0, 0);
    private long _acknowledged;
    private long _failed;
    private long _consumed;
    private volatile string? _error;

    public void Acknowledge(TimeSpan latency)
    {
        Interlocked.Increment(ref _acknowledged);
        _latency.Add(latency);
    }

    public void Fail(string why)
    {
        Interlocked.Increment(ref _failed);
        _error = why;
    }

    public void Consume() => Interlocked.Increment(ref _consumed);

    /// <summary>An error that cost no message, such as a connection that broke.</summary>
    public void Trouble(string what) => _error = what;

    /// <summary>Since the last report. One caller at a time.</summary>
    public LoadReport Next()
    {
        var latency = _latency.Drain();
        _all = _all.Plus(latency);
        var now = (At: time.GetTimestamp(), Acknowledged: Interlocked.Read(ref _acknowledged), Failed: Interlocked.Read(ref _failed), Consumed: Interlocked.Read(ref _consumed));
        var report = new LoadReport(false, time.GetElapsedTime(_last.At, now.At).TotalSeconds, now.Acknowledged - _last.Acknowledged,
            now.Failed - _last.Failed, now.Consumed - _last.Consumed, latency.Quantile(0.5), latency.Quantile(0.99), _error);
        (_last, _error) = (now, null);
        return report;
    }

    /// <summary>Since the beginning.</summary>
    public LoadReport Total()
    {
        _all = _all.Plus(_latency.Drain());
        return new LoadReport(true, time.GetElapsedTime(_begun).TotalSeconds, Interlocked.Read(ref _acknowledged), Interlocked.Read(ref _failed),
            Interlocked.Read(ref _consumed), _all.Quantile(0.5), _all.Quantile(0.99), _error);
    }
}
