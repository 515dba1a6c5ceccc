namespace ControlPlane.Kafka.Connections;

/// <summary>
/// How one cluster is reached. The same record drives this client and, through <see cref="ToLibrdkafka"/>, Confluent.Kafka.
/// Carries secrets: its text form leaves them out.
/// </summary>
public sealed record KafkaConnectionSettings
{
    /// <summary>Each host:port; any one that answers is enough.</summary>
    public required IReadOnlyList<string> BootstrapServers { get; init; }

    public SecurityProtocol SecurityProtocol { get; init; } = SecurityProtocol.Plaintext;

    public SaslMechanism? SaslMechanism { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    public OAuthBearerSettings? OAuth { get; init; }

    /// <summary>Authorities to trust, PEM. Null: those of the operating system.</summary>
    public string? CaPem { get; init; }

    /// <summary>The client's certificate for mutual TLS, PEM, followed by its intermediates.</summary>
    public string? ClientCertificatePem { get; init; }

    public string? ClientKeyPem { get; init; }

    /// <summary>Only for an encrypted <see cref="ClientKeyPem"/>.</summary>
    public string? ClientKeyPassword { get; init; }

    /// <summary>Whether the broker's certificate must name the host that was connected to.</summary>
    public bool VerifyHostname { get; init; } = true;

    public string ClientId { get; init; } = "kafka-control-plane";

    /// <summary>The name of the cluster in metrics.</summary>
    public string ClusterTag { get; init; } = "";

    /// <summary>For a whole new connection: name lookup, TCP, TLS, versions and login together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shorter than the brokers' connections.max.idle.ms (10 min), so that we close and not they.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>The largest answer that is accepted. Nothing is allocated for a larger one.</summary>
    public int MaxResponseBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Everything that is wrong, not only the first; empty where all is well.</summary>
    public IReadOnlyList<SettingError> Validate() => SettingsValidator.Validate(this);

    /// <summary>
    /// The same connection in librdkafka's keys. OAUTHBEARER has no token settings there: librdkafka fetches tokens only
    /// when built with libcurl, so its owner sets the token refresh handler with <see cref="OAuthTokenSource"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> ToLibrdkafka() => LibrdkafkaKeys.Of(this);

    public override string ToString()
    {
        var login = SaslMechanism is { } mechanism ? $", {mechanism.KafkaName()} as {Username ?? OAuth?.ClientId ?? "(nobody)"}" : "";
        return $"{string.Join(',', BootstrapServers)} ({SecurityProtocol.KafkaName()}{login})";
    }
}

/// <summary>Where OAUTHBEARER tokens come from: the client credentials grant of RFC 6749.</summary>
public sealed record OAuthBearerSettings
{
    public required string TokenEndpoint { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    public string? Scope { get; init; }

    /// <summary>SASL extensions of RFC 7628, sent to the broker along with the token.</summary>
    public IReadOnlyDictionary<string, string> Extensions { get; init; } = new Dictionary<string, string>();

    public override string ToString() => $"{ClientId} at {TokenEndpoint}";
}

/// <summary>One mistake in the settings, with the field that has to change.</summary>
public sealed record SettingError(string Field, string Message)
{
    public override string ToString() => $"{Field}: {Message}";
}
