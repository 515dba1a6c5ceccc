using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Analyzer;

/// <summary>Ends a run: its plan is stored, and what went wrong becomes a sentence.</summary>
internal sealed partial class RunEnd(IClusterViews views, PlanStore plans, PlanMeter meter, ILogger<RunEnd> logger)
{
    public async Task<RunPicture> OfAsync(RunPicture run, Func<RebalancePlan> search, Func<bool> isCancelled)
    {
        try
        {
            var plan = search();
            var ended = run with { State = isCancelled() ? RunState.Cancelled : RunState.Done, Plan = plan, Sentence = PlanEstimate.Sentence(plan) };
            if (plan.Moves.IsEmpty)
            {
                meter.Ended(run.Cluster, "nothing-to-do");
                return ended;
            }

            if (views.FindLease(run.Cluster) is not { } lease)
            {
                return Failed(run, "The plan was found, but another process owns the cluster now. Ask again.");
            }

            var stored = await plans.SaveAsync(lease, plan, run.StartedBy, run.Ask.Anomaly, CancellationToken.None);
            meter.Ended(run.Cluster, plan.Verdict.IsSound ? "made" : "unsound");
            LogMade(run.Cluster, plan.Id, stored.Sentence);
            return ended with { IsPlanStored = true };
        }
        catch (OptimizerRefusal refusal)
        {
            meter.Ended(run.Cluster, "refused");
            return run with { State = RunState.Refused, Sentence = $"{refusal.Field}: {refusal.Message}" };
        }
        catch (Exception ex) when (ex is StorageUnavailableException or StaleEpochException)
        {
            return Failed(run, $"The plan was found but could not be stored: {ex.Message}");
        }
        catch (Exception ex) // a search that breaks must not leave a run that seems to go on for ever
        {
            LogBroken(run.Cluster, run.Id, ex);
            return Failed(run, "The search broke off by an error of this product; its log has the details. Report it with the model: kcp model export.");
        }
    }

    private RunPicture Failed(RunPicture run, string why)
    {
        meter.Ended(run.Cluster, "failed");
        return run with { State = RunState.Failed, Sentence = why };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: plan {Plan} was made: {Sentence}")]
    private partial void LogMade(ClusterId cluster, Guid plan, string sentence);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: optimizer run {Run} broke off")]
    private partial void LogBroken(ClusterId cluster, Guid run, Exception exception);
}
