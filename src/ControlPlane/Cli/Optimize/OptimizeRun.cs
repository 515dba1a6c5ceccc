using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Optimize;

/// <summary>One search and what it took.</summary>
/// <param name="Read">Time for the model file.</param>
/// <param name="Search">From the model read to the plan ready.</param>
internal sealed record OptimizeRun(OptimizerModel Model, OptimizerWish Wish, OptimizerResult Result, TimeSpan Read, TimeSpan Search, long PeakMemoryBytes)
{
    /// <summary>As the shell learns it: 1 where the goals were not reached in time, 2 where they can't be.</summary>
    public ExitCode ExitCode => Result.Outcome switch
    {
        OutcomeKind.Ok when Result.Verdict.IsSound => ExitCode.Ok,
        OutcomeKind.Ok or OutcomeKind.NotFound => ExitCode.Warning,
        OutcomeKind.Infeasible => ExitCode.Critical,
        var other => throw new InvalidOperationException($"Unhandled outcome {other}"),
    };
}
