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

    /// <summary>Counts what came of a wish.</summary>
    public void Ended(ClusterId cluster, string outcome) => meter.Ended(cluster, outcome);

    /// <summary>The plan that restores what is lost, not stored yet. Whoever waits for it has an incident: what would help an impossible wish is not searched.</summary>
    /// <exception cref="OptimizerRefusal">The wish names what the cluster does not have.</exception>
    public async Task<RebalancePlan> RepairAsync(ClusterModel picture, OptimizerAsk ask, CancellationToken cancellationToken)
    {
        var built = (await BuildAsync(picture, cancellationToken)).Losing(picture, ask.Wish.Brokers);
        var wish = ask.ResolveOn(built);
        using var limit = new CancellationTokenSource(ask.Deadline, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await Task.Run(() => Plan(picture, built, wish, ask, Guid.CreateVersion7(time.GetUtcNow()), null, ending.Token), CancellationToken.None);
    }

    /// <summary>The plan, not stored yet. Ends early when cancelled, with the best until then.</summary>
    public RebalancePlan Search(ClusterModel picture, BuiltModel built, OptimizerWish wish, RunPicture run, IProgress<OptimizerProgress> progress, CancellationToken cancellation) =>
        Plan(picture, built, wish, run.Ask, run.Id, new RemedyProgress(progress), cancellation);

    /// <summary>Runs the optimizer, and makes a plan of what it found.</summary>
    /// <param name="picture">What is planned on.</param>
    /// <param name="built">Its model.</param>
    /// <param name="wish">Checked on that model.</param>
    /// <param name="ask">Where the wish is from.</param>
    /// <param name="id">The plan's.</param>
    /// <param name="told">Who watches; null: nobody, and no remedies are looked for.</param>
    /// <param name="cancellation">Ends the search with the best until then.</param>
    private RebalancePlan Plan(ClusterModel picture, BuiltModel built, OptimizerWish wish, OptimizerAsk ask, Guid id, RemedyProgress? told, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var result = Optimizer.Run(built, wish, told, cancellation);
        var took = time.GetElapsedTime(began);
        meter.Took(took);
        if (told is not null)
        {
            result = RemedySearch.Complete(built.Model, wish, result, told, cancellation);
        }

        return OptimizerPlans.From(picture, built, result, wish, ask.Limits, id, time.GetUtcNow()) with
        {
            SearchSeconds = took.TotalSeconds,
            Request = ask.Request,
        };
    }
}
