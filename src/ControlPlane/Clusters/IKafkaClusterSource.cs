using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>Opens clusters of one kind: real ones (Connectivity) or simulated ones (Simulation).</summary>
internal interface IKafkaClusterSource
{
    ClusterKind Kind { get; }

    /// <summary>Opens without talking to the cluster yet. Throws <see cref="ClusterSettingsException"/> for settings that can't work.</summary>
    Task<IKafkaCluster> OpenAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken);
}

/// <summary>Work that runs for each cluster that this process owns, for as long as it does: sampling, writing history.</summary>
internal interface IClusterWork
{
    Task RunAsync(OwnedCluster cluster, CancellationToken stopping);
}

/// <summary>The stored settings of a cluster can't work; the message says which and what is expected.</summary>
internal sealed class ClusterSettingsException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Opens a cluster by its stored definition, whatever its kind.</summary>
internal sealed class KafkaClusterFactory(IEnumerable<IKafkaClusterSource> sources)
{
    private readonly Dictionary<ClusterKind, IKafkaClusterSource> _sources = sources.ToDictionary(source => source.Kind);

    /// <summary>Opens without talking to the cluster yet.</summary>
    /// <exception cref="ClusterSettingsException">The settings can't work.</exception>
    public Task<IKafkaCluster> OpenAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken) =>
        _sources.TryGetValue(definition.Kind, out var source)
            ? source.OpenAsync(definition, secrets, cancellationToken)
            : throw new ClusterSettingsException($"Cluster '{definition.Id}' is of kind {definition.Kind}, which this build cannot open. Expected {string.Join(" or ", _sources.Keys)}.");
}
