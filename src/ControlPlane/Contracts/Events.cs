namespace ControlPlane.Contracts;

/// <summary>Something that happened to a cluster and is worth a mark on its charts.</summary>
/// <param name="Kind">broker, health, controller, leaders or ownership.</param>
/// <param name="Subject">"broker 3", or "cluster".</param>
/// <param name="Status">How it stood after the event.</param>
public sealed record ClusterEventDto(DateTimeOffset At, string Kind, string Subject, StatusWord Status, string Sentence);

/// <summary>Events of a cluster, newest first. IsComplete is false where the limit left out older ones of the range.</summary>
public sealed record ClusterEventsDto(IReadOnlyList<ClusterEventDto> Items, bool IsComplete);
