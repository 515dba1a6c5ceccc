using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Xunit;

namespace ControlPlane.Engine.Tests.Sampling;

public sealed class ScaleTests
{
    private const int Brokers = 1_000;
    private const int Topics = 10_000;
    private const int PartitionsPerTopic = 50;
    private const long BudgetBytes = 16L << 20;

    [Fact] // what is allocated, not how long it takes: times are measured by bench model-scale
    public void A_round_in_which_one_percent_changed_makes_little_anew()
    {
        var (state, at) = (ClusterState.Initial(new ClusterId("large"), DateTimeOffset.UnixEpoch), DateTimeOffset.UnixEpoch);
        state = Take(state, Sample(0), at);
        var least = long.MaxValue;
        for (var round = 1; round <= 3; round++)
        {
            var (sample, table) = (Sample(round), state.Model.Partitions);
            at = at.AddSeconds(5);
            var before = GC.GetAllocatedBytesForCurrentThread();
            state = Take(state, sample, at);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.NotSame(table, state.Model.Partitions);
        }

        TestContext.Current.SendDiagnosticMessage($"{least >> 20} MiB allocated in a round");
        Assert.Equal(1_500_000, state.Model.Partitions.ReplicaCount);
        Assert.InRange(least, 0, BudgetBytes);
    }

    private static ClusterState Take(ClusterState state, TopologySample sample, DateTimeOffset at) =>
        ClusterLogic.Handle(state, new SampleTaken<TopologySample>(SampleKind.Topology, TimeSpan.FromSeconds(5), new(at, sample, [])), at).State;

    private static TopologySample Sample(int round)
    {
        const int Count = Topics * PartitionsPerTopic;
        var table = new PartitionTable
        {
            TopicName = [.. Enumerable.Range(0, Topics).Select(topic => $"topic-{topic:00000}")],
            TopicId = [.. Enumerable.Range(0, Topics).Select(topic => new Guid(topic, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))],
            TopicInternal = new bool[Topics],
            TopicMinInSync = [.. Enumerable.Repeat((short)2, Topics)],
            TopicStart = [.. Enumerable.Range(0, Topics + 1).Select(topic => topic * PartitionsPerTopic)],
            Topic = [.. Enumerable.Range(0, Count).Select(p => p / PartitionsPerTopic)],
            Leader = [.. Enumerable.Range(0, Count).Select(p => (p + (p % 100 == round ? 1 : 0)) % Brokers)],
            LeaderEpoch = [.. Enumerable.Range(0, Count).Select(p => p % 100 == round ? round : 0)],
            ReplicaStart = [.. Enumerable.Range(0, Count + 1).Select(p => 3 * p)],
            ReplicaBroker = [.. Enumerable.Range(0, 3 * Count).Select(slot => ((slot / 3) + (slot % 3)) % Brokers)],
            ReplicaFlags = [.. Enumerable.Range(0, 3 * Count).Select(slot => slot / 3 % 100 == round && slot % 3 == 0 ? ReplicaFlags.None : ReplicaFlags.InSync)],
        };
        return new TopologySample("large", 0, [.. Enumerable.Range(0, Brokers).Select(id => new ObservedBroker(id, "h", 9092, null, false))], table);
    }
}
