using System.Diagnostics.Metrics;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>What talking to one cluster has cost so far; readable at any moment, and fed to the meter "ControlPlane.Kafka".</summary>
public sealed class NetworkCounters(string clusterTag)
{
    private static readonly Meter Meter = new("ControlPlane.Kafka");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "kcp_kafka_request_duration_seconds", "s", "Time from sending a request to Kafka until its answer was read");
    private static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "kcp_kafka_errors_total", description: "Requests to Kafka that failed, by the error");
    private static readonly Counter<long> SentBytes = Meter.CreateCounter<long>(
        "kcp_kafka_sent_bytes_total", "By", "Bytes sent to Kafka brokers, TLS included");
    private static readonly Counter<long> ReceivedBytes = Meter.CreateCounter<long>(
        "kcp_kafka_received_bytes_total", "By", "Bytes received from Kafka brokers, TLS included");

    private readonly KeyValuePair<string, object?> _cluster = new("cluster", clusterTag);
    private long _requests;
    private long _failures;
    private long _bytesSent;
    private long _bytesReceived;
    private long _connections;
    private long _throttledMs;

    /// <summary>Requests that got an answer, also one with an error in it; those of the handshake included.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests without an answer that could be read.</summary>
    public long Failures => Volatile.Read(ref _failures);

    public long BytesSent => Volatile.Read(ref _bytesSent);

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Connections opened, not those open now.</summary>
    public long Connections => Volatile.Read(ref _connections);

    /// <summary>How long brokers told us to hold back, in total.</summary>
    public TimeSpan Throttled => TimeSpan.FromMilliseconds(Volatile.Read(ref _throttledMs));

    internal void Sent(int bytes)
    {
        Interlocked.Add(ref _bytesSent, bytes);
        SentBytes.Add(bytes, _cluster);
    }

    internal void Received(int bytes)
    {
        Interlocked.Add(ref _bytesReceived, bytes);
        ReceivedBytes.Add(bytes, _cluster);
    }

    internal void Opened() => Interlocked.Increment(ref _connections);

    internal void Throttle(int milliseconds) => Interlocked.Add(ref _throttledMs, milliseconds);

    internal void Answered(ApiKey api, TimeSpan duration)
    {
        Interlocked.Increment(ref _requests);
        Durations.Record(duration.TotalSeconds, _cluster, new("api", ApiName(api)));
    }

    internal void Failed(ApiKey api, string error)
    {
        Interlocked.Increment(ref _failures);
        Errors.Add(1, _cluster, new("api", ApiName(api)), new("error", error));
    }

    /// <summary>An answer came, and it carries an error.</summary>
    internal void AnsweredWithError(ApiKey api, ErrorCode error) =>
        Errors.Add(1, _cluster, new("api", ApiName(api)), new("error", error.KafkaName()));

    private static string ApiName(ApiKey api) => api.ToString();
}
