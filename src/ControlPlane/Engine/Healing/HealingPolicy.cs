using System.Collections.Immutable;

namespace ControlPlane.Engine.Healing;

/// <summary>What healing may do by itself about one kind of anomaly.</summary>
public enum HealingMode
{
    /// <summary>Only tell.</summary>
    Observe,

    /// <summary>Make a plan and wait for a person.</summary>
    Propose,

    /// <summary>Make a plan and carry it out.</summary>
    Heal,
}

/// <summary>The rule for one kind of anomaly.</summary>
/// <param name="Grace">From when the anomaly became active until something is done about it.</param>
public sealed record HealingRule(string Kind, HealingMode Mode, TimeSpan Grace);

/// <summary>No healing before that time, and who said so.</summary>
public sealed record HealingPause(DateTimeOffset Until, string By, string? Reason);

/// <summary>What the healing of one cluster may do, set by people. Off for every kind until somebody switches it on.</summary>
/// <param name="Rules">One for each of <see cref="HealingKinds.All"/>, in that order.</param>
/// <param name="MinCompleteness">Share of the cluster that the picture must cover, 0..1.</param>
/// <param name="MaxBrokersDown">Brokers that may be down at the same time, the healed one included.</param>
public sealed record HealingPolicy(ImmutableArray<HealingRule> Rules, HealingPause? Pause, double MinCompleteness, int MaxBrokersDown)
{
    public static readonly TimeSpan LongestGrace = TimeSpan.FromDays(7);

    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(7);

    /// <summary>Healings begun in one cluster within 24 hours; more than these is a trouble that moving replicas does not cure.</summary>
    public const int MaxPerDay = 3;

    public static HealingPolicy Default { get; } = new(
        [.. HealingKinds.All.Select(kind => new HealingRule(kind.Name, HealingMode.Observe, kind.Grace))], null, 0.95, 1);

    /// <summary>The rule for a kind; a kind that has none is only observed.</summary>
    public HealingRule RuleFor(string kind) => Rules.FirstOrDefault(rule => rule.Kind == kind) ?? new HealingRule(kind, HealingMode.Observe, LongestGrace);

    public bool IsPaused(DateTimeOffset now) => Pause is { } pause && now < pause.Until;
}

/// <summary>A kind of anomaly as healing sees it.</summary>
/// <param name="CanHeal">Whether a plan can repair it.</param>
/// <param name="Grace">The grace time of a policy that nobody edited.</param>
public sealed record HealingKind(string Name, bool CanHeal, TimeSpan Grace);
