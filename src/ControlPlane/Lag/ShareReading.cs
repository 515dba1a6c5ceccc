using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Lag;

/// <summary>Reads shares of offsets topics for the processes that own their clusters.</summary>
internal sealed partial class ShareReading(ClusterStore clusters, KafkaClusterFactory factory, ILogger<ShareReading> logger)
{
    /// <summary>A connection of its own; null where no such cluster is registered.</summary>
    /// <exception cref="SpreadException">The cluster can't be opened here.</exception>
    public async Task<OpenShare?> OpenAsync(ClusterId id, OffsetsShare share, CancellationToken cancellationToken)
    {
        if (await clusters.FindAsync(id, cancellationToken) is not { } stored)
        {
            return null;
        }

        try
        {
            var kafka = await factory.OpenAsync(stored.Definition, await clusters.LoadSecretsAsync(id, cancellationToken), cancellationToken);
            return new OpenShare(kafka, share, why => LogEnded(id, share.Index, share.Of, why), () => LogBegun(id, share.Index, share.Of));
        }
        catch (Exception ex) when (ex is ClusterSettingsException or Storage.Secrets.SecretUnreadableException)
        {
            throw new SpreadException(ex.Message, ex);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: share {Share} of {Shares} of __consumer_offsets is read here for its owner")]
    private partial void LogBegun(ClusterId cluster, int share, int shares);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: share {Share} of {Shares} of __consumer_offsets is no longer read here: {Why}")]
    private partial void LogEnded(ClusterId cluster, int share, int shares, string why);
}

/// <summary>A share that can be read; its connection is closed when disposed.</summary>
internal sealed class OpenShare(IKafkaCluster kafka, OffsetsShare share, Action<string> ended, Action begun) : IAsyncDisposable
{
    /// <summary>Until cancelled.</summary>
    /// <exception cref="SpreadException">Clusters of this kind have no log of commits, or it can't be sent.</exception>
    public async Task ShipAsync(Stream to, CancellationToken cancellationToken)
    {
        var ship = kafka.ShipOffsets ?? throw new SpreadException("clusters of this kind have no offsets topic");
        begun();
        try
        {
            await ship(share, to, cancellationToken);
        }
        catch (Exception ex)
        {
            ended(cancellationToken.IsCancellationRequested ? "its owner asks no more, or this process stops" : ex.Message);
            throw;
        }
    }

    public ValueTask DisposeAsync() => kafka.DisposeAsync();
}
