using System.CommandLine;
using ControlPlane.Cli.Commands;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Cli.Optimize;

/// <summary>
/// What kcp optimize can be told: one option for each part of a wish. Numbers are read by <see cref="WishWords"/>: options of numbers would be compiled
/// at run time, which a short plan would feel.
/// </summary>
internal sealed class OptimizeOptions
{
    public Option<string> Model { get; } = new("--model") { Description = "The cluster: lines of JSON, packed where the name ends in .gz", HelpName = "FILE", Required = true };

    public Option<OptimizerMode> Mode { get; } = Choice.Of(
        "--mode", "What to reach", "MODE", OptimizerMode.Rebalance,
        ("rebalance", OptimizerMode.Rebalance), ("add", OptimizerMode.AddBrokers), ("remove", OptimizerMode.RemoveBrokers), ("demote", OptimizerMode.DemoteBrokers),
        ("fix-offline", OptimizerMode.FixOffline), ("rf", OptimizerMode.ReplicationFactor), ("rack-repair", OptimizerMode.RackRepair), ("remove-dirs", OptimizerMode.RemoveDirs),
        ("disk-balance", OptimizerMode.DiskBalance), ("minimal", OptimizerMode.MinimalRepair), ("kafka-assigner", OptimizerMode.KafkaAssigner), ("preferred-leaders", OptimizerMode.PreferredLeaders));

    public Option<string?> Goals { get; } = Text("--goals", "Goals in order of importance, such as RackAware,DiskCapacity; all by default", "A,B");

    public Option<string?> Band { get; } = Text("--band", "Half width of the balance bands that a plan ends in, relative to the target (by default what is outside 0.09 is brought to 0.055)", "SHARE");

    public Option<string?> DiskLimit { get; } = Text("--disk-limit", "Share of a disk that may be full (0.8)", "SHARE");

    public Option<string?> CpuLimit { get; } = Text("--cpu-limit", "Share of a broker's CPU that may be used (0.7)", "SHARE");

    public Option<string?> NetworkLimit { get; } = Text("--network-limit", "Share of the network that may be used, each way (0.8)", "SHARE");

    public Option<string?> ReplicaLimit { get; } = Text("--replica-limit", "Most replicas of one broker (10000)", "N");

    public Option<string?> Brokers { get; } = Text("--brokers", "Brokers the mode is about, such as 1,2,5-9", "IDS");

    public Option<bool> OnlyOnto { get; } = Flag("--only-onto", "With --mode add: nothing goes to any other broker");

    public Option<bool> MandatoryOnly { get; } = Flag("--mandatory-only", "Only what the mode must do; no balancing afterwards");

    public Option<string?> Topic { get; } = Text("--topic", "With --mode rf: the topics, a regular expression over the whole name", "REGEX");

    public Option<string?> ReplicationFactor { get; } = Text("--rf", "With --mode rf: replicas of each partition", "N");

    public Option<string?> ExcludeTopics { get; } = Text("--exclude-topics", "Topics whose replicas stay, unless they are offline", "REGEX");

    public Option<string?> Destinations { get; } = Text("--destinations", "The only brokers that receive replicas", "IDS");

    public Option<string?> NoReplicasOnto { get; } = Text("--no-replicas-onto", "Brokers that receive no replica", "IDS");

    public Option<string?> NoLeadersOnto { get; } = Text("--no-leaders-onto", "Brokers that receive no leadership", "IDS");

    public Option<string?> Immovable { get; } = Text("--immovable", "Partitions that stay, such as orders-3,orders-4", "LIST");

    public Option<string?> ByteBudget { get; } = Text("--byte-budget", "Most to copy beyond what is mandatory, such as 500GB", "SIZE");

    public Option<string?> MoveBudget { get; } = Text("--move-budget", "Most replicas to move beyond what is mandatory", "N");

    public Option<string[]> Limits { get; } = Many("--limit", "With --mode minimal: a load and what it shall end under, such as disk=0.75@4,5; may be repeated", "LOAD=SHARE[@IDS]");

    public Option<string[]> Dirs { get; } = Many("--dirs", "With --mode remove-dirs: a log dir to empty, such as 4:/data/d1; may be repeated", "ID:PATH");

    public Option<string?> MinLeadersTopics { get; } = Text("--min-leaders-topics", "Topics of which each broker shall lead some partitions", "REGEX");

    public Option<string?> MinLeaders { get; } = Text("--min-leaders", "How many (1)", "N");

    public Option<string[]> BrokerSets { get; } = Many("--broker-set", "A set of brokers, such as blue=1,2,3; may be repeated", "NAME=IDS");

    public Option<bool> NoPolish { get; } = Flag("--no-polish", "Leave leadership as soon as the goals are met");

    public Option<string?> Seed { get; } = Text("--seed", "Seed of the search (1): the same file, wish and seed give the same plan", "N");

    public Option<string?> Threads { get; } = Text("--threads", "Threads of the search (as many as there are cores); the plan does not depend on it", "N");

    public Option<string?> Deadline { get; } = Text("--deadline", "Search at most so long, such as 30s, and take the best plan until then", "TIME");

    public Option<string?> Plan { get; } = Text("--plan", "Write the moves there, one a line, in the order of execution", "FILE");

    public Option<string?> Placement { get; } = Text("--placement", "Write the partitions as they are in the end there", "FILE");

    public IEnumerable<Option> All =>
    [
        Model, Mode, Goals, Band, DiskLimit, CpuLimit, NetworkLimit, ReplicaLimit, Brokers, OnlyOnto, MandatoryOnly, Topic, ReplicationFactor, ExcludeTopics, Destinations, NoReplicasOnto, NoLeadersOnto,
        Immovable, ByteBudget, MoveBudget, Limits, Dirs, MinLeadersTopics, MinLeaders, BrokerSets, NoPolish, Seed, Threads, Deadline, Plan, Placement,
    ];

    private static Option<string?> Text(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<string[]> Many(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => [] };
}
