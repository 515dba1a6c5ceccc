namespace ControlPlane.Kafka.Protocol;

/// <summary>An answer that can tell the client to hold back: the broker mutes the connection for as long (KIP-219).</summary>
public interface IThrottledResponse
{
    int ThrottleTimeMs { get; }
}
