namespace ControlPlane.Testing;

/// <summary>The secure broker's listeners, its certificates on disk and the credentials that work on it.</summary>
public sealed class SecureListeners
{
    public const string AdminUser = "admin";
    public const string AdminPassword = "admin-secret";
    public const string PlainUser = "alice";
    public const string PlainPassword = "alice-secret";

    private readonly string _brokerPem;
    private readonly string _caPem;

    internal SecureListeners(string folder, TestCertificates certificates, int saslSslPort, int sslPort, int saslPlaintextPort)
    {
        Certificates = certificates;
        (SaslSsl, Ssl, SaslPlaintext) = ($"127.0.0.1:{saslSslPort}", $"127.0.0.1:{sslPort}", $"127.0.0.1:{saslPlaintextPort}");
        _brokerPem = Path.Combine(folder, "broker.pem");
        _caPem = Path.Combine(folder, "ca.pem");
        File.WriteAllText(_brokerPem, certificates.BrokerKeyPem + "\n" + certificates.BrokerPem + "\n" + certificates.CaPem + "\n");
        File.WriteAllText(_caPem, certificates.CaPem + "\n");
    }

    /// <summary>SCRAM-SHA-256 and -512 (admin, a super user), PLAIN (alice, who may do nothing) and OAUTHBEARER (unsigned tokens), over TLS.</summary>
    public string SaslSsl { get; }

    /// <summary>Mutual TLS: a client certificate is required. CN=client may do nothing, CN=broker everything.</summary>
    public string Ssl { get; }

    /// <summary>The mechanisms of <see cref="SaslSsl"/> without TLS.</summary>
    public string SaslPlaintext { get; }

    public TestCertificates Certificates { get; }

    internal Dictionary<string, string> BrokerConfig()
    {
        var config = new Dictionary<string, string>
        {
            ["listeners"] = $"SASL_SSL://{SaslSsl},SSL://{Ssl},SASL_PLAINTEXT://{SaslPlaintext}",
            ["inter.broker.listener.name"] = "SSL",
            ["sasl.enabled.mechanisms"] = "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER",
            ["ssl.keystore.type"] = "PEM",
            ["ssl.keystore.location"] = _brokerPem,
            ["ssl.truststore.type"] = "PEM",
            ["ssl.truststore.location"] = _caPem,
            ["ssl.client.auth"] = "required",
            ["listener.name.sasl_ssl.ssl.client.auth"] = "none",
            ["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            ["super.users"] = $"User:{AdminUser};User:CN=broker;User:ANONYMOUS",
        };
        const string Modules = "org.apache.kafka.common.security";
        foreach (var listener in (string[])["sasl_ssl", "sasl_plaintext"])
        {
            var prefix = $"listener.name.{listener}";
            config[$"{prefix}.scram-sha-256.sasl.jaas.config"] = $"{Modules}.scram.ScramLoginModule required;";
            config[$"{prefix}.scram-sha-512.sasl.jaas.config"] = $"{Modules}.scram.ScramLoginModule required;";
            config[$"{prefix}.plain.sasl.jaas.config"] = $"{Modules}.plain.PlainLoginModule required user_{PlainUser}=\"{PlainPassword}\";";
            config[$"{prefix}.oauthbearer.sasl.jaas.config"] =
                $"{Modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";";
        }

        return config;
    }
}
