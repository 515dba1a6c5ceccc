using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>The five status words that API, pages, alerts and exit codes share.</summary>
public enum Status
{
    Ok,
    Warn,
    Crit,
    Unknown,
    Maint,
}

/// <summary>The verdict on a cluster: the worst of its findings, and a sentence that says it.</summary>
public sealed record ClusterHealth(Status Status, string Sentence, ImmutableArray<Finding> Findings)
{
    public static ClusterHealth Unknown(string why) => new(Status.Unknown, why, []);
}

/// <summary>One thing worth knowing, worst first in a verdict.</summary>
/// <param name="Subject">What it is about: "broker 4", "topic orders", or the cluster.</param>
public sealed record Finding(Status Status, string Kind, string Subject, string Sentence, DateTimeOffset? Since);
