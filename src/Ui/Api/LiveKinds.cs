namespace ControlPlane.Ui.Api;

/// <summary>What kinds of change a live notice stands for; several changes become one notice.</summary>
[Flags]
public enum LiveKinds
{
    None = 0,

    /// <summary>Numbers only: rates, sizes, offsets.</summary>
    Load = 1,

    /// <summary>A state that a person would want to see at once, or the fleet itself.</summary>
    State = 2,
}
