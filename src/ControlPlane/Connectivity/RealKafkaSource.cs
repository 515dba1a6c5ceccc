using ControlPlane.Clusters;
using ControlPlane.Kafka.Connections;
using ControlPlane.Storage;

namespace ControlPlane.Connectivity;

/// <summary>Opens real clusters from their stored connection.</summary>
internal sealed class RealKafkaSource(IHttpClientFactory http, TimeProvider time) : IKafkaClusterSource
{
    public const string HttpClientName = "kafka-oauth";

    public ClusterKind Kind => ClusterKind.Kafka;

    public Task<IKafkaCluster> OpenAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        var settings = ConnectionSettings.Of(definition, ConnectionRecord.Read(definition, secrets));
        var errors = settings.Validate();
        return errors.Count == 0
            ? Task.FromResult<IKafkaCluster>(new RealKafkaCluster(settings, new KafkaNetworkOptions { Time = time, HttpClient = () => http.CreateClient(HttpClientName) }))
            : throw new ClusterSettingsException($"The connection of cluster '{definition.Id}' can't work: {string.Join("; ", errors)}.");
    }
}

/// <summary>From the words of the stored record to the settings of the client.</summary>
internal static class ConnectionSettings
{
    public static KafkaConnectionSettings Of(ClusterDefinition definition, ConnectionRecord record) => new()
    {
        BootstrapServers = (definition.BootstrapServers ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        SecurityProtocol = Word(record.SecurityProtocol, Enum.GetValues<SecurityProtocol>(), protocol => protocol.KafkaName(), "security protocol"),
        SaslMechanism = string.IsNullOrEmpty(record.SaslMechanism)
            ? null
            : Word(record.SaslMechanism, Enum.GetValues<SaslMechanism>(), mechanism => mechanism.KafkaName(), "SASL mechanism"),
        Username = record.Username,
        Password = record.Password,
        CaPem = record.CaCertificate,
        ClientCertificatePem = record.ClientCertificate,
        ClientKeyPem = record.ClientKey,
        VerifyHostname = record.VerifyHostname,
        OAuth = record.OAuthTokenEndpoint is null
            ? null
            : new OAuthBearerSettings
            {
                TokenEndpoint = record.OAuthTokenEndpoint,
                ClientId = record.OAuthClientId ?? "",
                ClientSecret = record.OAuthClientSecret ?? "",
                Scope = record.OAuthScope,
            },
        ClusterTag = definition.Id.Value,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        RequestTimeout = TimeSpan.FromSeconds(15),
    };

    private static T Word<T>(string text, T[] values, Func<T, string> name, string what) =>
        values.FirstOrDefault(value => string.Equals(name(value), text.Trim(), StringComparison.OrdinalIgnoreCase)) is { } found
        && string.Equals(name(found), text.Trim(), StringComparison.OrdinalIgnoreCase)
            ? found
            : throw new ClusterSettingsException($"'{text}' is no {what}. Expected one of {string.Join(", ", values.Select(name))}.");
}
