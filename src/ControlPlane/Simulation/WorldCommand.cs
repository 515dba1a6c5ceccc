using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Clusters;

namespace ControlPlane.Simulation;

/// <summary>
/// What is done to a world from outside. With the shape and the beginning of a world, its commands and their times make all of its
/// course, so that it can be built again from them.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Trouble), "trouble")]
[JsonDerivedType(typeof(Reassign), "reassign")]
[JsonDerivedType(typeof(MoveLogDir), "move-log-dir")]
[JsonDerivedType(typeof(Elect), "elect")]
[JsonDerivedType(typeof(AlterTopic), "alter-topic")]
[JsonDerivedType(typeof(AlterBroker), "alter-broker")]
[JsonDerivedType(typeof(CommitOffsets), "commit-offsets")]
[JsonDerivedType(typeof(ForgetOffsets), "forget-offsets")]
[JsonDerivedType(typeof(DeleteGroup), "delete-group")]
internal abstract record WorldCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true, // PostgreSQL sorts the keys
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Throws <see cref="JsonException"/> for what this version does not know.</summary>
    public static WorldCommand Parse(string json) => JsonSerializer.Deserialize<WorldCommand>(json, Json) ?? throw new JsonException("null is no command");

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>One answer for each thing that was asked for: null, or Kafka's error name; of a trouble, what was done.</summary>
    public abstract string?[] ApplyTo(SimulatedKafka kafka);

    internal sealed record Trouble(DemoAction Action) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [new DemoActions(kafka).Apply(Action)];
    }

    internal sealed record Reassign(IReadOnlyList<ReassignmentTarget> Targets) : WorldCommand
    {
        /// <summary>False refuses a target of another length, also in commands from before there was anything else.</summary>
        public bool AllowsReplicationFactorChange { get; init; }

        public override string?[] ApplyTo(SimulatedKafka kafka) => kafka.Reassign(Targets, AllowsReplicationFactorChange);
    }

    internal sealed record MoveLogDir(string Topic, int Partition, int Broker, string Path) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [kafka.MoveLogDir(Topic, Partition, Broker, Path)];
    }

    internal sealed record Elect(string Topic, int Partition) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [kafka.ElectPreferred(Topic, Partition)];
    }

    internal sealed record AlterTopic(string Topic, IReadOnlyList<ConfigAlteration> Alterations) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [kafka.AlterTopicConfig(Topic, Alterations)];
    }

    internal sealed record AlterBroker(int Broker, IReadOnlyList<ConfigAlteration> Alterations) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [kafka.AlterBrokerConfig(Broker, Alterations)];
    }

    internal sealed record CommitOffsets(string Group, IReadOnlyList<SimulatedCommit> Offsets) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [.. Offsets.Select(one => kafka.CommitOffset(Group, one.Topic, one.Partition, one.Offset))];
    }

    internal sealed record ForgetOffsets(string Group, IReadOnlyList<SimulatedCommit> Offsets) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [.. Offsets.Select(one => kafka.ForgetOffset(Group, one.Topic, one.Partition))];
    }

    internal sealed record DeleteGroup(string Group) : WorldCommand
    {
        public override string?[] ApplyTo(SimulatedKafka kafka) => [kafka.DeleteGroup(Group)];
    }
}

/// <summary>A commit as commands write it down; the offset is left out where one is forgotten.</summary>
internal sealed record SimulatedCommit(string Topic, int Partition, long Offset);
