namespace ControlPlane.Kafka.Connections;

/// <summary>What happened to a connection.</summary>
public enum BrokerConnectionChange
{
    Opened,

    /// <summary>The broker or the network ended it, in use or idle. The first sign of a dead process: its kernel closes the sockets.</summary>
    Lost,

    /// <summary>A new connection could not be made; the failure says why.</summary>
    CouldNotOpen,

    /// <summary>It stands, but a request got no answer in time.</summary>
    RequestTimedOut,
}

/// <summary>Evidence on whether a broker lives. <paramref name="Failure"/> is null for <see cref="BrokerConnectionChange.Opened"/>.</summary>
public sealed record BrokerConnectionEvent(KafkaNode Node, BrokerConnectionChange Change, DateTimeOffset At, KafkaConnectionException? Failure);
