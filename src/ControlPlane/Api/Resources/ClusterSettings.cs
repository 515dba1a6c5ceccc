using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using ContractKind = ControlPlane.Contracts.ClusterKind;
using StoredKind = ControlPlane.Storage.ClusterKind;

namespace ControlPlane.Api.Resources;

/// <summary>Between the contract's words for a cluster's settings and the stored ones. Secrets go in and never come out.</summary>
internal static class ClusterSettings
{
    public static ClusterDto ToDto(StoredCluster cluster, ClusterSecrets secrets) => new(
        cluster.Id.Value,
        cluster.Definition.Name,
        KindOf(cluster),
        cluster.Definition.Labels,
        Connection(cluster, secrets),
        cluster.Definition.KafkaClusterId,
        cluster.CreatedAt,
        cluster.UpdatedAt,
        cluster.Version);

    public static ContractKind KindOf(StoredCluster cluster) => cluster.Definition.Kind == StoredKind.Simulated ? ContractKind.Simulated : ContractKind.Kafka;

    public static ConnectionDto? Connection(StoredCluster cluster, ClusterSecrets secrets)
    {
        if (cluster.Definition.Kind != StoredKind.Kafka)
        {
            return null;
        }

        var record = ConnectionRecord.Read(cluster.Definition, secrets);
        return new ConnectionDto(
            cluster.Definition.BootstrapServers ?? "",
            record.SecurityProtocol,
            record.SaslMechanism,
            record.Username,
            record.Password is not null,
            record.CaCertificate,
            record.ClientCertificate,
            record.ClientKey is not null,
            record.VerifyHostname,
            record.OAuthTokenEndpoint,
            record.OAuthClientId,
            record.OAuthClientSecret is not null,
            record.OAuthScope);
    }

    public static (ClusterDefinition Definition, ClusterSecrets Secrets) Of(CreateClusterRequest request)
    {
        var definition = new ClusterDefinition
        {
            Id = new ClusterId(request.Id),
            Name = string.IsNullOrWhiteSpace(request.DisplayName) ? request.Id : request.DisplayName.Trim(),
            Kind = request.Kind == ContractKind.Simulated ? StoredKind.Simulated : StoredKind.Kafka,
            Labels = ToLabels(request.Labels),
            Simulation = request.Kind == ContractKind.Simulated ? JsonSerializer.Serialize(request.Simulation ?? new SimulationRequest(), JsonSerializerOptions.Web) : null,
        };
        return request.Connection is { } connection ? With(definition, connection, ClusterSecrets.None) : (definition, ClusterSecrets.None);
    }

    /// <summary>A definition with another connection; a secret that was left out keeps its stored value while it is still used.</summary>
    public static (ClusterDefinition Definition, ClusterSecrets Secrets) With(ClusterDefinition definition, ConnectionRequest connection, ClusterSecrets stored)
    {
        var before = ConnectionRecord.Read(definition with { Settings = "{}" }, stored);
        var mechanism = connection.SaslMechanism;
        var record = new ConnectionRecord
        {
            SecurityProtocol = connection.SecurityProtocol,
            SaslMechanism = mechanism,
            Username = Text(connection.Username),
            Password = mechanism is null or "OAUTHBEARER" ? null : Text(connection.Password) ?? before.Password,
            CaCertificate = Text(connection.CaCertificate),
            ClientCertificate = Text(connection.ClientCertificate),
            ClientKey = connection.ClientCertificate is null ? null : Text(connection.ClientKey) ?? before.ClientKey,
            VerifyHostname = connection.VerifyHostname,
            OAuthTokenEndpoint = Text(connection.OAuthTokenEndpoint),
            OAuthClientId = Text(connection.OAuthClientId),
            OAuthClientSecret = mechanism == "OAUTHBEARER" ? Text(connection.OAuthClientSecret) ?? before.OAuthClientSecret : null,
            OAuthScope = Text(connection.OAuthScope),
        };
        var servers = string.Join(",", connection.BootstrapServers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return (definition with { BootstrapServers = servers, Settings = record.ToSettings() }, record.ToSecrets());
    }

    /// <summary>Names of the secrets an edit replaces, for the trail; their values are nobody's business.</summary>
    public static string? Replaced(ConnectionRequest? connection)
    {
        if (connection is null)
        {
            return null;
        }

        var names = new List<string>();
        AddIf(connection.Password, "password");
        AddIf(connection.ClientKey, "client key");
        AddIf(connection.OAuthClientSecret, "OAuth client secret");
        return names.Count == 0 ? null : $"New secrets: {string.Join(", ", names)}.";

        void AddIf(string? value, string name)
        {
            if (!string.IsNullOrEmpty(value))
            {
                names.Add(name);
            }
        }
    }

    public static ImmutableSortedDictionary<string, string> ToLabels(IReadOnlyDictionary<string, string>? labels) =>
        labels is null ? ImmutableSortedDictionary<string, string>.Empty : labels.ToImmutableSortedDictionary(label => label.Key.Trim(), label => label.Value, StringComparer.Ordinal);

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
