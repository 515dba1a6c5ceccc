using ControlPlane.Clusters;
using ControlPlane.Engine.Alerts;
using ControlPlane.Storage;

namespace ControlPlane.Alerts;

/// <summary>Tells logs, metrics and pages how an attempt ended. Never the secret, the URL or what the receiver answered.</summary>
internal sealed partial class DeliveryReports(AlertMeter meter, ChangeHub changes, ILogger<DeliveryReports> logger)
{
    public void Ended(DeliveryClaim claim, AttemptOutcome outcome)
    {
        meter.Attempted(claim.TargetName, Word(outcome.Verdict));
        if (outcome.Verdict == SendVerdict.Delivered)
        {
            meter.Delivered(claim.Age + outcome.Took);
            LogDelivered(claim.Id, claim.TargetName, claim.Attempt);
        }
        else if (outcome.State == DeliveryState.Failed)
        {
            LogFailed(claim.Id, claim.Notification.Summary, claim.TargetName, claim.Attempt, outcome.Result.Problem ?? "");
        }
        else
        {
            LogRetried(claim.Id, claim.TargetName, claim.Attempt, outcome.Result.Problem ?? "", outcome.Pause ?? TimeSpan.Zero);
        }

        if (outcome.Verdict == SendVerdict.Gone)
        {
            LogGone(claim.TargetName);
        }

        changes.Publish(new Clusters.ClusterChange(claim.Notification.Cluster ?? default, ChangeKind.Alerts, 0));
    }

    public void Lost(DeliveryClaim claim) => LogLost(claim.Id, claim.TargetName);

    private static string Word(SendVerdict verdict) => verdict switch
    {
        SendVerdict.Delivered => "delivered",
        SendVerdict.Retry => "retry",
        _ => "refused",
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "Delivery {Delivery} to {Target} arrived at attempt {Attempt}")]
    private partial void LogDelivered(Guid delivery, string target, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {Delivery} to {Target} failed at attempt {Attempt}: {Problem} Next attempt in {Pause}")]
    private partial void LogRetried(Guid delivery, string target, int attempt, string problem, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery {Delivery} ('{Summary}') did not reach {Target} and is given up at attempt {Attempt}: {Problem}")]
    private partial void LogFailed(Guid delivery, string summary, string target, int attempt, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Alert target {Target} says that it is gone for good (HTTP 410) and was switched off. Enter a new URL and enable it again")]
    private partial void LogGone(string target);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {Delivery} to {Target} was taken over by another process before this one had finished")]
    private partial void LogLost(Guid delivery, string target);
}
