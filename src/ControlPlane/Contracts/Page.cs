namespace ControlPlane.Contracts;

/// <summary>A part of a list. Total counts what matches the filter, not what is in Items.</summary>
/// <param name="At">When the data of the list was read from the cluster; null where it comes from the database.</param>
/// <param name="Notice">What to know of the list as a whole, in a sentence; null where there is nothing to know.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, int Total, int Offset, int Limit, DateTimeOffset? At, string? Notice = null);
