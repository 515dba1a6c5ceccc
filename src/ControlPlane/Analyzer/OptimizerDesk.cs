using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Remedies;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Analyzer;

/// <summary>Makes the optimizer's model of a cluster with what people said about its capacities, and runs it.</summary>
internal sealed class OptimizerDesk(CapacityStore capacities, LiveModels models, PlanMeter meter, TimeProvider time)
{
    public async Task<BuiltModel> BuildAsync(ClusterModel picture, CancellationToken cancellationToken) =>
        models.Take(picture, (await capacities.LoadAsync(picture.Id, cancellationToken)).Capacities);

    /// <summary>The plan, not stored yet. Ends early when cancelled, with the best until then.</summary>
    public RebalancePlan Search(ClusterModel picture, BuiltModel built, OptimizerWish wish, RunPicture run, IProgress<OptimizerProgress> progress, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var told = new RemedyProgress(progress);
        var result = Optimizer.Run(built, wish, told, cancellation);
        var took = time.GetElapsedTime(began);
        meter.Took(took);
        result = RemedySearch.Complete(built.Model, wish, result, told, cancellation);
        return OptimizerPlans.From(picture, built, result, wish, run.Ask.Limits, run.Id, time.GetUtcNow()) with
        {
            SearchSeconds = took.TotalSeconds,
            Request = run.Ask.Request,
        };
    }
}
