namespace ControlPlane.Ui.Components;

/// <summary>What people want of a balance most often, as the fields that say it.</summary>
/// <param name="Goals">As in the form, one a line; empty: Cruise Control's defaults.</param>
/// <param name="Band">Percent around the mean; empty: the default.</param>
public sealed record RebalancePreset(string Name, string Word, string Explanation, string Goals, string Band)
{
    private const string Safe = "RackAwareGoal;ReplicaCapacityGoal;DiskCapacityGoal;NetworkInboundCapacityGoal;NetworkOutboundCapacityGoal";

    public static IReadOnlyList<RebalancePreset> All { get; } =
    [
        new("usual", "All goals", "Cruise Control's goals in its order, ±9 % around the mean.", "", ""),
        new("tight", "All goals, tight", "The same within ±5 %: evener, for more bytes.", "", "5"),
        new("disk", "Disks", "Racks and limits hold; beyond that only disks are evened.", $"{Safe};DiskUsageDistributionGoal", ""),
        new("network", "Network", "Racks and limits hold; beyond that only the network is evened.", $"{Safe};NetworkInboundUsageDistributionGoal;NetworkOutboundUsageDistributionGoal;PotentialNwOutGoal;LeaderBytesInDistributionGoal", ""),
        new("replicas", "Replicas", "Racks and limits hold; beyond that only the number of replicas is evened, of each topic too.", $"{Safe};ReplicaDistributionGoal;TopicReplicaDistributionGoal", ""),
        new("leaders", "Leaders", "Racks and limits hold; beyond that only leadership is evened.", $"{Safe};LeaderReplicaDistributionGoal;LeaderBytesInDistributionGoal", ""),
    ];

    public bool IsIn(RebalanceEdit edit) => PlanLists.Split(edit["goals"]).SequenceEqual(PlanLists.Split(Goals), StringComparer.Ordinal) && edit["band"].Trim() == Band;

    public void Fill(RebalanceEdit edit) => (edit["goals"], edit["band"]) = (Goals, Band);
}
