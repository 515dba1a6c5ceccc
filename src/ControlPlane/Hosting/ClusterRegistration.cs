using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Api.Resources;
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
    private static readonly JsonSerializerOptions FileJson = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

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

    /// <summary>By the rules of POST /api/v1/clusters.</summary>
    private static (ClusterDefinition, ClusterSecrets) Read(CreateClusterRequest request)
    {
        var rules = new ClusterRules().Check(request);
        return rules.Errors.Count == 0
            ? ClusterSettings.Of(request)
            : throw new FormatException($"cluster '{request.Id}': {string.Join("; ", rules.Errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"))}");
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
