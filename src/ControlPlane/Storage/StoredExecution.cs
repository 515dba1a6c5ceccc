using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;

namespace ControlPlane.Storage;

/// <summary>An execution as a list shows it.</summary>
internal sealed record StoredExecution(Guid Id, ClusterId Cluster, Guid Plan, string StartedBy, DateTimeOffset StartedAt)
{
    public DateTimeOffset? FinishedAt { get; init; }

    public long Sequence { get; init; }

    public string? Owner { get; init; }

    public required ExecutionSummary Summary { get; init; }

    public required ExecutionLimits Limits { get; init; }
}

/// <summary>One entry of the journal.</summary>
internal sealed record StoredEvent(long Sequence, long Epoch, ExecutionEvent Event);

/// <summary>An execution with all it was made from.</summary>
internal sealed record ExecutionHistory(StoredExecution Execution, ImmutableArray<StoredEvent> Journal, ExecutionState State);

/// <summary>Somebody else wrote to the journal first: what was decided was decided from an old state.</summary>
internal sealed class JournalConflictException(Guid execution, long expected)
    : Exception($"The journal of execution {execution} goes on after entry {expected} already. Nothing was written; read it anew and decide again.");
