using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer.Remedies;

/// <summary>Runs of the optimizer on clusters that might be, for their hard goals alone: evenness is not what makes a wish impossible.</summary>
internal sealed class RemedyTrials(OptimizerWish wish, ImmutableArray<InfeasibilityProof> proofs, IProgress<int>? progress, CancellationToken cancellation)
{
    private const int MostRuns = 40;

    /// <summary>What stays broken whatever is added; it is not held against what is tried.</summary>
    private readonly HashSet<string> _incurable = [.. proofs.Where(proof => !RemedySearch.IsCurable(proof)).Select(proof => proof.Constraint)];

    private int _runs;

    public OptimizerWish Wish { get; } = wish with
    {
        Goals = HardGoals(wish),
        ByteBudget = null, // how much may be copied does not decide what is possible
        MoveBudget = null,
        Polish = false,
    };

    public ImmutableArray<InfeasibilityProof> Proofs { get; } = proofs;

    /// <summary>Whether something stays that nothing which is added can mend.</summary>
    public bool HasIncurable => _incurable.Count > 0;

    public bool IsOver => cancellation.IsCancellationRequested || _runs >= MostRuns;

    public bool IsCancelled => cancellation.IsCancellationRequested;

    /// <summary>Whether a sound plan holds all that can be held.</summary>
    public bool IsEnough(OptimizerModel model, OptimizerWish asked)
    {
        progress?.Report(++_runs);
        var result = Optimizer.Run(model, asked, null, cancellation);
        return result.Verdict.IsSound && (result.Outcome == OutcomeKind.Ok || (HasIncurable && asked.Mode != OptimizerMode.MinimalRepair
            && result.Proofs.All(proof => _incurable.Contains(proof.Constraint))
            && result.Goals.All(goal => !goal.IsHard || goal.ViolatedAfter == 0 || _incurable.Contains(goal.Goal))));
    }

    /// <summary>The smallest number that is enough, upwards from one that the sums ask for; null: none was found.</summary>
    /// <param name="least">No fewer can do.</param>
    /// <param name="most">No more are tried.</param>
    /// <param name="isEnough">One run.</param>
    public (int Count, bool IsLeast)? Least(int least, int most, Func<int, bool> isEnough)
    {
        var (low, high, step) = (least - 1, Math.Min(least, most), 1);
        while (!isEnough(high))
        {
            if (IsOver || high >= most)
            {
                return null;
            }

            (low, high, step) = (high, Math.Min(most, high + step), step * 2);
        }

        while (high - low > 1 && !IsOver)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = isEnough(middle) ? (low, middle) : (middle, high);
        }

        return (high, high - low <= 1 && !IsCancelled);
    }

    /// <summary>Names of the hard goals that are asked for; a wish without any is taken as it is.</summary>
    private static ImmutableArray<string> HardGoals(OptimizerWish wish)
    {
        ImmutableArray<string> hard = [.. GoalCatalog.Asked(wish).Where(goal => goal.IsHard).Select(goal => goal.Name)];
        return hard.IsEmpty ? wish.Goals : hard;
    }
}
