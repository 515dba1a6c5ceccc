using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Healing;

/// <summary>A cluster of four brokers, one of them dead for an hour, in which nothing holds healing back; tests break one thing of it.</summary>
internal static class HealingScene
{
    public static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset ActiveAt = Now - TimeSpan.FromHours(1);
    public static readonly ClusterId Cluster = new("prod");
    public static readonly Guid Plan = Guid.Parse("11111111-1111-1111-1111-111111111111");

    public static HealingInput Ready { get; } = new(Trouble(), Policy(HealingMode.Heal), null, Picture(), ClusterWork.None, Now);

    public static Anomaly Trouble(AnomalyState state = AnomalyState.Active) => new(
        Guid.Parse("22222222-2222-2222-2222-222222222222"), Cluster, state,
        new Detection(new AnomalyKey(BrokerDownDetector.Name, "broker 4"), Severity.Error, "Broker 4 is down.", ActiveAt - TimeSpan.FromSeconds(10)) { BrokerId = 4 },
        ActiveAt - TimeSpan.FromSeconds(10), Now, state is AnomalyState.Pending ? null : ActiveAt, state is AnomalyState.Resolved ? Now : null, BlastRadius.Unknown);

    public static HealingPolicy Policy(HealingMode mode, int graceMinutes = 30) =>
        HealingPolicy.Default with { Rules = [new HealingRule(BrokerDownDetector.Name, mode, TimeSpan.FromMinutes(graceMinutes)), HealingPolicy.Default.Rules[1]] };

    public static ClusterModel Picture() => new(Cluster, 1, Now)
    {
        Controller = new ControllerPicture("kraft", 3000, 1, [], []),
        Brokers = [OneBroker(1), OneBroker(2), OneBroker(3), OneBroker(4, BrokerState.Down, isFenced: true)],
        Partitions = new PartitionTable
        {
            TopicName = ["orders"],
            TopicId = [Guid.Empty],
            TopicInternal = [false],
            TopicMinInSync = [2],
            TopicStart = [0, 2],
            Topic = [0, 0],
            Leader = [0, 1],
            LeaderEpoch = [1, 1],
            ReplicaStart = [0, 3, 6],
            ReplicaBroker = [0, 1, 3, 1, 2, 3],
            ReplicaFlags = [ReplicaFlags.InSync, ReplicaFlags.InSync, ReplicaFlags.Offline, ReplicaFlags.InSync, ReplicaFlags.InSync, ReplicaFlags.Offline],
        },
        Load = new LoadTable { ReplicaBytes = [10, 10, -1, 10, 10, -1] },
        Reassigning = [],
        Samples = [.. Enum.GetValues<SampleKind>().Select(kind => new SampleStatus(kind, TimeSpan.FromSeconds(10), Now, Now, TimeSpan.Zero, []))],
    };

    public static Broker OneBroker(int id, BrokerState state = BrokerState.Active, bool? isFenced = false) =>
        new(id, $"b{id}", 9092, $"rack-{id}", state, ActiveAt, state is BrokerState.Active ? "answers" : "connection refused", isFenced);

    public static ClusterModel With(this ClusterModel model, Broker broker) => model with { Brokers = model.Brokers.SetItem(model.FindBroker(broker.Id), broker) };

    public static ClusterModel Stale(this ClusterModel model, SampleKind kind, DateTimeOffset? lastSuccess) =>
        model with { Samples = [.. model.Samples.Select(sample => sample.Kind == kind ? sample with { LastSuccess = lastSuccess } : sample)] };

    public static Repair Attempt(RepairState state, Guid? plan = null, DateTimeOffset? at = null) => new(
        plan ?? Plan, Ready.Anomaly.Id, state, true, at ?? Now - TimeSpan.FromMinutes(20), state is RepairState.Proposed or RepairState.Running or RepairState.Stale ? null : Now - TimeSpan.FromMinutes(10), null, "2 moves, 20 B.");

    public static HealingInput After(this HealingInput input, params Repair[] repairs) => input with { Work = new ClusterWork([.. repairs], 0) };
}
