using ControlPlane.Clusters;
using ControlPlane.Simulation;
using ControlPlane.Storage;

namespace ControlPlane.Hosting;

/// <summary>Opens simulated clusters from their stored shape.</summary>
internal sealed class SimulatedKafkaSource(TimeProvider time) : IKafkaClusterSource
{
    public ClusterKind Kind => ClusterKind.Simulated;

    public IKafkaCluster Open(ClusterDefinition definition, ClusterSecrets secrets) =>
        SimulationSpec.TryParse(definition.Simulation ?? "{}", out var spec, out var errors)
            ? SimulatedKafkaCluster.Open(spec, time)
            : throw new ClusterSettingsException($"The shape of the simulated cluster '{definition.Id}' can't be built: {string.Join("; ", errors)}.");
}
