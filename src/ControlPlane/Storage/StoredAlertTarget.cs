using ControlPlane.Engine.Alerts;

namespace ControlPlane.Storage;

/// <summary>What people say about a target; its secret is given and kept apart.</summary>
/// <param name="Rules">With the target's id.</param>
internal sealed record AlertTargetDefinition(AlertTarget Rules, string Name, string Url);

/// <summary>A target without its secret, and how sending to it goes.</summary>
/// <param name="Failures">In a row, over all processes.</param>
/// <param name="HeldUntil">Nothing is sent before; may lie in the past.</param>
/// <param name="Problem">Why the last attempt failed; null after one that did not.</param>
/// <param name="Queued">Deliveries that are not finished.</param>
internal sealed record StoredAlertTarget(
    AlertTargetDefinition Definition,
    bool HasSecret,
    int Failures,
    DateTimeOffset? HeldUntil,
    string? Problem,
    int Queued,
    DateTimeOffset? LastDeliveredAt,
    DateTimeOffset CreatedAt,
    long Version)
{
    public Guid Id => Definition.Rules.Id;
}

/// <summary>What became of adding or changing a target.</summary>
internal abstract record AlertTargetChange
{
    public sealed record Saved(StoredAlertTarget Target) : AlertTargetChange;

    public sealed record Unknown : AlertTargetChange;

    public sealed record VersionConflict(long Current) : AlertTargetChange;

    public sealed record NameTaken : AlertTargetChange;
}
