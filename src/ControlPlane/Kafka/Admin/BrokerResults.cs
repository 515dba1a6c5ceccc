using ControlPlane.Kafka.Connections;

namespace ControlPlane.Kafka.Admin;

/// <summary>What came of asking many brokers: the answers, and why the others gave none. Every broker asked is in exactly one of the two.</summary>
public sealed record BrokerResults<T>(IReadOnlyDictionary<int, T> Values, IReadOnlyDictionary<int, KafkaClientException> Failures)
{
    public bool IsComplete => Failures.Count == 0;
}

/// <summary>What came of asking about many groups, each by its coordinator. Every group asked for is in exactly one of the two.</summary>
public sealed record GroupResults<T>(IReadOnlyDictionary<string, T> Values, IReadOnlyDictionary<string, KafkaClientException> Failures)
{
    public bool IsComplete => Failures.Count == 0;
}
