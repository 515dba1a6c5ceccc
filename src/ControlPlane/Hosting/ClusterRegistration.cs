using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;
using ControlPlane.Simulation;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;
using ClusterKind = ControlPlane.Storage.ClusterKind;

namespace ControlPlane.Hosting;

/// <summary>Registers the demo fleet and the clusters of a file, where their ids are not taken yet.</summary>
internal sealed partial class ClusterRegistration(
    ClusterStore clusters, OwnershipLoop ownership, IOptions<HostingOptions> hosting, IOptions<DemoOptions> demo, ILogger<ClusterRegistration> logger)
{
    /// <summary>A word it does not know is a mistake of whoever wrote the file, told with its line, and not passed over.</summary>
    private static readonly JsonSerializerOptions FileJson = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (demo.Value.Enabled)
        {
            foreach (var cluster in DemoFleet.Clusters)
            {
                await AddAsync(Definition(cluster), ClusterSecrets.None, cancellationToken);
            }
        }

        if (hosting.Value.RegisterFile.Length > 0)
        {
            await RegisterFileAsync(hosting.Value.RegisterFile, cancellationToken);
        }

        ownership.Nudge();
    }

    private static ClusterDefinition Definition(DemoCluster cluster) => new()
    {
        Id = cluster.Id,
        Name = cluster.DisplayName,
        Kind = ClusterKind.Simulated,
        Simulation = cluster.Spec.ToJson(),
        Labels = cluster.Labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    private static (ClusterDefinition, ClusterSecrets) Read(CreateClusterRequest request)
    {
        var id = ClusterId.TryParse(request.Id, out var parsed)
            ? parsed
            : throw new FormatException($"id '{request.Id}' is not a cluster id, expected {ClusterId.Expected}");
        var definition = new ClusterDefinition
        {
            Id = id,
            Name = string.IsNullOrWhiteSpace(request.DisplayName) ? id.Value : request.DisplayName,
            Kind = request.Kind == Contracts.ClusterKind.Simulated ? ClusterKind.Simulated : ClusterKind.Kafka,
            Labels = (request.Labels ?? ImmutableDictionary<string, string>.Empty).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
        if (definition.Kind == ClusterKind.Simulated)
        {
            var shape = JsonSerializer.Serialize(request.Simulation ?? new SimulationRequest(), JsonSerializerOptions.Web);
            return (definition with { Simulation = shape }, ClusterSecrets.None);
        }

        var connection = request.Connection is { } given && !string.IsNullOrWhiteSpace(given.BootstrapServers)
            ? given
            : throw new FormatException($"cluster '{id}' has no connection, expected at least bootstrapServers");
        var record = new ConnectionRecord
        {
            SecurityProtocol = connection.SecurityProtocol,
            SaslMechanism = connection.SaslMechanism,
            Username = connection.Username,
            Password = connection.Password,
            CaCertificate = connection.CaCertificate,
            ClientCertificate = connection.ClientCertificate,
            ClientKey = connection.ClientKey,
            VerifyHostname = connection.VerifyHostname,
            OAuthTokenEndpoint = connection.OAuthTokenEndpoint,
            OAuthClientId = connection.OAuthClientId,
            OAuthClientSecret = connection.OAuthClientSecret,
            OAuthScope = connection.OAuthScope,
        };
        return (definition with { BootstrapServers = connection.BootstrapServers, Settings = record.ToSettings() }, record.ToSecrets());
    }

    private async Task RegisterFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            var requests = await JsonSerializer.DeserializeAsync<List<CreateClusterRequest?>>(file, FileJson, cancellationToken);
            foreach (var request in requests ?? [])
            {
                await RegisterAsync(path, request, cancellationToken);
            }
        }
        catch (Exception ex) when (ex is JsonException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(path, ex.Message);
        }
    }

    /// <summary>One that can't be read does not keep the others out.</summary>
    private async Task RegisterAsync(string path, CreateClusterRequest? request, CancellationToken cancellationToken)
    {
        try
        {
            var (definition, secrets) = Read(request ?? throw new FormatException("one entry of the list is null, expected a cluster"));
            await AddAsync(definition, secrets, cancellationToken);
        }
        catch (FormatException ex)
        {
            LogUnreadable(path, ex.Message);
        }
    }

    private async Task AddAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        if (await clusters.FindAsync(definition.Id, cancellationToken) is null
            && await clusters.AddAsync(definition, secrets, cancellationToken) is ClusterAddition.Added)
        {
            LogRegistered(definition.Id, definition.Kind);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster} ({Kind}) is registered")]
    private partial void LogRegistered(ClusterId cluster, ClusterKind kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "Hosting:RegisterFile {Path} was not registered in full: {Problem}. Expected a JSON list of clusters as for POST /api/v1/clusters; correct it and start again")]
    private partial void LogUnreadable(string path, string problem);
}
