namespace ControlPlane.Kafka.Wire;

/// <summary>Bytes from a peer that are not what the protocol allows at that place. The connection they came over can't be used again.</summary>
public sealed class WireFormatException(string message) : Exception(message);
