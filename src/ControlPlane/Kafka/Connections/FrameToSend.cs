using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>A whole encoded request, length included.</summary>
internal readonly record struct FrameToSend(ReadOnlyMemory<byte> Bytes, int CorrelationId, ApiKey Api);
