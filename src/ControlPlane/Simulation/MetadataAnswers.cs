using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>What brokers tell of themselves, of the cluster, and of its partitions.</summary>
internal static class MetadataAnswers
{
    public const string Release = "4.3";

    private static readonly ImmutableArray<string> Capabilities =
    [
        "reassignments", "log dirs", "leader election", "quorum", "new consumer groups",
    ];

    public static Sampled<IdentitySample> Identify(SimulatedKafka kafka)
    {
        var round = new AnswerRound(kafka);
        var answered = round.AskAny("DescribeCluster", WireCost.DescribeCluster(kafka.Brokers.Count));
        return round.Result(answered
            ? new IdentitySample(kafka.KafkaClusterId, Release, "kraft", kafka.Brokers.Count(broker => !broker.IsFenced), Capabilities, [])
            : null);
    }

    public static Sampled<LivenessSample> Probe(SimulatedKafka kafka, IReadOnlyList<ObservedBroker> brokers)
    {
        var round = new AnswerRound(kafka);
        var probes = ImmutableArray.CreateBuilder<BrokerProbe>(brokers.Count);
        foreach (var asked in brokers)
        {
            if (!kafka.HasBroker(asked.Id))
            {
                var detail = string.Create(CultureInfo.InvariantCulture, $"connection refused by {asked.Host}:{asked.Port}; no broker of the simulation listens there");
                probes.Add(new BrokerProbe(asked.Id, ProbeOutcome.Refused, TimeSpan.FromMilliseconds(1), detail));
                continue;
            }

            var (outcome, took, text) = round.Try(kafka.Broker(asked.Id));
            round.Spend(took, WireCost.Probe with { Received = outcome == ProbeOutcome.Answered ? WireCost.Probe.Received : 0 });
            probes.Add(new BrokerProbe(asked.Id, outcome, took, text));
        }

        return round.Result(new LivenessSample(probes.MoveToImmutable()));
    }

    public static Sampled<TopologySample> Topology(SimulatedKafka kafka)
    {
        var round = new AnswerRound(kafka);
        var table = kafka.PublishPartitions();
        if (!round.AskAny("Metadata", WireCost.Metadata(table)))
        {
            return round.Result<TopologySample>(null);
        }

        round.AskAny("DescribeCluster", WireCost.DescribeCluster(kafka.Brokers.Count));
        var brokers = kafka.Brokers.Select(broker => new ObservedBroker(broker.Id, broker.Host, broker.Port, broker.Rack, broker.IsFenced));
        var any = kafka.Brokers.First(broker => !broker.IsFenced && broker.IsServing).Id;
        return round.Result(new TopologySample(kafka.KafkaClusterId, any, [.. brokers], table));
    }

    public static Sampled<QuorumSample> Quorum(SimulatedKafka kafka)
    {
        var round = new AnswerRound(kafka);
        return round.Result(round.AskAny("DescribeQuorum", WireCost.Quorum(kafka.Brokers.Count + 3)) ? kafka.Quorum.Describe() : null);
    }

    public static Sampled<ReassignmentsSample> Reassignments(SimulatedKafka kafka)
    {
        var round = new AnswerRound(kafka);
        if (!round.AskAny("ListPartitionReassignments", WireCost.Reassignments(kafka.Reassigning.Count)))
        {
            return round.Result<ReassignmentsSample>(null);
        }

        var layout = kafka.World.Partitions.Layout;
        var running = kafka.Reassigning.Select(partition =>
        {
            var replicas = kafka.World.Partitions.ReplicasOf(partition);
            return new ObservedReassignment(
                layout.TopicName[layout.Topic[partition]],
                layout.NumberOf(partition),
                [.. replicas.Select(replica => replica.Broker)],
                Marked(replicas, ReplicaFlags.Adding),
                Marked(replicas, ReplicaFlags.Removing));
        });
        return round.Result(new ReassignmentsSample([.. running]));
    }

    private static ImmutableArray<int> Marked(ReplicaSlot[] replicas, ReplicaFlags mark) =>
        [.. replicas.Where(replica => (replica.Flags & mark) != ReplicaFlags.None).Select(replica => replica.Broker)];
}
