using ControlPlane.Engine.Analyzer.Verifying;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Checks a finished plan against model and wish from its changes alone. It shares no arrays, sums or bands with the search: an error there
/// must not vouch for itself.
/// </summary>
public static class OptimizerVerifier
{
    private const int MostProblems = 20;

    public static PlanVerdict Check(OptimizerModel model, OptimizerWish wish, OptimizerResult result)
    {
        model = InFlight.AtTarget(model);
        return Check(model, wish, new VerifiedStart(model, wish), result);
    }

    internal static PlanVerdict Check(OptimizerModel model, OptimizerWish wish, VerifiedStart start, OptimizerResult result)
    {
        List<string> problems = [], loads = [], goals = [];
        VerifiedState? after = null;
        Workers.Do(
            wish.Threads,
            () => problems = new ChangeRules(model, wish, start.Roles, result).Check(),
            () => after = result.Changes.All(change => IsReadable(model, change)) ? start.Before.With(result.Changes) : null);

        // Sums of lists that are wrong themselves would only say the same again.
        if (problems.Count == 0 && after is not null)
        {
            Workers.Do(
                wish.Threads,
                () => loads.AddRange(new LoadRules(model, wish, start.Roles, result, start.Before, after).Check()),
                () => goals.AddRange(start.Goals.Check(result, after)));
            problems.AddRange([.. loads, .. goals]);
        }

        return new PlanVerdict(problems.Count == 0, [.. problems.Take(MostProblems)]);
    }

    /// <summary>Whether the change can be taken into sums at all; what is wrong with it, its rules say.</summary>
    private static bool IsReadable(OptimizerModel model, PartitionChange change)
    {
        foreach (var broker in change.After)
        {
            if (broker < 0 || broker >= model.Brokers)
            {
                return false;
            }
        }

        return change.Partition >= 0 && change.Partition < model.Partitions;
    }
}
