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
        var problems = new ChangeRules(model, wish, start.Roles, result).Check();

        // Sums of lists that are wrong themselves would only say the same again.
        if (problems.Count == 0)
        {
            var after = start.Before.With(result.Changes);
            List<string> loads = [], goals = [];
            Parallel.Invoke(
                new ParallelOptions { MaxDegreeOfParallelism = wish.Threads },
                () => loads.AddRange(new LoadRules(model, wish, start.Roles, result, start.Before, after).Check()),
                () => goals.AddRange(start.Goals.Check(result, after)));
            problems.AddRange([.. loads, .. goals]);
        }

        return new PlanVerdict(problems.Count == 0, [.. problems.Take(MostProblems)]);
    }
}
