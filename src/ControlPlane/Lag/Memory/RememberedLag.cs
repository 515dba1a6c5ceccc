using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Lag.Memory;

/// <summary>Where an earlier owner was in the offsets topic; its windows are in the book already.</summary>
internal sealed record RememberedLag(IReadOnlyList<OffsetsPosition> Positions)
{
    public static RememberedLag Nothing { get; } = new([]);

    public bool IsNothing => Positions.Count == 0;

    /// <summary>The groups of one partition, which go when it turns out that its log must be read anew.</summary>
    public IEnumerable<string> GroupsOf(int partition) => Positions.FirstOrDefault(one => one.Partition == partition) is { } known ? GroupsOf(known.Groups) : [];

    public static IEnumerable<string> GroupsOf(GroupFeedSnapshot groups) => groups.Offsets.Select(offset => offset.Group).Distinct(StringComparer.Ordinal);
}
