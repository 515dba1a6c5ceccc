namespace ControlPlane.Testing;

/// <summary>A real Kafka process ended or stayed silent while starting; the message carries the end of its log.</summary>
public sealed class KafkaStartException(string message) : Exception(message)
{
    internal bool PortWasTaken =>
        Message.Contains("Address already in use", StringComparison.Ordinal) || Message.Contains("Socket server failed to bind", StringComparison.Ordinal);
}
