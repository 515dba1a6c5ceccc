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
    public static string Sentence(RebalancePlan plan)
    {
        var from = string.Join(", ", plan.LostBrokers);
        var noun = plan.LostBrokers.Length == 1 ? "broker" : "brokers";
        var unplaced = plan.Unplaced.Length == 0 ? "" : $" {PlanWords.Count(plan.Unplaced.Length, "replica")} can't be restored.";
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
