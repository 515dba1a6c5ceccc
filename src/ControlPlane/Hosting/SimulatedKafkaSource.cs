using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Simulation;
using ControlPlane.Storage;

namespace ControlPlane.Hosting;

/// <summary>Opens simulated clusters from their stored shape, with all that was done to them before.</summary>
internal sealed partial class SimulatedKafkaSource(SimulationLog log, TimeProvider time, ILogger<SimulatedKafkaSource> logger) : IKafkaClusterSource
{
    /// <summary>A world with more behind it begins anew at its next opening: building it again would take too long.</summary>
    private const int MostCommands = 10_000;

    private static readonly TimeSpan Oldest = TimeSpan.FromDays(30);

    public ClusterKind Kind => ClusterKind.Simulated;

    public async Task<IKafkaCluster> OpenAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        if (!SimulationSpec.TryParse(definition.Simulation ?? "{}", out var spec, out var errors))
        {
            throw new ClusterSettingsException($"The shape of the simulated cluster '{definition.Id}' can't be built: {string.Join("; ", errors)}.");
        }

        var (kafka, next) = await BuildAsync(definition.Id, spec, cancellationToken);
        return new SimulatedKafkaCluster(kafka, time, new WorldLog(async (at, command, token) =>
        {
            if (!await log.AppendAsync(definition.Id, new SimulationLogEntry(next, at, command.ToJson()), token))
            {
                throw new InvalidOperationException($"The simulated cluster '{definition.Id}' is gone on with by another process, or was removed; nothing was done to it here.");
            }

            next++;
        }));
    }

    private async Task<(SimulatedKafka Kafka, long Next)> BuildAsync(ClusterId cluster, SimulationSpec spec, CancellationToken cancellationToken)
    {
        var stored = await log.LoadAsync(cluster, cancellationToken);
        var now = time.GetUtcNow();
        if (stored.Count is > 0 and <= MostCommands && now - stored[0].At < Oldest)
        {
            try
            {
                var commands = stored.Skip(1).Select(entry => (entry.At, WorldCommand.Parse(entry.Command))).ToList();
                return (WorldLog.Replay(spec, stored[0].At, commands), stored[^1].Sequence + 1);
            }
            catch (JsonException ex)
            {
                LogUnreadable(cluster, ex.Message);
            }
        }

        await log.BeginAsync(cluster, now, cancellationToken);
        return (SimulatedKafka.Create(spec, now), 1);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: what was done to its simulated world can't be read, so it begins anew: {Problem}")]
    private partial void LogUnreadable(ClusterId cluster, string problem);
}
