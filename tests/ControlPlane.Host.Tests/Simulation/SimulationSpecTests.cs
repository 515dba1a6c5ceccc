using ControlPlane.Engine.Analyzer;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class SimulationSpecTests
{
    [Fact]
    public void Json_of_a_spec_reads_back_as_the_same_spec()
    {
        var spec = new SimulationSpec { Brokers = 9, Racks = 0, Topics = 7, Troubled = true, Seed = -4 };

        Assert.True(SimulationSpec.TryParse(spec.ToJson(), out var read, out _));
        Assert.Equal(spec, read);
    }

    [Theory]
    [InlineData("""{"brokers":0}""", "brokers")]
    [InlineData("""{"brokers":3,"racks":4}""", "racks")]
    [InlineData("""{"brokers":2,"racks":1,"replicationFactor":3}""", "replicationFactor")]
    [InlineData("""{"logDirsPerBroker":17}""", "logDirsPerBroker")]
    [InlineData("""{"topics":-1}""", "topics")]
    [InlineData("""{"topics":200000,"partitionsPerTopic":100}""", "partitionsPerTopic")]
    [InlineData("""{"topics":0,"groups":2}""", "groups")]
    [InlineData("""{"groups":10001}""", "groups")]
    [InlineData("""{"kilobytesPerSecondPerBroker":0}""", "kilobytesPerSecondPerBroker")]
    [InlineData("""{"brokers":"six"}""", "brokers")]
    [InlineData("""{"bananas":1}""", "bananas")]
    [InlineData("[]", "simulation")]
    [InlineData("{", "simulation")]
    public void A_wrong_spec_names_the_field_and_what_is_expected(string json, string field)
    {
        Assert.False(SimulationSpec.TryParse(json, out _, out var errors));

        Assert.Equal(field, Assert.Single(errors).Field);
        Assert.Matches("xpected|holds at most", errors[0].Message);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        Assert.False(SimulationSpec.TryParse("""{"brokers":0,"topics":-1,"groups":-1}""", out _, out var errors));

        Assert.Equal(["brokers", "topics", "groups"], errors.Select(error => error.Field));
    }

    [Fact]
    public void Every_cluster_of_the_demo_fleet_can_be_built_and_has_a_name_of_its_own()
    {
        Assert.All(DemoFleet.Clusters, cluster => Assert.Empty(cluster.Spec.Validate()));
        Assert.Equal(DemoFleet.Clusters.Length, DemoFleet.Clusters.Select(cluster => cluster.Id).Distinct().Count());
        Assert.Single(DemoFleet.Clusters, cluster => cluster.Spec.Troubled);
    }

    /// <summary>Where a rack has two brokers the survivor takes all that the other had, at the throttle that plans usually have.</summary>
    [Fact]
    public void The_lab_of_the_demo_fleet_heals_in_minutes()
    {
        var spec = DemoFleet.Clusters.Single(cluster => cluster.Id.Value == "lab").Spec;
        var world = SimulatedKafka.Create(spec, new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero)).World;

        Assert.Equal(2, spec.Brokers / spec.Racks);
        Assert.All(world.Brokers, broker => Assert.InRange(
            Enumerable.Range(0, broker.LogDirs.Length).Sum(dir => world.BytesIn(broker.Id, dir)) / (double)ExecutionLimits.Default.ThrottleBytesPerSecond!.Value, 30, 180));
    }

    [Fact]
    public void Topic_names_never_repeat() =>
        Assert.Equal(100_000, Enumerable.Range(0, 100_000).Select(SimulatedNames.Topic).Distinct(StringComparer.Ordinal).Count());
}
