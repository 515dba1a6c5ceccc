using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What the optimizer is asked to reach.</summary>
public enum OptimizerMode
{
    /// <summary>All goals over all brokers.</summary>
    Rebalance,

    /// <summary>Fill the named brokers (or those marked new); with <see cref="OptimizerWish.OnlyOntoNamed"/> nothing moves elsewhere.</summary>
    AddBrokers,

    /// <summary>Empty the named brokers.</summary>
    RemoveBrokers,

    /// <summary>No leadership on the named brokers.</summary>
    DemoteBrokers,

    /// <summary>Replicas of dead brokers and failed log dirs go to living ones; with <see cref="OptimizerWish.MandatoryOnly"/> nothing else moves.</summary>
    FixOffline,

    /// <summary>Topics that match get <see cref="OptimizerWish.ReplicationFactor"/> replicas.</summary>
    ReplicationFactor,

    /// <summary>Only what breaks rack awareness moves.</summary>
    RackRepair,

    /// <summary>Empty the named log dirs, within their brokers.</summary>
    RemoveDirs,

    /// <summary>Even log dirs inside each broker.</summary>
    DiskBalance,

    /// <summary>Bring the named loads under their limits with the fewest bytes; nothing else is improved.</summary>
    MinimalRepair,

    /// <summary>Kafka-assigner: even racks by position, then disk by swaps.</summary>
    KafkaAssigner,

    /// <summary>Lead by the first replica again.</summary>
    PreferredLeaders,
}

/// <summary>One limit of a minimal repair: a load of the brokers named shall end at most at this share of their capacity.</summary>
/// <param name="Lane">See <see cref="Analyzer.Lane"/>; a count for replicas and leaders, else a share of the capacity.</param>
/// <param name="Brokers">Kafka node ids; empty: all.</param>
public sealed record RepairLimit(int Lane, double Limit, ImmutableArray<int> Brokers);

/// <summary>A wish of the optimizer, checked against the model before anything runs.</summary>
public sealed record OptimizerWish
{
    public static OptimizerWish Rebalance { get; } = new();

    public OptimizerMode Mode { get; init; } = OptimizerMode.Rebalance;

    /// <summary>Names of <see cref="GoalCatalog"/> in order of importance; empty: all that Cruise Control has by default. Hard ones that are left out still hold for what is moved.</summary>
    public ImmutableArray<string> Goals { get; init; } = [];

    public BandSettings Bands { get; init; } = new();

    /// <summary>Kafka node ids the mode is about. With FixOffline: only partitions that lost a replica there; empty: all that lost one.</summary>
    public ImmutableArray<int> Brokers { get; init; } = [];

    /// <summary>With AddBrokers: nothing goes to any other broker.</summary>
    public bool OnlyOntoNamed { get; init; }

    /// <summary>Only what the mode must do; no balancing afterwards.</summary>
    public bool MandatoryOnly { get; init; }

    /// <summary>Topics whose replicas stay, unless they are offline. A regular expression over the whole name.</summary>
    public string? ExcludedTopics { get; init; }

    /// <summary>Kafka node ids that receive no replica.</summary>
    public ImmutableArray<int> NoReplicasOnto { get; init; } = [];

    /// <summary>Kafka node ids that receive no leadership.</summary>
    public ImmutableArray<int> NoLeadersOnto { get; init; } = [];

    /// <summary>Kafka node ids: the only ones that receive replicas; empty: any.</summary>
    public ImmutableArray<int> Destinations { get; init; } = [];

    /// <summary>Partitions that stay as they are, unless they are offline.</summary>
    public ImmutableArray<(string Topic, int Partition)> Immovable { get; init; } = [];

    /// <summary>With ReplicationFactor: the topics, as a regular expression over the whole name.</summary>
    public string? Topics { get; init; }

    public int ReplicationFactor { get; init; }

    /// <summary>With RemoveDirs: Kafka node id and path.</summary>
    public ImmutableArray<(int Broker, string Path)> Dirs { get; init; } = [];

    public ImmutableArray<RepairLimit> Limits { get; init; } = [];

    /// <summary>By topic regular expression: each broker leads at least so many of its partitions.</summary>
    public string? MinLeadersTopics { get; init; }

    public int MinLeaders { get; init; } = 1;

    /// <summary>Kafka node id to the name of its broker set; empty: no sets.</summary>
    public ImmutableDictionary<int, string> BrokerSets { get; init; } = ImmutableDictionary<int, string>.Empty;

    /// <summary>Most bytes that may be copied beyond what is mandatory; null: no limit.</summary>
    public long? ByteBudget { get; init; }

    /// <summary>Most replicas that may move beyond what is mandatory; null: no limit.</summary>
    public int? MoveBudget { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <summary>Threads of the search; the plan does not depend on it.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Leadership is evened further than the goals ask, where it costs no byte.</summary>
    public bool Polish { get; init; } = true;
}
