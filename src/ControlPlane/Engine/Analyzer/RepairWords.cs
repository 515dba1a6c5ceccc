using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What is told of lost replicas: why each move is made and what it costs, and what finds no place.</summary>
public static class RepairWords
{
    private const int Named = 5;

    /// <summary>By reason a sentence about the lost replicas that stay lost.</summary>
    public static IEnumerable<string> Notes(OptimizerModel model, OptimizerResult result) =>
        result.Unplaced.GroupBy(one => one.Why, StringComparer.Ordinal).Select(group =>
            $"{PlanWords.Count(group.Count(), "replica")} found no place ({string.Join(", ", group.Take(Named).Select(one => $"{model.Topics[model.Topic[one.Partition]]}-{model.Number[one.Partition]}"))}): {group.Key}.");

    /// <summary>Why a lost replica is replaced where it is.</summary>
    internal static string Reason(OptimizerModel model, OptimizerResult result, OptimizerWish wish, PartitionChange change)
    {
        int[] gone = [.. change.Before.Except(change.After)];
        int[] added = [.. change.After.Except(change.Before)];
        var (inSync, min) = (InSync(model, change.Partition), model.MinInSync.Length == 0 ? -1 : model.MinInSync[model.Topic[change.Partition]]);
        var danger = inSync < min ? string.Create(CultureInfo.InvariantCulture, $" It refuses acks=all: {inSync} in sync, {min} required.") : "";
        var (crowds, fills) = (added.Any(broker => IsCrowded(model, change, broker)), added.Any(broker => IsOverDisk(model, result, wish, broker)));
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
    internal static bool IsCrowded(OptimizerModel model, PartitionChange change, int added)
    {
        var racks = Enumerable.Range(0, model.Brokers).Where(broker => model.Conditions[broker] != BrokerCondition.Dead).Select(RackOf).Distinct(StringComparer.Ordinal).Count();
        var most = racks == 0 ? change.After.Length : (change.After.Length + racks - 1) / racks;
        return change.After.Count(broker => RackOf(broker) == RackOf(added)) > most;

        string RackOf(int broker) => string.IsNullOrEmpty(model.Racks[broker]) ? $"\0{model.Hosts[broker]}" : model.Racks[broker]!;
    }

    private static bool IsOverDisk(OptimizerModel model, OptimizerResult result, OptimizerWish wish, int broker) =>
        result.Brokers[broker].After[Lane.Disk] + model.DiskForeign[broker] > model.Capacity[(broker * 4) + Lane.Disk] * wish.Bands.DiskLimit;

    private static int InSync(OptimizerModel model, int partition) =>
        Enumerable.Range(model.Start[partition], model.ReplicasOf(partition)).Count(slot =>
            model.Conditions[model.Broker[slot]] != BrokerCondition.Dead && (model.Marks.Length == 0 || (model.Marks[slot] & (ReplicaMarks.OutOfSync | ReplicaMarks.Offline)) == ReplicaMarks.None));
}
