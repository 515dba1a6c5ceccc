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
        var roles = new VerifiedRoles(model, wish);
        var problems = new ChangeRules(model, wish, roles, result).Check().Take(MostProblems).ToList();

        // Sums of lists that are wrong themselves would only say the same again.
        if (problems.Count == 0)
        {
            VerifiedState? before = null, after = null;
            var threads = new ParallelOptions { MaxDegreeOfParallelism = wish.Threads };
            Parallel.Invoke(threads, () => before = VerifiedState.Before(model), () => after = VerifiedState.After(model, result.Changes));
            List<string> loads = [], goals = [];
            Parallel.Invoke(
                threads,
                () => loads.AddRange(new LoadRules(model, wish, roles, result, before!, after!).Check()),
                () => goals.AddRange(new GoalRecount(model, wish, roles, result, before!, after!).Check()));
            problems.AddRange([.. loads, .. goals]);
        }

        return new PlanVerdict(problems.Count == 0, [.. problems.Take(MostProblems)]);
    }
}
