namespace ControlPlane.Engine.Analyzer;

/// <summary>How long a plan takes.</summary>
public static class PlanEstimate
{
    /// <summary>The busiest broker sets the time. Null without a throttle, or where a size is unknown.</summary>
    public static double? Seconds(RebalancePlan plan) =>
        plan.Limits.ThrottleBytesPerSecond is not { } throttle || plan.Moves.Any(move => move.Bytes is null)
            ? null
            : plan.Brokers.Select(broker => (double)Math.Max(broker.BytesToReceive, broker.BytesToSend)).DefaultIfEmpty(0).Max() / throttle;

    /// <summary>What a plan would do, with numbers.</summary>
    public static string Sentence(RebalancePlan plan) => plan.Mode == PlanMode.FixOffline && !plan.LostBrokers.IsEmpty && plan.Moves.All(move => move.Class is MoveClass.DataAtRisk or MoveClass.Offline)
        ? OfLost(plan)
        : OfOptimizer(plan) + Left(plan);

    private static string OfOptimizer(RebalancePlan plan)
    {
        var open = plan.Goals.Count(goal => goal.ViolatedAfter > 0);
        var goals = plan.Goals.IsEmpty ? "" : open == 0 ? " Every goal is met then." : $" {PlanWords.Count(open, "goal")} of {plan.Goals.Length} stay violated.";
        goals = plan.Outcome == OutcomeKind.NotFound && !plan.Moves.IsEmpty ? $" Not everything that was asked for is done.{goals}" : goals;
        if (plan.Moves.IsEmpty)
        {
            return plan.Outcome == OutcomeKind.Ok ? $"Nothing has to move.{goals}" : $"No plan was found.{goals}";
        }

        var dirs = plan.Moves.Count(move => move.Kind == MoveKind.Dirs);
        string[] parts =
        [
            .. plan.ReplicaMoves > 0 ? [PlanWords.Count(plan.ReplicaMoves, "replica") + " moved"] : Array.Empty<string>(),
            .. plan.LeaderMoves > 0 ? [PlanWords.Count(plan.LeaderMoves, "leader") + " changed"] : Array.Empty<string>(),
            .. dirs > 0 ? [PlanWords.Count(dirs, "replica") + " put into another log dir"] : Array.Empty<string>(),
        ];
        var what = parts.Length == 0 ? PlanWords.Count(plan.Moves.Length, "replica list") + " changed" : string.Join(", ", parts);
        var time = plan.Bytes > 0 && Seconds(plan) is { } seconds ? $", about {PlanWords.Duration(seconds)} at {PlanWords.Rate(plan.Limits.ThrottleBytesPerSecond!.Value)} per broker" : "";
        return $"{what}: {PlanWords.Size(plan.Bytes)} to copy{time}.{goals}";
    }

    private static string Left(RebalancePlan plan) => plan.Unplaced.Length == 0 ? "" : $" {PlanWords.Count(plan.Unplaced.Length, "replica")} can't be restored.";

    private static string OfLost(RebalancePlan plan)
    {
        var from = string.Join(", ", plan.LostBrokers);
        var noun = plan.LostBrokers.Length == 1 ? "broker" : "brokers";
        var unplaced = Left(plan);
        if (plan.Moves.IsEmpty)
        {
            return $"Nothing of {noun} {from} can be restored now.{unplaced}";
        }

        var receivers = plan.Brokers.Count(broker => broker.BytesToReceive > 0 || broker.After.Replicas > broker.Before.Replicas);
        var unknown = plan.Moves.Any(move => move.Bytes is null) ? "at least " : "";
        var time = Seconds(plan) is { } seconds ? $", about {PlanWords.Duration(seconds)} at {PlanWords.Rate(plan.Limits.ThrottleBytesPerSecond!.Value)} per broker" : "";
        return $"Restores the lost replicas of {PlanWords.Count(plan.Moves.Length, "partition")} of {noun} {from} on {PlanWords.Count(receivers, "broker")}: {unknown}{PlanWords.Size(plan.Bytes)} to copy{time}.{unplaced}";
    }
}
