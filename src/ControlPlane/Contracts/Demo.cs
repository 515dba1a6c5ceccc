namespace ControlPlane.Contracts;

/// <summary>Trouble for a simulated cluster. Action: kill-broker, slow-disk, stop-consumer, fill-disk or restore.</summary>
public sealed record DemoActionRequest(string Action, int? BrokerId, string? Group);

/// <summary>What was done, in a sentence.</summary>
public sealed record DemoActionDto(string Sentence);
