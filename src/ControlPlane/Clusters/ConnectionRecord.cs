using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>
/// How a real cluster is reached, as stored: everything but secrets in <see cref="ClusterDefinition.Settings"/> (JSON), secrets
/// sealed apart. Names are those of the REST contract, so that both sides read the same words.
/// </summary>
internal sealed record ConnectionRecord
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.</summary>
    public string SecurityProtocol { get; init; } = "PLAINTEXT";

    public string? SaslMechanism { get; init; }

    public string? Username { get; init; }

    public string? CaCertificate { get; init; }

    public string? ClientCertificate { get; init; }

    public bool VerifyHostname { get; init; } = true;

    public string? OAuthTokenEndpoint { get; init; }

    public string? OAuthClientId { get; init; }

    public string? OAuthScope { get; init; }

    [JsonIgnore]
    public string? Password { get; init; }

    [JsonIgnore]
    public string? ClientKey { get; init; }

    [JsonIgnore]
    public string? OAuthClientSecret { get; init; }

    public static ConnectionRecord Read(ClusterDefinition definition, ClusterSecrets secrets)
    {
        try
        {
            var record = JsonSerializer.Deserialize<ConnectionRecord>(definition.Settings, Json) ?? new ConnectionRecord();
            return record with
            {
                Password = Secret(nameof(Password)),
                ClientKey = Secret(nameof(ClientKey)),
                OAuthClientSecret = Secret(nameof(OAuthClientSecret)),
            };
        }
        catch (JsonException ex)
        {
            throw new ClusterSettingsException($"The stored connection settings of cluster '{definition.Id}' are not readable: {ex.Message} Enter them anew on the cluster's settings page.", ex);
        }

        string? Secret(string name) => secrets.Values.GetValueOrDefault(Name(name));
    }

    /// <summary>The JSON for <see cref="ClusterDefinition.Settings"/>; holds no secret.</summary>
    public string ToSettings() => JsonSerializer.Serialize(this, Json);

    public ClusterSecrets ToSecrets()
    {
        var values = ImmutableDictionary.CreateBuilder<string, string>();
        Add(nameof(Password), Password);
        Add(nameof(ClientKey), ClientKey);
        Add(nameof(OAuthClientSecret), OAuthClientSecret);
        return new ClusterSecrets(values.ToImmutable());

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                values[Name(name)] = value;
            }
        }
    }

    public override string ToString() => $"{SecurityProtocol} {SaslMechanism} {Username}".TrimEnd();

    private static string Name(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}
