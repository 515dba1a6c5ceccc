namespace ControlPlane.Clusters;

/// <summary>Trouble that can be made on a simulated cluster, and undone.</summary>
internal enum DemoActionKind
{
    KillBroker,
    SlowDisk,
    StopConsumer,
    FillDisk,

    /// <summary>Undoes everything the others did.</summary>
    Restore,
}

/// <summary>One wish of a person. Broker or group may be left to the simulation: then it picks one and says which.</summary>
internal sealed record DemoAction(DemoActionKind Kind, int? BrokerId, string? Group);

/// <summary>Only simulated clusters have these controls; on a real one they do not exist.</summary>
internal interface IDemoControls
{
    /// <summary>Returns what was done, in a sentence. Throws <see cref="ArgumentException"/> where broker or group does not exist.</summary>
    Task<string> ApplyAsync(DemoAction action, CancellationToken cancellationToken);
}
