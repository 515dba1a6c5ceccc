using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Api.Views;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Problems;

/// <summary>Refusals about changes of consumer groups.</summary>
internal static class GroupProblems
{
    public static Problem HasMembers(Group group) =>
        new(409, "The group has members", $"Group '{group.Id}' is {group.State}: whatever were committed for it, its members would commit over it, and Kafka refuses.", GroupChangeRows.WayOut(group)) { Code = "group-has-members" };

    public static Problem Stale(string group, ImmutableArray<OffsetTarget> targets) =>
        new(
            409,
            "The group committed since you looked",
            string.Create(CultureInfo.InvariantCulture, $"Group '{group}' has another offset on {targets.Length} of the partitions, first on {targets[0].Topic}-{targets[0].Partition}, where {targets[0].Expected} was expected."),
            "Make a new preview, look at it, and send its targets.")
        {
            Code = "stale-offsets",
        };

    public static Problem Refused(string group, string why, string wayOut) =>
        new(409, "Kafka can't do that to this group", $"Group '{group}': {why}", wayOut) { Code = "group-change-impossible" };

    public static Problem Unreadable(ClusterId cluster, string group, string why) =>
        new(502, "Kafka did not answer what must be known first", $"Cluster '{cluster}', group '{group}': {why}", "Nothing was changed. Repair what the detail names, or try again in a moment.") { Code = "group-unreadable" };

    public static Problem Unsupported(ClusterId cluster) =>
        new(409, "Groups of this cluster can't be changed", $"The connection of cluster '{cluster}' can only read.", "Use a cluster whose connection can change groups.") { Code = "read-only-connection" };
}
