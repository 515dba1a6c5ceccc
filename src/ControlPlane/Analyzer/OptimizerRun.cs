using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>Where a run stands.</summary>
internal enum RunState
{
    Running,
    Done,

    /// <summary>Ended by a person, with the best plan until then.</summary>
    Cancelled,
    Failed,

    /// <summary>What it was asked turned out to be impossible only while it ran.</summary>
    Refused,
}

/// <summary>The last figures of one phase, and when they were told.</summary>
internal sealed record RunPhase(OptimizerProgress Figures, TimeSpan Since);

/// <summary>A run of the optimizer as it is at one moment; never changed, replaced.</summary>
internal sealed record RunPicture(Guid Id, ClusterId Cluster, OptimizerAsk Ask, DateTimeOffset StartedAt, string StartedBy)
{
    public RunState State { get; init; }

    public ImmutableArray<RunPhase> Phases { get; init; } = [];

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What it found; null while it runs, and where it failed.</summary>
    public RebalancePlan? Plan { get; init; }

    /// <summary>Whether the plan is kept with the other plans; one that moves nothing is not.</summary>
    public bool IsPlanStored { get; init; }

    /// <summary>Where it stands or what it found.</summary>
    public string Sentence { get; init; } = "It has just begun.";

    public RunPicture With(OptimizerProgress progress, TimeSpan since)
    {
        var phase = new RunPhase(progress, since);
        var known = Phases.IndexOf(Phases.FirstOrDefault(one => one.Figures.Phase == progress.Phase)!);
        return this with
        {
            Phases = known < 0 ? Phases.Add(phase) : Phases.SetItem(known, phase),
            Sentence = $"{progress.Phase}: {progress.Moves:N0} moves so far, {progress.BrokersOutside:N0} brokers out of band.",
        };
    }
}

/// <summary>What came of asking for a run.</summary>
internal abstract record RunStart
{
    private RunStart()
    {
    }

    public sealed record Started(RunPicture Run) : RunStart;

    public sealed record OtherRunning(RunPicture Other) : RunStart;

    public sealed record Refused(string Field, string Why) : RunStart;

    public sealed record NotReady(string Why) : RunStart;

    public sealed record NotOwner : RunStart;
}
