using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What is risky about a plan as far as its model alone can tell: no picture of the cluster says who is in sync.</summary>
public static class ResultRisks
{
    private const int Named = 5;

    public static ImmutableArray<PlanRisk> Of(OptimizerModel model, OptimizerWish wish, OptimizerResult result)
    {
        var found = new List<PlanRisk>();
        var limit = wish.Bands.DiskLimit;
        int[] full = [.. result.Brokers.Where(one => one.BytesIn > 0 && one.PeakDisk + model.DiskForeign[one.Broker] > model.Capacity[(one.Broker * 4) + Lane.Disk] * limit).Select(one => model.BrokerIds[one.Broker])];
        if (full.Length > 0)
        {
            found.Add(new(Status.Crit, "disk", $"{PlanWords.Count(full.Length, "broker")} ({Some(full)}) will have more than {limit * 100:0} % of the disk filled."));
        }

        int[] blind = [.. result.Brokers.Where(one => one.BytesIn > 0 && double.IsNaN(model.Capacity[(one.Broker * 4) + Lane.Disk])).Select(one => model.BrokerIds[one.Broker])];
        if (blind.Length > 0)
        {
            found.Add(new(Status.Warn, "disk-unknown", $"The model has no disk size of {PlanWords.Count(blind.Length, "receiving broker")} ({Some(blind)}): nothing keeps the plan from filling them."));
        }

        var words = new RepairWords(model, result, wish);
        var crowded = result.Changes.Count(change => wish.Mode == OptimizerMode.FixOffline && change.After.Except(change.Before).Any(broker => words.IsCrowded(change, broker)));
        if (crowded > 0)
        {
            found.Add(new(Status.Warn, "rack", $"{PlanWords.Count(crowded, "partition")} get a new copy in a rack that holds another: no broker of a free rack has room."));
        }

        return [.. found];
    }

    private static string Some(int[] brokers) =>
        $"broker {string.Join(", ", brokers.Take(Named))}{(brokers.Length > Named ? $" and {brokers.Length - Named} more" : "")}";
}
