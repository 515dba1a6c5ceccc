using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>
/// Partitions that lack in-sync replicas for no known reason: not filled or removed by a running reassignment, not on a broker
/// whose failure is known, not on one that restarts in a controlled way. One anomaly per broker that misses most.
/// </summary>
public sealed class UnderReplicatedDetector : IDetector
{
    public const string Name = "under-replicated";

    public string Kind => Name;

    /// <summary>Longer than a new reassignment needs to be listed, and a broker that came back to catch up with little.</summary>
    public TimeSpan Hold => TimeSpan.FromMinutes(1);

    /// <summary>A replica at the edge of replica.lag.time.max.ms leaves the ISR and comes back in this rhythm.</summary>
    public TimeSpan Clear => TimeSpan.FromSeconds(30);

    public Verdict Detect(DetectorInput input)
    {
        var why = input.WhyNotFresh(SampleKind.Topology, "the partitions")
            ?? input.WhyNotFresh(SampleKind.Reassignments, "the running reassignments")
            ?? input.WhyNotFresh(SampleKind.Liveness, "the brokers' answers")
            ?? (input.Model.Reassigning is null ? "the cluster does not let this product list running reassignments" : null);
        if (why is not null)
        {
            return Verdict.Suspended(why);
        }

        var isExplained = Explained(input);
        var missing = new List<(TroubledPartition Partition, int[] Brokers)>();
        foreach (var partition in input.Troubles.Partitions)
        {
            var brokers = Missing(input.Model.Partitions, partition, isExplained);
            if (brokers.Length > 0)
            {
                missing.Add((partition, brokers));
            }
        }

        return missing.Count == 0 ? Verdict.Nothing : new Verdict([.. ByBroker(input, missing).Select(entry => Report(input, entry.Broker, entry.Partitions))], []);
    }

    /// <summary>By broker index: whether replicas that miss there have a reason that is known already.</summary>
    private static bool[] Explained(DetectorInput input)
    {
        var model = input.Model;
        var isExplained = new bool[model.Brokers.Length];
        for (var index = 0; index < isExplained.Length; index++)
        {
            isExplained[index] = model.Brokers[index].State is BrokerState.Down or BrokerState.Unresponsive or BrokerState.Restarting or BrokerState.ShuttingDown or BrokerState.Starting;
        }

        // Also while a failure that has just ended is still open: its replicas catch up.
        var failed = input.Earlier.Where(seen => seen.Key.Kind == BrokerDownDetector.Name).Select(seen => seen.BrokerId)
            .Concat(input.Open.Where(open => open.Key.Kind == BrokerDownDetector.Name).Select(open => open.Last.BrokerId));
        foreach (var broker in failed)
        {
            if (broker is { } id && model.FindBroker(id) is >= 0 and var index)
            {
                isExplained[index] = true;
            }
        }

        return isExplained;
    }

    private static int[] Missing(PartitionTable table, in TroubledPartition partition, bool[] isExplained)
    {
        const ReplicaFlags NotMissing = ReplicaFlags.InSync | ReplicaFlags.Adding | ReplicaFlags.Removing;
        var replicas = table.ReplicasOf(partition.Index);
        var flags = table.FlagsOf(partition.Index);
        var count = 0;
        Span<int> brokers = stackalloc int[Math.Min(replicas.Length, 64)];
        for (var slot = 0; slot < replicas.Length && count < brokers.Length; slot++)
        {
            if ((flags[slot] & NotMissing) == ReplicaFlags.None && !isExplained[replicas[slot]])
            {
                brokers[count++] = replicas[slot];
            }
        }

        return brokers[..count].ToArray();
    }

    /// <summary>Each partition goes to one broker: one with an anomaly already, so that the subject stays; else the one that misses most.</summary>
    private static IEnumerable<(int Broker, List<TroubledPartition> Partitions)> ByBroker(
        DetectorInput input, List<(TroubledPartition Partition, int[] Brokers)> missing)
    {
        var count = new int[input.Model.Brokers.Length];
        foreach (var broker in missing.SelectMany(entry => entry.Brokers))
        {
            count[broker]++;
        }

        var isKnown = new bool[count.Length];
        foreach (var open in input.Open.Where(open => open.Key.Kind == Name && open.Last.BrokerId is not null))
        {
            if (input.Model.FindBroker(open.Last.BrokerId!.Value) is >= 0 and var index)
            {
                isKnown[index] = true;
            }
        }

        var byBroker = new SortedDictionary<int, List<TroubledPartition>>();
        foreach (var (partition, brokers) in missing)
        {
            var worst = brokers.OrderByDescending(broker => isKnown[broker]).ThenByDescending(broker => count[broker]).ThenBy(broker => broker).First();
            if (!byBroker.TryGetValue(worst, out var partitions))
            {
                byBroker[worst] = partitions = [];
            }

            partitions.Add(partition);
        }

        return byBroker.Select(entry => (entry.Key, entry.Value));
    }

    private static Detection Report(DetectorInput input, int index, List<TroubledPartition> partitions)
    {
        var broker = input.Model.Brokers[index];
        var blast = BlastRadiusOf.Partitions(input.Troubles, partitions);
        var severity = blast.Offline > 0 || blast.UnderMinInSync > 0 ? Severity.Critical : Severity.Warning;
        var topology = input.Model.Samples.First(sample => sample.Kind == SampleKind.Topology).LastSuccess;
        var reassignments = input.Model.Samples.First(sample => sample.Kind == SampleKind.Reassignments).LastSuccess;
        return new Detection(
            new AnomalyKey(Name, Words.Subject(broker.Id)),
            severity,
            $"{Words.Named(broker)} is missing from the ISR of {Words.Partitions(partitions.Count)} for no known reason: {Words.Reach(blast)}.",
            input.Now)
        {
            BrokerId = broker.Id,
            Evidence =
            [
                new Evidence("in-sync replicas", $"{Words.Partitions(partitions.Count)} with a replica on the broker lack it in the ISR", topology),
                new Evidence("broker", $"{broker.State}: {broker.Evidence}", broker.Since),
                new Evidence("reassignments", $"{Words.Partitions(input.Model.Reassigning!.Value.Length)} being reassigned; none of them explains this", reassignments),
            ],
            Blast = blast,
        };
    }
}
