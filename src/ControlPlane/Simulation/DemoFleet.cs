using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>One cluster of the demo as it is to be registered.</summary>
internal sealed record DemoCluster(ClusterId Id, string DisplayName, ImmutableDictionary<string, string> Labels, SimulationSpec Spec);

/// <summary>The clusters that `./run` shows without any Kafka: of different shapes, one in which trouble comes and goes, and one so small that it heals in minutes.</summary>
internal static class DemoFleet
{
    public static ImmutableArray<DemoCluster> Clusters { get; } =
    [
        Cluster("prod-eu", "Production EU", "production", "eu-west", new SimulationSpec { Brokers = 12, Racks = 3, LogDirsPerBroker = 2, Topics = 120, PartitionsPerTopic = 12, Groups = 24, Seed = 101 }),
        Cluster("prod-us", "Production US", "production", "us-east", new SimulationSpec { Brokers = 9, Racks = 3, LogDirsPerBroker = 2, Topics = 90, PartitionsPerTopic = 12, Groups = 18, Seed = 202 }),
        Cluster("analytics", "Analytics", "production", "eu-west", new SimulationSpec { Brokers = 6, Racks = 3, LogDirsPerBroker = 6, Topics = 40, PartitionsPerTopic = 24, Groups = 10, Seed = 303 }),
        Cluster("edge", "Edge", "production", "edge", new SimulationSpec { Brokers = 3, Racks = 0, LogDirsPerBroker = 1, Topics = 15, PartitionsPerTopic = 6, Groups = 5, Seed = 404 }),
        Cluster("staging", "Staging", "staging", "eu-west", new SimulationSpec { Brokers = 3, Racks = 3, LogDirsPerBroker = 2, Topics = 30, PartitionsPerTopic = 6, Groups = 8, Seed = 505, Troubled = true }),
        Cluster("lab", "Lab, heals in minutes", "staging", "eu-west", new SimulationSpec { Brokers = 6, Racks = 3, LogDirsPerBroker = 2, Topics = 12, PartitionsPerTopic = 6, Groups = 4, KilobytesPerSecondPerBroker = 16, Seed = 606 }),
    ];

    private static DemoCluster Cluster(string id, string name, string environment, string region, SimulationSpec spec) =>
        new(new ClusterId(id), name, ImmutableDictionary.CreateRange(StringComparer.Ordinal, [new("environment", environment), new("region", region), KeyValuePair.Create("demo", "true")]), spec);
}
