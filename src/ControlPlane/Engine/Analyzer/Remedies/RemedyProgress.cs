namespace ControlPlane.Engine.Analyzer.Remedies;

/// <summary>Tells the search for remedies as one more phase of the run, beside the figures of the plan that was found.</summary>
public sealed class RemedyProgress(IProgress<OptimizerProgress> run) : IProgress<OptimizerProgress>, IProgress<int>
{
    private OptimizerProgress _last = new("remedies", 0, 0, 0, 0, 0);

    /// <summary>A phase of the run itself.</summary>
    public void Report(OptimizerProgress value)
    {
        _last = value;
        run.Report(value);
    }

    /// <summary>So many runs with more brokers, racks or log dirs were begun.</summary>
    public void Report(int value) => run.Report(_last with { Phase = "remedies", Round = value });
}
