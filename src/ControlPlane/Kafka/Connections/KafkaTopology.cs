namespace ControlPlane.Kafka.Connections;

/// <summary>What the last metadata told of the cluster: its live brokers and where requests for "the controller" go. Immutable.</summary>
public sealed record KafkaTopology(string? ClusterId, int? ControllerId, IReadOnlyDictionary<int, KafkaNode> Brokers)
{
    public static KafkaTopology Unknown { get; } = new(null, null, new Dictionary<int, KafkaNode>());
}
