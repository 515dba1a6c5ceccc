using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>How much evidence it takes to call a broker something.</summary>
public sealed record LivenessLimits
{
    public static LivenessLimits Default { get; } = new();

    /// <summary>Refusals or breaks in a row before a broker counts as gone. One may be a race with a restart of its listener.</summary>
    public int RefusalsUntilGone { get; init; } = 2;

    /// <summary>Unanswered probes in a row before a broker counts as hanging: one slow answer is no verdict.</summary>
    public int SilencesUntilHanging { get; init; } = 3;

    /// <summary>And silent for at least this long, so that a burst of probes is no verdict either.</summary>
    public TimeSpan SilenceUntilHanging { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Leaders that move away this soon after the last answer were moved by a controlled shutdown: the controller itself needs
    /// its session time-out (9 s by default) to notice a crash.
    /// </summary>
    public TimeSpan ControlledShutdownWindow { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a broker that said goodbye may stay away before it counts as down.</summary>
    public TimeSpan RestartGrace { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>What the cluster's metadata says of one broker in one round.</summary>
/// <param name="IsListed">Among the cluster's brokers; without a list of fenced ones, only live brokers are.</param>
/// <param name="Replicas">Partitions it hosts; a broker without any has no duties to lose.</param>
/// <param name="Leads">Partitions it leads.</param>
/// <param name="InSync">Partitions with several replicas in whose ISR it is.</param>
public readonly record struct BrokerSighting(bool IsListed, bool? IsFenced, int Replicas, int Leads, int InSync)
{
    public bool HasDuties => Leads > 0 || InSync > 0;
}

/// <summary>
/// The life of one broker as a state machine over evidence: probes and breaks (from our connections) and sightings (from the
/// controller). Pure; a broker's next life follows from the one before and one piece of evidence.
/// </summary>
public sealed record BrokerLiveness(BrokerState State, DateTimeOffset Since, string Evidence)
{
    public DateTimeOffset? LastAnswer { get; init; }

    /// <summary>Refusals, breaks and silences since the last answer.</summary>
    public int Refusals { get; init; }

    public int Silences { get; init; }

    public int Failures { get; init; }

    /// <summary>It led or was in sync at the last sighting before its duties went away.</summary>
    public bool HadDuties { get; init; }

    /// <summary>Since when a controlled shutdown shows in the metadata; null while none does.</summary>
    public DateTimeOffset? LeavingSince { get; init; }

    public BrokerSighting? Sighting { get; init; }

    public static BrokerLiveness New(DateTimeOffset now) => new(BrokerState.Unknown, now, "not probed yet");

    /// <summary>Takes the outcome of one probe.</summary>
    public BrokerLiveness OnProbe(in BrokerProbe probe, DateTimeOffset now, LivenessLimits limits) => probe.Outcome switch
    {
        ProbeOutcome.Answered => OnAnswer(now, limits),
        ProbeOutcome.Refused or ProbeOutcome.ConnectionLost =>
            (this with { Refusals = Refusals + 1, Silences = 0, Failures = 0 }).Judge(probe.Detail, now, limits),
        ProbeOutcome.TimedOut or ProbeOutcome.Unreachable =>
            (this with { Silences = Silences + 1, Failures = 0 }).JudgeSilence(probe, now, limits),
        ProbeOutcome.Failed => OnFailure(probe.Detail, now, limits),
        _ => throw new InvalidOperationException($"Unhandled probe outcome {probe.Outcome}"),
    };

    /// <summary>
    /// Takes a connection that broke by itself. A dying broker breaks all of ours at once, so however many break, it is one piece
    /// of evidence: the verdict waits for the look that follows, which also tells a crash from a controlled shutdown.
    /// </summary>
    public BrokerLiveness OnBreak() => this with { Refusals = Math.Max(1, Refusals), Silences = 0 };

    /// <summary>Takes what the cluster's metadata says.</summary>
    public BrokerLiveness OnSighting(in BrokerSighting sighting, DateTimeOffset now, LivenessLimits limits)
    {
        var answeredLately = LastAnswer is { } answer && now - answer <= limits.ControlledShutdownWindow;
        var dutiesGone = HadDuties && !sighting.HasDuties && sighting.Replicas > 0;
        var fencedNow = sighting.IsFenced == true && Sighting is { IsFenced: not true, IsListed: true };
        var unlistedNow = !sighting.IsListed && Sighting is { IsListed: true };
        var leaves = answeredLately && (dutiesGone || fencedNow || unlistedNow) && State is not BrokerState.Starting;
        var next = this with
        {
            Sighting = sighting,
            HadDuties = sighting.HasDuties,
            LeavingSince = sighting.HasDuties ? null : LeavingSince ?? (leaves ? now : null),
        };
        return next.State switch
        {
            BrokerState.Down when next.LeavingSince is not null && LeavingSince is null && next.Since >= LastAnswer =>
                next.Become(BrokerState.Restarting, "its leaders moved away before it closed its connections: a controlled shutdown", now),
            BrokerState.Unknown when LastAnswer is null && !sighting.IsListed && sighting.IsFenced is null =>
                next.Become(BrokerState.Down, "named in replica lists, but not among the brokers of the cluster", now),
            BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown => next.Alive(now, limits),
            _ => next,
        };
    }

    private BrokerLiveness OnAnswer(DateTimeOffset now, LivenessLimits limits) =>
        (this with
        {
            LastAnswer = now,
            Refusals = 0,
            Silences = 0,
            Failures = 0,
            // Back from the dead: what it did before it left is no evidence for what it does now.
            LeavingSince = State is BrokerState.Down or BrokerState.Restarting ? null : LeavingSince,
            HadDuties = HadDuties && State is not (BrokerState.Down or BrokerState.Restarting),
        }).Alive(now, limits);

    /// <summary>Which of the living states it is, after an answer or a sighting.</summary>
    private BrokerLiveness Alive(DateTimeOffset now, LivenessLimits limits)
    {
        if (LeavingSince is { } leaving && now - leaving <= limits.RestartGrace && State is not (BrokerState.Down or BrokerState.Restarting))
        {
            return Become(BrokerState.ShuttingDown, "answers, while its leaders have moved away: a controlled shutdown", now);
        }

        return Sighting is { IsFenced: true }
            ? Become(BrokerState.Starting, "answers, but the controller still fences it: starting up or catching up", now)
            : Become(BrokerState.Active, "answers", now);
    }

    private BrokerLiveness Judge(string detail, DateTimeOffset now, LivenessLimits limits)
    {
        if (Refusals < limits.RefusalsUntilGone && LastAnswer is not null)
        {
            return this;
        }

        if (State is BrokerState.Restarting)
        {
            return now - Since <= limits.RestartGrace
                ? this
                : Become(BrokerState.Down, $"did not come back within {Minutes(limits.RestartGrace)} of its controlled shutdown: {detail}", now);
        }

        return LeavingSince is not null && State is not BrokerState.Down
            ? Become(BrokerState.Restarting, $"its leaders moved away, then {detail}: a controlled shutdown", now)
            : Become(BrokerState.Down, Proven(detail), now);
    }

    private BrokerLiveness JudgeSilence(in BrokerProbe probe, DateTimeOffset now, LivenessLimits limits)
    {
        if (State is BrokerState.Restarting && now - Since <= limits.RestartGrace)
        {
            return this;
        }

        var silentFor = LastAnswer is { } answer ? now - answer : TimeSpan.MaxValue;
        if (Silences < limits.SilencesUntilHanging || silentFor < limits.SilenceUntilHanging)
        {
            return this;
        }

        return probe.Outcome is ProbeOutcome.Unreachable
            ? Become(BrokerState.Down, Proven(probe.Detail), now)
            : Become(BrokerState.Unresponsive, Proven(probe.Detail), now) with { Refusals = 0 };
    }

    private BrokerLiveness OnFailure(string detail, DateTimeOffset now, LivenessLimits limits)
    {
        var next = this with { Failures = Failures + 1, Refusals = 0, Silences = 0 };
        return next.Failures >= limits.SilencesUntilHanging || LastAnswer is null
            ? next.Become(BrokerState.Unknown, $"it listens, but could not be asked: {detail}", now)
            : next;
    }

    private string Proven(string detail) => Sighting is { IsFenced: true } ? $"{detail}; the controller has fenced it" : detail;

    private BrokerLiveness Become(BrokerState state, string evidence, DateTimeOffset now) =>
        State == state ? (Evidence == evidence ? this : this with { Evidence = evidence }) : this with { State = state, Since = now, Evidence = evidence };

    private static string Minutes(TimeSpan span) => span.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture) + " min";
}
