using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Storage;

/// <summary>A delivery as the log shows it.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="Kind">Of the target.</param>
internal sealed record StoredDelivery(
    Guid Id, long Seq, Guid TargetId, string Target, AlertTargetKind Kind, Notification Notification, DeliveryState State, int Attempts)
{
    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public string? LastAnswer { get; init; }
}

/// <summary>One attempt. Outcome: delivered, retry or refused.</summary>
internal sealed record StoredAttempt(int Number, DateTimeOffset At, double TookSeconds, string Outcome, int? HttpStatus, string? Problem, string? ResponsePreview);

/// <summary>Which deliveries to show; null means any.</summary>
internal sealed record DeliveryFilter
{
    public Guid? Target { get; init; }

    public DeliveryState? State { get; init; }

    public ClusterId? Cluster { get; init; }

    public Guid? Anomaly { get; init; }

    public AlertEvent? Event { get; init; }
}

/// <summary>What became of sending a delivery again.</summary>
internal abstract record Resend
{
    public sealed record Queued(StoredDelivery Delivery) : Resend;

    public sealed record Unknown : Resend;

    /// <summary>It is still to be sent, or was never to be.</summary>
    public sealed record NotFinished(DeliveryState State) : Resend;

    /// <summary>What came after it under the same key would be undone.</summary>
    public sealed record Overtaken(Guid By, AlertEvent Event, DeliveryState State) : Resend;
}

/// <summary>A delivery that this process may send now.</summary>
/// <param name="Attempt">Number of this attempt; with the process it names the claim.</param>
/// <param name="Age">Since the delivery was made, by the database's clock.</param>
/// <param name="IsProbe">The target failed before; this one finds out whether it still does.</param>
internal sealed record DeliveryClaim(Guid Id, Guid Target, Guid Process, int Attempt, Notification Notification, TimeSpan Age, bool IsProbe)
{
    public required string TargetName { get; init; }

    public required AlertTargetKind Kind { get; init; }

    public required string Url { get; init; }
}

/// <summary>How an attempt ended, and what it means for delivery and target.</summary>
/// <param name="Pause">Before the next attempt; only where there is one.</param>
/// <param name="State">Of the delivery from now on: queued, delivered or failed.</param>
/// <param name="CountsForTarget">False where the target is not to blame, such as at a stop of this process.</param>
internal sealed record AttemptOutcome(
    SendResult Result, SendVerdict Verdict, DeliveryState State, TimeSpan? Pause, TimeSpan Took, bool CountsForTarget);
