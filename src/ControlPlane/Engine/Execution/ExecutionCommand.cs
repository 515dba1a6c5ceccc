using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>What a person, or a policy, wants of a running execution.</summary>
public abstract record ExecutionCommand(string By, string? Why)
{
    /// <summary>Begin nothing new; what moves goes on.</summary>
    public sealed record Pause(string By, string? Why) : ExecutionCommand(By, Why);

    public sealed record Resume(string By, string? Why) : ExecutionCommand(By, Why);

    public sealed record Cancel(CancelMode Mode, string By, string? Why) : ExecutionCommand(By, Why);

    public sealed record ChangeLimits(ExecutionLimits Limits, string By, string? Why) : ExecutionCommand(By, Why);
}
