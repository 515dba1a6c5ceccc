using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Has other processes read shares of the offsets topics of owned clusters, where the settings ask for it.</summary>
internal sealed partial class OffsetsHiring(IOffsetsPeers peers, IOptions<LagOptions> options, TimeProvider time, ILogger<OffsetsHiring> logger)
{
    /// <summary>Null where the owner reads alone.</summary>
    public IOffsetsHiring? For(ClusterId cluster) => options.Value.Readers > 1 ? new ForCluster(this, cluster) : null;

    private sealed class ForCluster(OffsetsHiring all, ClusterId cluster) : IOffsetsHiring
    {
        private readonly string?[] _refusals = new string?[all.Options.Readers];

        public int Readers => _refusals.Length;

        public TimeProvider Time => all.Time;

        public async Task<Hiring> HireAsync(OffsetsShare share, CancellationToken cancellationToken)
        {
            var hiring = await all.Peers.HireAsync(cluster, share, cancellationToken);
            if (hiring.Refusal is { } why)
            {
                NoteRefusal(share, why);
            }

            return hiring;
        }

        public void Began(HiredReader reader, OffsetsShare share)
        {
            _refusals[share.Index] = null;
            all.LogBegan(cluster, share.Index, share.Of, reader.Name);
        }

        public void Ended(HiredReader reader, OffsetsShare share, string why, bool hasRead)
        {
            if (hasRead)
            {
                all.LogEnded(cluster, share.Index, share.Of, reader.Name, why);
            }
            else
            {
                NoteRefusal(share, $"{reader.Name}: {why}");
            }
        }

        /// <summary>Once, and not at each try.</summary>
        private void NoteRefusal(OffsetsShare share, string why)
        {
            if (_refusals[share.Index] != why)
            {
                _refusals[share.Index] = why;
                all.LogRefused(cluster, share.Index, share.Of, why);
            }
        }
    }

    private LagOptions Options => options.Value;

    private TimeProvider Time => time;

    private IOffsetsPeers Peers => peers;

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: share {Share} of {Shares} of __consumer_offsets is read by the process at {Reader} now")]
    private partial void LogBegan(ClusterId cluster, int share, int shares, string reader);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: share {Share} of {Shares} of __consumer_offsets is read here again and no longer by the process at {Reader}: {Why}")]
    private partial void LogEnded(ClusterId cluster, int share, int shares, string reader, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: share {Share} of {Shares} of __consumer_offsets is read here, because no other process does: {Why}")]
    private partial void LogRefused(ClusterId cluster, int share, int shares, string why);
}
