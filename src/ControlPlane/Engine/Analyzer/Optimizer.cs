using ControlPlane.Engine.Analyzer.Incremental;
using ControlPlane.Engine.Analyzer.Search;
using ControlPlane.Engine.Analyzer.Verifying;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Finds the placement that meets every goal with the fewest bytes (optimizer.md 5).</summary>
public static class Optimizer
{
    /// <summary>What a run would refuse at its beginning, without the run.</summary>
    /// <exception cref="OptimizerRefusal">The wish names what the model does not have, or contradicts itself.</exception>
    public static void Check(OptimizerModel model, OptimizerWish wish) => _ = ProblemBuilder.Build(InFlight.AtTarget(model), wish);

    /// <summary>The same on a model that is kept between runs.</summary>
    /// <exception cref="OptimizerRefusal">The wish names what the model does not have, or contradicts itself.</exception>
    public static void Check(BuiltModel built, OptimizerWish wish)
    {
        if (built.Prepared is { } prepared)
        {
            _ = ProblemBuilder.Build(prepared.Model, wish, prepared);
        }
        else
        {
            Check(built.Model, wish);
        }
    }

    /// <summary>Pure: the same model, wish and seed give the same result whatever the threads; only a cancellation, which gives the best so far, depends on time.</summary>
    /// <exception cref="OptimizerRefusal">The wish names what the model does not have, or contradicts itself.</exception>
    public static OptimizerResult Run(OptimizerModel model, OptimizerWish wish, IProgress<OptimizerProgress>? progress, CancellationToken cancellation) =>
        Run(InFlight.AtTarget(model), null, wish, progress, cancellation);

    /// <summary>The same on a model that is kept between runs (<see cref="LiveModel"/>): what was laid out before is not laid out again.</summary>
    /// <exception cref="OptimizerRefusal">The wish names what the model does not have, or contradicts itself.</exception>
    public static OptimizerResult Run(BuiltModel built, OptimizerWish wish, IProgress<OptimizerProgress>? progress, CancellationToken cancellation) =>
        built.Prepared is { } prepared ? Run(prepared.Model, prepared, wish, progress, cancellation) : Run(built.Model, wish, progress, cancellation);

    private static OptimizerResult Run(OptimizerModel model, PreparedModel? prepared, OptimizerWish wish, IProgress<OptimizerProgress>? progress, CancellationToken cancellation)
    {
        var problem = ProblemBuilder.Build(model, wish, prepared);
        OptimizerResult? result = null;
        VerifiedStart? start = null;
        Workers.Do(
            wish.Threads,
            () => result = new OptimizerRun(problem, progress, cancellation).Run(),
            () => start = new VerifiedStart(model, wish));
        return result! with { Verdict = OptimizerVerifier.Check(model, wish, start!, result!) };
    }
}

/// <summary>A wish that does not fit its model: <see cref="Field"/> says which part, the message what is expected.</summary>
public sealed class OptimizerRefusal(string field, string message) : Exception(message)
{
    public string Field { get; } = field;
}
