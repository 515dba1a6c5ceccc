namespace ControlPlane.Testing;

/// <summary>This machine has no Kafka of the wanted version: tests skip with this message, in CI they fail with it.</summary>
public sealed class KafkaUnavailableException(string message) : Exception(message);
