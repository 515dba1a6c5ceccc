using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Engine.Healing;

/// <summary>Every kind of anomaly that a policy names, in the order in which pages show them.</summary>
public static class HealingKinds
{
    public static ImmutableArray<HealingKind> All { get; } =
    [
        new(BrokerDownDetector.Name, CanHeal: true, Grace: TimeSpan.FromMinutes(30)),
        // Its cause is not known: copying replicas anew may hide a failing disk or network, or make it worse.
        new(UnderReplicatedDetector.Name, CanHeal: false, Grace: TimeSpan.FromMinutes(30)),
        // Only its owner knows what a consumer may skip or read twice.
        new(ConsumerLagDetector.Name, CanHeal: false, Grace: TimeSpan.FromMinutes(30)),
    ];

    public static HealingKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);
}
