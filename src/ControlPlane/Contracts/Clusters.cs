using System.Text.Json.Serialization;

namespace ControlPlane.Contracts;

/// <summary>Whether a cluster is Apache Kafka or simulated.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClusterKind>))]
public enum ClusterKind
{
    [JsonStringEnumMemberName("kafka")]
    Kafka,

    [JsonStringEnumMemberName("simulated")]
    Simulated,
}

/// <summary>One row of the fleet. Everything that is not known is null.</summary>
/// <param name="Owner">Name of the process that owns it; null while nobody does.</param>
/// <param name="DataAgeSeconds">Age of the oldest of the frequent samples.</param>
/// <param name="DiskFullestRatio">Used share of the fullest log dir, 0..1.</param>
/// <param name="WorstGroup">Group with the highest lag.</param>
public sealed record ClusterSummaryDto(
    string Id,
    string DisplayName,
    ClusterKind Kind,
    IReadOnlyDictionary<string, string> Labels,
    StatusWord Status,
    string Sentence,
    string? KafkaClusterId,
    string? Release,
    string? Owner,
    double? DataAgeSeconds,
    int? BrokersUp,
    int? Brokers,
    int? Topics,
    int? Partitions,
    int? OfflinePartitions,
    int? UnderMinInSync,
    int? UnderReplicated,
    double? BytesIn,
    double? BytesOut,
    double? MessagesIn,
    double? DiskFullestRatio,
    int? Groups,
    string? WorstGroup,
    long? WorstGroupLag,
    double? Completeness);

/// <summary>Everything the overview page shows of a cluster.</summary>
public sealed record ClusterOverviewDto(
    ClusterSummaryDto Summary,
    ControllerDto Controller,
    IReadOnlyList<FindingDto> Findings,
    IReadOnlyList<BrokerDto> Brokers,
    CompletenessDto Completeness,
    IReadOnlyList<FreshnessDto> Freshness,
    int? Reassigning,
    int? NotPreferredLeader,
    int? OfflineLogDirs,
    DateTimeOffset? At,
    long Generation);

/// <summary>Who keeps the metadata. Mode is kraft or zookeeper.</summary>
public sealed record ControllerDto(string? Mode, int? ActiveId, int? Epoch, IReadOnlyList<QuorumReplicaDto> Voters, IReadOnlyList<QuorumReplicaDto> Observers);

/// <summary>A voter or observer of the metadata quorum; lag in records behind the leader.</summary>
public sealed record QuorumReplicaDto(int Id, long? LogEndOffset, long? Lag, DateTimeOffset? LastCaughtUp);

/// <summary>How much of the cluster the numbers cover, each 0..1.</summary>
public sealed record CompletenessDto(double Brokers, double Partitions, double LogDirs, double Offsets, double Rates);

/// <summary>A managed cluster's settings, without secrets.</summary>
/// <param name="Version">Send it back as If-Match (ETag) with an edit; a stale one is refused.</param>
public sealed record ClusterDto(
    string Id,
    string DisplayName,
    ClusterKind Kind,
    IReadOnlyDictionary<string, string> Labels,
    ConnectionDto? Connection,
    string? KafkaClusterId,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long Version);

/// <summary>How to reach a Kafka cluster; of secrets only whether they are set.</summary>
public sealed record ConnectionDto(
    string BootstrapServers,
    string SecurityProtocol,
    string? SaslMechanism,
    string? Username,
    bool HasPassword,
    string? CaCertificate,
    string? ClientCertificate,
    bool HasClientKey,
    bool VerifyHostname,
    string? OAuthTokenEndpoint,
    string? OAuthClientId,
    bool HasOAuthClientSecret,
    string? OAuthScope);

/// <summary>How to reach a Kafka cluster. In an edit, a secret that is null keeps its stored value.</summary>
public sealed record ConnectionRequest
{
    public required string BootstrapServers { get; init; }

    /// <summary>PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.</summary>
    public string SecurityProtocol { get; init; } = "PLAINTEXT";

    /// <summary>PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER.</summary>
    public string? SaslMechanism { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>PEM; null: the system's authorities.</summary>
    public string? CaCertificate { get; init; }

    public string? ClientCertificate { get; init; }

    public string? ClientKey { get; init; }

    public bool VerifyHostname { get; init; } = true;

    public string? OAuthTokenEndpoint { get; init; }

    public string? OAuthClientId { get; init; }

    public string? OAuthClientSecret { get; init; }

    public string? OAuthScope { get; init; }
}

/// <summary>A cluster to be managed: real with a connection, or simulated with its shape.</summary>
public sealed record CreateClusterRequest
{
    public required string Id { get; init; }

    public string? DisplayName { get; init; }

    public ClusterKind Kind { get; init; } = ClusterKind.Kafka;

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public ConnectionRequest? Connection { get; init; }

    public SimulationRequest? Simulation { get; init; }
}

/// <summary>The shape of a simulated cluster.</summary>
public sealed record SimulationRequest
{
    public int Brokers { get; init; } = 6;

    public int Racks { get; init; } = 3;

    public int LogDirsPerBroker { get; init; } = 2;

    public int Topics { get; init; } = 40;

    public int PartitionsPerTopic { get; init; } = 12;

    public int ReplicationFactor { get; init; } = 3;

    public int Groups { get; init; } = 8;

    /// <summary>Produced on the average for each broker.</summary>
    public int KilobytesPerSecondPerBroker { get; init; } = 6_000;

    public int Seed { get; init; } = 1;

    /// <summary>Trouble that comes and goes by itself, for demos.</summary>
    public bool Troubled { get; init; }
}

/// <summary>An edit of a cluster's settings.</summary>
public sealed record UpdateClusterRequest
{
    public required string DisplayName { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public ConnectionRequest? Connection { get; init; }
}

/// <summary>A connection to be tried without saving it. With ClusterId, secrets that are null are taken from that cluster.</summary>
public sealed record ConnectionTestRequest
{
    public required ConnectionRequest Connection { get; init; }

    public string? ClusterId { get; init; }
}

/// <summary>What the trial found: either what the cluster is, or what failed and what to do.</summary>
/// <param name="Missing">Permissions or APIs that are missing, each with what it costs and how to get it.</param>
public sealed record ConnectionTestDto(
    bool Succeeded,
    string Sentence,
    string? KafkaClusterId,
    string? Release,
    string? Mode,
    int? Brokers,
    IReadOnlyList<string> Capabilities,
    IReadOnlyList<string> Missing,
    IReadOnlyList<FailureDto> Failures);
