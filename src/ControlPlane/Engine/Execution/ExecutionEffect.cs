using System.Collections.Immutable;

namespace ControlPlane.Engine.Execution;

/// <summary>What is to be done to the cluster, after the events that come with it are stored, never before.</summary>
public abstract record ExecutionEffect
{
    /// <summary>Submits targets, or cancels where a target is null.</summary>
    public sealed record Reassign(ImmutableArray<ReassignmentWish> Wishes) : ExecutionEffect;

    public sealed record Elect(ImmutableArray<ReassignmentWish> Partitions) : ExecutionEffect;

    /// <summary>Moves replicas inside their brokers, or says where those that come shall be made.</summary>
    /// <param name="IsHint">For replicas to come: without an answer that matters, since they come anyway.</param>
    public sealed record MoveDirs(ImmutableArray<DirWish> Wishes, bool IsHint) : ExecutionEffect;

    public sealed record AlterThrottles(ImmutableArray<ThrottleChange> Changes) : ExecutionEffect;
}

/// <summary>The list one partition shall have; null cancels.</summary>
public sealed record ReassignmentWish(int Order, string Topic, int Partition, ImmutableArray<int>? Target)
{
    /// <summary>The plan wants another number of replicas; else Kafka shall refuse one that differs from what is there.</summary>
    public bool ChangesReplicationFactor { get; init; }
}

/// <summary>The log dir that a replica shall lie in.</summary>
public sealed record DirWish(int Order, string Topic, int Partition, int Broker, string Path);

/// <summary>How a throttle's config is altered.</summary>
public enum ThrottleOperation
{
    Set,
    Delete,
    Append,
    Subtract,
}

/// <summary>One change of a throttle's config; null value for Delete.</summary>
public sealed record ThrottleChange(ThrottleKey Key, ThrottleOperation Operation, string? Value);

/// <summary>What came of sending one thing.</summary>
public enum AnswerKind
{
    Accepted,

    /// <summary>Kafka said no, and will say so again.</summary>
    Refused,

    /// <summary>It certainly did not reach the one who decides.</summary>
    NotSent,

    /// <summary>No answer: it may have been done. Only reading the cluster can tell.</summary>
    Unknown,
}

/// <summary>The answer to one wish.</summary>
public sealed record MoveAnswer(int Order, AnswerKind Kind, string? Error);

/// <summary>The answer to one throttle change.</summary>
public sealed record ThrottleAnswer(ThrottleKey Key, AnswerKind Kind, string? Error);

/// <summary>What the machine hears.</summary>
public abstract record ExecutionInput
{
    /// <summary>A process begins, or goes on after another.</summary>
    public sealed record TookOver(string Owner) : ExecutionInput;

    public sealed record Commanded(ExecutionCommand Command) : ExecutionInput;

    public sealed record Observed(ClusterObservation Cluster) : ExecutionInput;

    public sealed record Reassigned(ImmutableArray<MoveAnswer> Answers) : ExecutionInput;

    public sealed record ThrottlesAltered(ImmutableArray<ThrottleChange> Changes, ImmutableArray<ThrottleAnswer> Answers) : ExecutionInput;
}

/// <summary>Events to be stored first, and effects to be done once they are.</summary>
public sealed record ExecutionDecision(ImmutableArray<ExecutionEvent> Events, ImmutableArray<ExecutionEffect> Effects);
