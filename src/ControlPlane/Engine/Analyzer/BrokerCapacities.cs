using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Network of one broker in bytes per second; null: unknown.</summary>
public sealed record NetworkCapacity(double? In, double? Out);

/// <summary>What people say a cluster's brokers can carry: Kafka itself tells only the size of disks.</summary>
/// <param name="Default">Of each broker that is not named.</param>
/// <param name="Brokers">By Kafka node id. What is null there is the default's.</param>
public sealed record BrokerCapacities(NetworkCapacity Default, ImmutableSortedDictionary<int, NetworkCapacity> Brokers)
{
    public static BrokerCapacities Unknown { get; } = new(new NetworkCapacity(null, null), ImmutableSortedDictionary<int, NetworkCapacity>.Empty);

    public double InOf(int broker) => Brokers.GetValueOrDefault(broker)?.In ?? Default.In ?? double.NaN;

    public double OutOf(int broker) => Brokers.GetValueOrDefault(broker)?.Out ?? Default.Out ?? double.NaN;
}
