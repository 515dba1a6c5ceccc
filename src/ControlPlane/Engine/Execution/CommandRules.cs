namespace ControlPlane.Engine.Execution;

/// <summary>Whether a command makes sense now; asked by who takes it, and again by the machine when its turn comes.</summary>
public static class CommandRules
{
    /// <summary>Why not, for a person; null: it may.</summary>
    public static string? Refuse(ExecutionState state, ExecutionCommand command) => command switch
    {
        _ when state.IsEnded => $"The execution has ended: it is {state.Stage.ToString().ToLowerInvariant()}.",
        _ when state.Stage is ExecutionStage.CleaningUp or ExecutionStage.Verifying => "All moves have ended; the execution is cleaning up and checking, which can't be changed any more.",
        ExecutionCommand.Pause when state.Cancel != CancelMode.None => "The execution is being cancelled; there is nothing to pause.",
        ExecutionCommand.Pause when state.IsPauseAsked => "The execution is paused already.",
        ExecutionCommand.Resume when !state.IsPauseAsked => "The execution is not paused.",
        ExecutionCommand.Cancel cancel when state.Cancel >= cancel.Mode => "The execution is being cancelled already.",
        ExecutionCommand.ChangeLimits when state.Cancel != CancelMode.None => "The execution is being cancelled; its limits don't matter any more.",
        _ => null,
    };
}
