using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// What is proven beside a plan: soft goals that no placement meets, and the least that any plan copies. Both follow from the cluster as it
/// was and not from the plan, so they are found while the search goes on.
/// </summary>
internal sealed class Certificates(OptimizerProblem problem, Bands bands)
{
    /// <summary>A placement that the search does not move about.</summary>
    private Placement? _original;
    private LowerBound? _bound;

    public ImmutableArray<InfeasibilityProof> SoftProofs { get; private set; } = [];

    public void Find()
    {
        _original = problem.NewPlacement();
        if (Search.SoftProofs.AreAskedFor(problem.Wish))
        {
            SoftProofs = [.. new SoftProofs(problem, _original).All()];
        }

        _bound = LowerBounds.Of(problem, bands, _original);
    }

    /// <summary>The bound for the bands that a plan ended in, which were widened if the first were out of reach.</summary>
    public LowerBound? BoundOf(Bands ended) => ReferenceEquals(ended, bands) ? _bound : LowerBounds.Of(problem, ended, _original ?? problem.NewPlacement());
}
