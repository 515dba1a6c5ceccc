namespace ControlPlane.Ui.Components;

/// <summary>What a plan can be asked for, with the fields that each kind takes.</summary>
/// <param name="Explanation">What it does and leaves alone, in a sentence.</param>
/// <param name="Fields">Names of <see cref="RebalanceEdit"/>'s fields beside those that every search takes.</param>
/// <param name="Needed">Those of them without which it makes no sense.</param>
public sealed record RebalanceMode(string Name, string Explanation, IReadOnlyList<string> Fields, IReadOnlyList<string> Needed)
{
    private static readonly string[] Placing = ["excludedTopics", "noReplicasOnto", "noLeadersOnto", "destinations", "immovable", "only", "diskLimit", "networkLimit", "replicaLimit", "brokerSets"];
    private static readonly string[] Balancing = [.. Placing, "goals", "band", "minLeadersTopics", "minLeaders", "byteBudget", "moveBudget", "polish"];

    public static IReadOnlyList<RebalanceMode> All { get; } =
    [
        new("rebalance", "Brings every broker inside the bands of all goals with the fewest bytes.", Balancing, []),
        new("add-brokers", "Fills brokers that were added; the others may trade too unless you say otherwise.", [.. Balancing, "brokers", "onlyOntoNamed"], []),
        new("remove-brokers", "Empties brokers, so that they can be switched off.", [.. Balancing, "brokers", "mandatoryOnly"], ["brokers"]),
        new("demote-brokers", "Takes the leadership off brokers; their replicas stay.", [.. Balancing, "brokers", "mandatoryOnly"], ["brokers"]),
        new("replication-factor", "Gives topics more or fewer replicas.", [.. Balancing, "topics", "replicationFactor", "mandatoryOnly"], ["topics", "replicationFactor"]),
        new("rack-repair", "Moves only what has two replicas in one rack.", Placing, []),
        new("minimal-repair", "Brings single loads under a limit with the fewest bytes, and improves nothing else.", [.. Placing, "limits", "byteBudget", "moveBudget"], ["limits"]),
        new("remove-dirs", "Empties log dirs within their brokers; nothing crosses the network.", ["dirs"], ["dirs"]),
        new("disk-balance", "Evens out the log dirs inside each broker; nothing crosses the network.", ["brokers", "excludedTopics", "immovable", "only"], []),
        new("preferred-leaders", "Each partition is led by its first replica again; no byte is copied.", ["excludedTopics", "noLeadersOnto", "immovable", "only"], []),
        new("kafka-assigner", "Even racks by position, then disks by swaps, as kafka-assigner does it.", Placing, []),
        new("fix-offline", "New places for the replicas of brokers and log dirs that are down; what lives stays where it is unless you say otherwise.", [.. Balancing, "brokers", "balanceAfter"], []),
    ];

    public bool Takes(string field) => Fields.Contains(field, StringComparer.Ordinal);

    public bool Needs(string field) => Needed.Contains(field, StringComparer.Ordinal);

    public static RebalanceMode Of(string? name) => All.FirstOrDefault(mode => mode.Name == name) ?? All[0];
}
