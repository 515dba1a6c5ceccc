namespace ControlPlane.Engine.Lag;

/// <summary>Health of one partition of a group, with the numbers that Burrow gives these words.</summary>
public enum PartitionLagStatus
{
    Ok = 1,
    Warn = 2,
    Stop = 4,
    Stall = 5,
    Rewind = 6,
}

/// <summary>Health of a group, with the numbers that Burrow gives these words.</summary>
public enum GroupLagStatus
{
    NotFound = 0,
    Ok = 1,
    Warn = 2,
    Err = 3,
}

/// <summary>Which rules judge.</summary>
public enum LagMode
{
    Default,

    /// <summary>Burrow's rules to the letter.</summary>
    Burrow,
}
