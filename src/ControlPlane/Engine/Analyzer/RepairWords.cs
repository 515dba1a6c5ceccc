using System.Globalization;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What is told of lost replicas: why each move is made and what it costs, and what finds no place.</summary>
public sealed class RepairWords(OptimizerModel model, OptimizerResult result, OptimizerWish wish)
{
    private const int Named = 5;

    private readonly int _racks = Enumerable.Range(0, model.Brokers).Where(broker => model.Conditions[broker] != BrokerCondition.Dead).Select(broker => RackOf(model, broker)).Distinct(StringComparer.Ordinal).Count();

    /// <summary>By reason a sentence about the lost replicas that stay lost.</summary>
    public static IEnumerable<string> Notes(OptimizerModel model, OptimizerResult result) =>
        result.Unplaced.GroupBy(one => one.Why, StringComparer.Ordinal).Select(group =>
            $"{PlanWords.Count(group.Count(), "replica")} found no place ({string.Join(", ", group.Take(Named).Select(one => $"{model.Topics[model.Topic[one.Partition]]}-{model.Number[one.Partition]}"))}): {group.Key}.");

    /// <summary>Why a lost replica is replaced where it is.</summary>
    internal string Reason(PartitionChange change)
    {
        int[] gone = [.. change.Before.Except(change.After)];
        int[] added = [.. change.After.Except(change.Before)];
        var (inSync, min) = (InSync(change.Partition), model.MinInSync.Length == 0 ? -1 : model.MinInSync[model.Topic[change.Partition]]);
        var danger = inSync < min ? string.Create(CultureInfo.InvariantCulture, $" It refuses acks=all: {inSync} in sync, {min} required.") : "";
        var (crowds, fills) = (added.Any(broker => IsCrowded(change, broker)), added.Any(broker => IsOverDisk(broker)));
        var cost = (crowds, fills) switch
        {
            (true, true) => " No broker of a free rack has room, and it fills its disk above the limit.",
            (true, false) => " No broker of a free rack has room.",
            (false, true) => " Fills its disk above the limit: no other has room.",
            _ => "",
        };
        return $"The replica on {(gone.Length == 1 ? "broker" : "brokers")} {Ids(gone)} is lost; broker {Ids(added)} takes its place.{danger}{cost}";

        string Ids(int[] brokers) => string.Join(", ", brokers.Select(broker => model.BrokerIds[broker]));
    }

    /// <summary>Whether a new copy shares its rack with more replicas than an even spread over the living racks has.</summary>
    internal bool IsCrowded(PartitionChange change, int added)
    {
        var most = _racks == 0 ? change.After.Length : (change.After.Length + _racks - 1) / _racks;
        var rack = RackOf(model, added);
        return change.After.Count(broker => RackOf(model, broker) == rack) > most;
    }

    private static string RackOf(OptimizerModel model, int broker) => model.Racks[broker] is { Length: > 0 } rack ? rack : $"\0{model.Hosts[broker]}";

    private bool IsOverDisk(int broker) =>
        result.Brokers[broker].After[Lane.Disk] + model.DiskForeign[broker] > model.Capacity[(broker * 4) + Lane.Disk] * wish.Bands.DiskLimit;

    private int InSync(int partition) =>
        Enumerable.Range(model.Start[partition], model.ReplicasOf(partition)).Count(slot =>
            model.Conditions[model.Broker[slot]] != BrokerCondition.Dead && (model.Marks.Length == 0 || (model.Marks[slot] & (ReplicaMarks.OutOfSync | ReplicaMarks.Offline)) == ReplicaMarks.None));
}
