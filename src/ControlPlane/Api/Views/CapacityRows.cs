using System.Globalization;
using ControlPlane.Analyzer;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>Size of a cluster, and clusters that might be, in the words of the contract.</summary>
internal static class CapacityRows
{
    public static ClusterCapacitiesDto Capacities(ClusterId cluster, StoredCapacities stored) => new(
        cluster.Value,
        stored.Capacities.Default.In,
        stored.Capacities.Default.Out,
        [.. stored.Capacities.Brokers.Select(broker => new BrokerCapacityDto(broker.Key, broker.Value.In, broker.Value.Out))],
        stored.Version);

    public static WhatIfDto WhatIf(ClusterModel picture, WhatIfAnswer answer)
    {
        var (model, result) = (answer.Changed.Model, answer.Result);
        var lanes = LaneTable.Of(model, answer.Changed.Wish, result);
        var (offline, thin) = Availability(model);
        var holds = offline == 0 && !result.Goals.Any(goal => goal.IsHard && goal.ViolatedBefore > 0) && answer.Changed.Wish.Mode == OptimizerMode.Rebalance;
        var open = result.Goals.Where(goal => goal.ViolatedAfter > 0).ToArray();
        var status = result.Outcome != OutcomeKind.Ok || offline > 0 ? StatusWord.Crit : open.Length > 0 || thin > 0 ? StatusWord.Warn : StatusWord.Ok;
        return new WhatIfDto(
            picture.Id.Value,
            picture.At,
            status,
            Sentence(result, holds, offline, open),
            answer.Changed.Changes,
            holds,
            offline,
            thin,
            OptimizerRows.OutcomeWord(result.Outcome),
            result.IsCut,
            result.ReplicaMoves,
            result.LeaderMoves,
            (long)result.Bytes,
            OptimizerRows.Goals(result.Goals),
            OptimizerRows.Loads(lanes, hasCpu: false, answer.Built.RatesAreKnown),
            OptimizerRows.Proofs(result.Proofs),
            Bottlenecks.Of(lanes),
            [.. answer.Built.Notes.Concat(result.Notes).Distinct()]);
    }

    public static RightsizingDto Size(ClusterModel picture, RightsizingAnswer answer)
    {
        var lanes = LaneTable.Of(answer.Built.Model, answer.Wish, answer.Now);
        var tight = Bottlenecks.Of(lanes);
        var (size, remedy) = (answer.Size, answer.Size.Proofs.Select(proof => proof.Remedy).FirstOrDefault(one => one is not null));
        var typical = Engine.Analyzer.WhatIf.TypicalCapacity(answer.Built.Model)[Lane.Disk];
        return new RightsizingDto(
            picture.Id.Value,
            answer.At,
            size.Verdict switch { "too-small" => "under", "too-large" => "over", "right-sized" => "right", _ => "unknown" },
            size.Verdict switch { "too-small" or "unknown" => StatusWord.Crit, "too-large" => StatusWord.Warn, _ => StatusWord.Ok },
            size.Sentence,
            size.Verdict switch { "too-large" => -size.Change, "right-sized" => 0, _ => null },
            size.CanGo,
            size.Change > 0 ? new RemedyDto("brokers", size.Change, Known.Rate(typical), IsConstructed: true, size.Sentence) : remedy is null ? null : OptimizerRows.Remedy(remedy),
            tight is [var first, ..] ? first.Resource : null,
            Bottlenecks.Resources(lanes),
            Bottlenecks.Racks(lanes),
            tight,
            [.. answer.Built.Notes.Concat(answer.Now.Notes).Distinct(), .. size.Tries.Select(one => string.Create(CultureInfo.InvariantCulture, $"With {one.Brokers} brokers: {OptimizerRows.OutcomeWord(one.Outcome)}."))]);
    }

    private static string Sentence(OptimizerResult result, bool holds, int offline, GoalOutcome[] open)
    {
        var lost = offline == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{offline:N0} partitions would have no living replica. ");
        var plan = string.Create(CultureInfo.InvariantCulture, $"{result.ReplicaMoves:N0} replica moves and {result.LeaderMoves:N0} leader changes");
        return lost + result.Outcome switch
        {
            OutcomeKind.Infeasible => $"No placement can hold it. {result.Proofs.Select(proof => proof.Sentence).FirstOrDefault()}",
            OutcomeKind.NotFound => "No placement that holds every hard goal was found.",
            _ when holds && open.Length == 0 && result.ReplicaMoves == 0 => "It holds as it is: every goal is met with nothing moved.",
            _ when holds => $"Every hard goal holds with nothing moved; {plan} {(open.Length == 0 ? "meet every goal" : "leave some soft goals violated")}.",
            _ => $"{plan} make every hard goal hold{(open.Length == 0 ? " and meet the soft ones as well" : "; some soft goals stay violated")}.",
        };
    }

    /// <summary>Partitions without a living replica, and those with fewer living in-sync ones than producers ask for; null where that is unknown.</summary>
    private static (int Offline, int? UnderMinInSync) Availability(OptimizerModel model)
    {
        var (offline, thin) = (0, 0);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var (living, inSync) = (0, 0);
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                var marks = model.Marks.Length > slot ? model.Marks[slot] : ReplicaMarks.None;
                var lives = model.Conditions[model.Broker[slot]] != BrokerCondition.Dead && !marks.Has(ReplicaMarks.Offline);
                living += lives ? 1 : 0;
                inSync += lives && !marks.Has(ReplicaMarks.OutOfSync) ? 1 : 0;
            }

            offline += living == 0 ? 1 : 0;
            thin += model.MinInSync.Length > 0 && inSync < model.MinInSync[model.Topic[partition]] ? 1 : 0;
        }

        return (offline, model.MinInSync.Length == 0 || model.MinInSync.All(least => least < 0) ? null : thin);
    }
}
