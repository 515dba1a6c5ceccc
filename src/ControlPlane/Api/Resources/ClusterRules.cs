using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Resources;

/// <summary>What a cluster's settings must be before they are stored; collects every mistake under its field.</summary>
internal sealed class ClusterRules
{
    private const int MaxName = 100;
    private const int MaxLabels = 30;
    private const int MaxText = 500;
    private const int MaxPem = 200_000;

    private static readonly string[] Protocols = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
    private static readonly string[] Mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"];

    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string[]> Errors => _errors;

    public ClusterRules Check(CreateClusterRequest request)
    {
        RefuseIf(!ClusterId.TryParse(request.Id, out _), "id", $"Expected: {ClusterId.Expected}.");
        RefuseIf(!Enum.IsDefined(request.Kind), "kind", "Expected: kafka or simulated.");
        Name(request.DisplayName);
        Labels(request.Labels);
        if (request.Kind == ClusterKind.Kafka)
        {
            RefuseIf(request.Connection is null, "connection", "A Kafka cluster needs one. Expected: at least bootstrapServers.");
            RefuseIf(request.Simulation is not null, "simulation", "Only a cluster of the kind simulated has one.");
        }
        else
        {
            RefuseIf(request.Connection is not null, "connection", "Only a cluster of the kind kafka has one.");
            Simulation(request.Simulation);
        }

        return request is { Kind: ClusterKind.Kafka, Connection: { } connection } ? Check(connection, null) : this;
    }

    public ClusterRules Check(UpdateClusterRequest request, ClusterKind kind, ConnectionDto? stored)
    {
        RefuseIf(string.IsNullOrWhiteSpace(request.DisplayName), "displayName", "It is empty.");
        Name(request.DisplayName);
        Labels(request.Labels);
        RefuseIf(kind == ClusterKind.Simulated && request.Connection is not null, "connection", "Only a cluster of the kind kafka has one.");
        RefuseIf(kind == ClusterKind.Kafka && request.Connection is null, "connection", "A Kafka cluster needs one. Expected: the one of the last GET, with what changed.");
        return kind == ClusterKind.Kafka && request.Connection is { } connection ? Check(connection, stored) : this;
    }

    /// <summary>A connection, by itself or as part of a cluster.</summary>
    /// <param name="connection">What was sent.</param>
    /// <param name="stored">Tells which secrets are stored already, so that they may be left out.</param>
    public ClusterRules Check(ConnectionRequest connection, ConnectionDto? stored)
    {
        Bootstrap(connection.BootstrapServers);
        Word(connection.SecurityProtocol, "connection.securityProtocol", Protocols);
        var isSasl = connection.SecurityProtocol.StartsWith("SASL_", StringComparison.Ordinal);
        var isTls = connection.SecurityProtocol.EndsWith("SSL", StringComparison.Ordinal);
        RefuseIf(isSasl && connection.SaslMechanism is null, "connection.saslMechanism", $"{connection.SecurityProtocol} needs one. Expected: {string.Join(", ", Mechanisms)}.");
        RefuseIf(!isSasl && connection.SaslMechanism is not null, "connection.saslMechanism", $"{connection.SecurityProtocol} has none. Expected: SASL_PLAINTEXT or SASL_SSL as security protocol, or no mechanism.");
        if (connection.SaslMechanism is { } mechanism && isSasl)
        {
            Word(mechanism, "connection.saslMechanism", Mechanisms);
            Sasl(connection, mechanism, stored);
        }

        Tls(connection, isTls, stored);
        Short(connection.Username, "connection.username");
        Short(connection.OAuthClientId, "connection.oAuthClientId");
        Short(connection.OAuthScope, "connection.oAuthScope");
        return this;
    }

    private void Sasl(ConnectionRequest connection, string mechanism, ConnectionDto? stored)
    {
        if (mechanism != "OAUTHBEARER")
        {
            RefuseIf(string.IsNullOrEmpty(connection.Username), "connection.username", $"{mechanism} needs one.");
            RefuseIf(string.IsNullOrEmpty(connection.Password) && stored?.HasPassword != true, "connection.password", $"{mechanism} needs one.");
            return;
        }

        // A name and password inside the URL would be shown with it: secrets have their own field.
        var isUrl = Uri.TryCreate(connection.OAuthTokenEndpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && string.IsNullOrEmpty(uri.UserInfo);
        RefuseIf(!isUrl, "connection.oAuthTokenEndpoint", "Expected: the http(s) URL of the token endpoint, without user and password in it.");
        RefuseIf(string.IsNullOrEmpty(connection.OAuthClientId), "connection.oAuthClientId", "OAUTHBEARER needs one.");
        RefuseIf(string.IsNullOrEmpty(connection.OAuthClientSecret) && stored?.HasOAuthClientSecret != true, "connection.oAuthClientSecret", "OAUTHBEARER needs one.");
    }

    private void Tls(ConnectionRequest connection, bool isTls, ConnectionDto? stored)
    {
        RefuseIf(!isTls && (connection.CaCertificate ?? connection.ClientCertificate ?? connection.ClientKey) is not null, "connection.securityProtocol", $"{connection.SecurityProtocol} does not use certificates. Expected: SSL or SASL_SSL, or no certificates.");
        Certificates(connection.CaCertificate, "connection.caCertificate");
        Certificates(connection.ClientCertificate, "connection.clientCertificate");
        RefuseIf(connection.ClientCertificate is not null && string.IsNullOrEmpty(connection.ClientKey) && stored?.HasClientKey != true, "connection.clientKey", "A client certificate needs its private key.");
        RefuseIf(connection.ClientKey is not null && connection.ClientCertificate is null, "connection.clientCertificate", "A private key needs its certificate.");
        RefuseIf(connection.ClientKey is { } key && !(key.Length <= MaxPem && PemEncoding.TryFind(key, out var found) && key[found.Label].EndsWith("PRIVATE KEY", StringComparison.Ordinal)), "connection.clientKey", "It is not a private key. Expected: PEM text that begins with -----BEGIN PRIVATE KEY-----.");
    }

    private void Certificates(string? pem, string field)
    {
        if (pem is null)
        {
            return;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem.Length <= MaxPem ? pem : "");
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        RefuseIf(certificates.Count == 0, field, "It holds no certificate. Expected: PEM text that begins with -----BEGIN CERTIFICATE-----.");
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }

    private void Bootstrap(string servers)
    {
        const string Field = "connection.bootstrapServers";
        const string Expected = "Expected: host:port, several with commas between.";
        var parts = servers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        RefuseIf(parts.Length == 0, Field, $"It is empty. {Expected}");
        RefuseIf(servers.Length > 4000 || parts.Length > 100, Field, "It is too long. Expected: at most 100 servers.");
        foreach (var part in parts.Take(100))
        {
            var colon = part.LastIndexOf(':');
            var host = colon > 0 ? part[..colon].Trim('[', ']') : "";
            var isPort = int.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535;
            if (!isPort || Uri.CheckHostName(host) == UriHostNameType.Unknown)
            {
                RefuseIf(true, Field, $"'{(part.Length > 100 ? part[..100] : part)}' is not an address. {Expected}");
                return;
            }
        }
    }

    private void Simulation(SimulationRequest? shape)
    {
        if (shape is null)
        {
            return;
        }

        Range(shape.Brokers, 1, 1000, "simulation.brokers");
        Range(shape.Racks, 1, 100, "simulation.racks");
        Range(shape.LogDirsPerBroker, 1, 24, "simulation.logDirsPerBroker");
        Range(shape.Topics, 0, 100_000, "simulation.topics");
        Range(shape.PartitionsPerTopic, 1, 1000, "simulation.partitionsPerTopic");
        Range(shape.ReplicationFactor, 1, 10, "simulation.replicationFactor");
        Range(shape.Groups, 0, 10_000, "simulation.groups");
        Range(shape.KilobytesPerSecondPerBroker, 1, 100_000, "simulation.kilobytesPerSecondPerBroker");
        RefuseIf(shape.ReplicationFactor > shape.Brokers, "simulation.replicationFactor", "It is greater than the number of brokers.");
        RefuseIf((long)shape.Topics * shape.PartitionsPerTopic > 1_000_000, "simulation.topics", "Topics times partitions is greater than 1000000.");
    }

    private void Labels(IReadOnlyDictionary<string, string>? labels)
    {
        RefuseIf(labels?.Count > MaxLabels, "labels", $"There are too many. Expected: at most {MaxLabels}.");
        RefuseIf(labels?.Any(label => label.Key.Trim().Length is 0 or > 63 || label.Value is null or { Length: > 200 } || label.Key.Any(char.IsControl) || label.Value.Any(char.IsControl)) == true, "labels", "Expected: names of 1 to 63 and values of up to 200 characters, none of them control characters.");
    }

    private void Name(string? name) =>
        RefuseIf(name is not null && (name.Length > MaxName || name.Any(char.IsControl)), "displayName", $"Expected: up to {MaxName} characters, none of them a control character.");

    private void Short(string? text, string field) => RefuseIf(text?.Length > MaxText || text?.Any(char.IsControl) == true, field, $"Expected: up to {MaxText} characters, none of them a control character.");

    private void Word(string word, string field, string[] words) => RefuseIf(!words.Contains(word, StringComparer.Ordinal), field, $"'{(word.Length > 60 ? word[..60] : word)}' is not one of its words. Expected: {string.Join(", ", words)}.");

    private void Range(int value, int min, int max, string field) => RefuseIf(value < min || value > max, field, string.Create(CultureInfo.InvariantCulture, $"{value} is out of range. Expected: {min} to {max}."));

    private void RefuseIf(bool condition, string field, string message)
    {
        if (condition)
        {
            _errors[field] = _errors.TryGetValue(field, out var messages) ? [.. messages, message] : [message];
        }
    }
}
