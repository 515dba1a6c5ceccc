namespace ControlPlane.Contracts;

/// <summary>A server-sent event. Kind: fleet, state, load or alerts (see the README of Api). Fetch anew what you show of that cluster.</summary>
public sealed record LiveEventDto(string Cluster, string Kind, long Generation, DateTimeOffset At);
