using ControlPlane.Engine.Sampling;

namespace ControlPlane.Connectivity;

/// <summary>The groups of which something is to be read in this round, those that waited longest first, coordinators in turn: all of them are busy all the time.</summary>
internal sealed class DueGroups
{
    public DueGroups(List<KnownGroup> groups, bool isFollowed, OffsetsSample? ends, DateTimeOffset now)
    {
        var areFew = groups.Count <= GroupRhythm.FewGroups;
        groups.ForEach(group => group.Decide(areFew, isFollowed, ends, now));
        All =
        [
            .. groups.Where(group => group.NeedsOffsets || group.NeedsMembers).GroupBy(group => group.Listed.CoordinatorId)
                .SelectMany(coordinator => coordinator.OrderBy(group => group.OldestAt).Select((group, place) => (group, place)))
                .OrderBy(one => one.place).Select(one => one.group),
        ];
    }

    public IReadOnlyList<KnownGroup> All { get; }
}
