using System.Text.Json;

namespace ControlPlane.Contracts;

/// <summary>Who changed what. Before and After are JSON of the thing changed, without secrets.</summary>
/// <param name="Outcome">succeeded, refused or failed.</param>
public sealed record AuditEntryDto(
    long Id,
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    string? SourceIp,
    string? Cluster,
    string Action,
    string Target,
    JsonElement? Before,
    JsonElement? After,
    string Outcome,
    string? Reason,
    string? CorrelationId);

/// <summary>A part of the trail, newest first. NextBefore fetches the next older part; null at the end.</summary>
public sealed record AuditPageDto(IReadOnlyList<AuditEntryDto> Items, long? NextBefore);
