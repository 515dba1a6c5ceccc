namespace ControlPlane.Testing;

/// <summary>What kind of real cluster a test wants.</summary>
public sealed record RealKafkaOptions
{
    public string Version { get; init; } = "4.3.1";

    /// <summary>Broker ids are 1 to this number.</summary>
    public int Brokers { get; init; } = 1;

    /// <summary>Kafka 3.3 to 3.6 refuse more than one directory in KRaft mode.</summary>
    public int LogDirsPerBroker { get; init; } = 1;

    /// <summary>rack-1 to this number, in turn; 0: brokers without a rack.</summary>
    public int Racks { get; init; } = 3;

    /// <summary>One controller (node 100) apart from the brokers, so that killing a broker never touches the quorum.</summary>
    public bool DedicatedController { get; init; } = true;

    /// <summary>One ZooKeeper (it is <see cref="RealKafka.Controller"/>, node 100) instead of KRaft; only before 4.0. The brokers choose the cluster id.</summary>
    public bool ZooKeeper { get; init; }

    /// <summary>TLS, SASL and ACLs on the listeners that <see cref="RealKafka.Security"/> names.</summary>
    public bool Secure { get; init; }

    /// <summary>Kafka's own default is 9 s.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(9);

    /// <summary>Further lines of every broker's server.properties; they win over the fixture's own.</summary>
    public IReadOnlyDictionary<string, string> BrokerConfig { get; init; } = new Dictionary<string, string>();

    public int BrokerHeapMegabytes { get; init; } = 256;

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(180);
}
