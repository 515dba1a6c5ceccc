using System.Collections.Immutable;

namespace ControlPlane.Engine.Alerts;

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    Queued,
    Delivering,
    Delivered,
    Failed,
    Superseded,
}

/// <summary>A trigger of one anomaly to one target, as it stands when the anomaly ends.</summary>
/// <param name="MayHaveArrived">An attempt whose outcome leaves open whether the receiver took it.</param>
public readonly record struct SentTrigger(Guid Id, DeliveryState State, bool MayHaveArrived);

/// <summary>What to do with a resolve.</summary>
public enum ResolveFate
{
    /// <summary>Nobody was told and nobody will be.</summary>
    Unneeded,

    /// <summary>Kept in the log beside the trigger it overtook, not sent.</summary>
    Superseded,

    Send,
}

/// <summary>The end of a trouble whose beginning was never sent takes the beginning with it; everything else goes in order.</summary>
public static class Superseding
{
    public static (ResolveFate Fate, ImmutableArray<Guid> Overtaken) OnResolve(IReadOnlyList<SentTrigger> triggers)
    {
        if (triggers.Any(MayBeKnown))
        {
            return (ResolveFate.Send, []);
        }

        ImmutableArray<Guid> waiting = [.. triggers.Where(trigger => trigger.State == DeliveryState.Queued).Select(trigger => trigger.Id)];
        return (waiting.IsEmpty ? ResolveFate.Unneeded : ResolveFate.Superseded, waiting);
    }

    /// <summary>The receiver knows of it, or will.</summary>
    public static bool IsTold(SentTrigger trigger) => trigger.State == DeliveryState.Queued || MayBeKnown(trigger);

    // One that is being delivered at this moment may arrive even if its process dies now.
    private static bool MayBeKnown(SentTrigger trigger) =>
        trigger.State is DeliveryState.Delivered or DeliveryState.Delivering || (trigger.MayHaveArrived && trigger.State != DeliveryState.Superseded);
}
