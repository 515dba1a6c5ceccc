using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class ScaleTests
{
    [Fact]
    public void A_thousand_brokers_with_half_a_million_partitions_fit_and_cost_nothing_while_idle()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var kafka = SimulatedKafka.Create(
            new SimulationSpec { Brokers = 1_000, Racks = 10, LogDirsPerBroker = 2, Topics = 5_000, PartitionsPerTopic = 100, Groups = 500, Seed = 1 },
            SimulatedWorld.Start);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(500_050, kafka.PublishPartitions().PartitionCount);
        Assert.InRange(bytes, 0, 250L << 20);

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        kafka.AdvanceTo(SimulatedWorld.Start.AddDays(1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 1 << 20);
        GC.KeepAlive(kafka);
    }
}
