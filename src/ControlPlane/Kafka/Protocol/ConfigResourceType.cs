namespace ControlPlane.Kafka.Protocol;

/// <summary>What a config belongs to (KIP-133, KIP-412, KIP-714, KIP-848). Goes to that very broker: Broker with a name, and BrokerLogger.</summary>
public enum ConfigResourceType : sbyte
{
    Unknown = 0,
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
}
