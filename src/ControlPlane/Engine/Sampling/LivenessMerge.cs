using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>Takes probes and sightings into the tracked brokers.</summary>
internal static class LivenessMerge
{
    public static ClusterState Apply(ClusterState state, ImmutableArray<BrokerProbe> probes, DateTimeOffset now)
    {
        var brokers = state.Brokers.ToBuilder();
        foreach (var probe in probes)
        {
            var index = state.Model.FindBroker(probe.BrokerId);
            if (index >= 0)
            {
                var broker = brokers[index];
                brokers[index] = broker with { Liveness = broker.Liveness.OnProbe(probe, now, state.Limits) };
            }
        }

        return state with { Brokers = brokers.ToImmutable() };
    }

    public static ClusterState Break(ClusterState state, int brokerId)
    {
        var index = state.Model.FindBroker(brokerId);
        return index < 0
            ? state
            : state with { Brokers = state.Brokers.SetItem(index, state.Brokers[index] with { Liveness = state.Brokers[index].Liveness.OnBreak() }) };
    }

    /// <summary>The brokers of the next topology, in index order.</summary>
    public static ImmutableArray<TrackedBroker> See(
        ClusterState state, TopologySample sample, int[] ids, BrokerDuties duties, DateTimeOffset now)
    {
        var observed = sample.Brokers.ToDictionary(broker => broker.Id);
        var brokers = ImmutableArray.CreateBuilder<TrackedBroker>(ids.Length);
        for (var index = 0; index < ids.Length; index++)
        {
            var before = state.Model.FindBroker(ids[index]);
            var broker = before >= 0 ? state.Brokers[before] : new TrackedBroker(ids[index], BrokerLiveness.New(now));
            var isListed = observed.TryGetValue(ids[index], out var seen);
            var sighting = new BrokerSighting(isListed, seen?.IsFenced, duties.Replicas[index], duties.Leads[index], duties.InSync[index]);
            brokers.Add(broker with
            {
                // Kafka lists a broker without a listener for us with an empty host: what was known stays.
                Host = string.IsNullOrEmpty(seen?.Host) ? broker.Host : seen.Host,
                Port = seen is { Port: > 0 } ? seen.Port : broker.Port,
                Rack = isListed ? seen!.Rack ?? (seen.IsFenced == true ? broker.Rack : null) : broker.Rack,
                IsListed = isListed,
                IsFenced = seen?.IsFenced,
                Liveness = broker.Liveness.OnSighting(sighting, now, state.Limits),
            });
        }

        return brokers.ToImmutable();
    }

    /// <summary>Ids that keep their place: gone for a while, but not for good.</summary>
    public static IEnumerable<int> Kept(ClusterState state, TopologySample sample, DateTimeOffset now)
    {
        var listsFenced = sample.Brokers.Any(broker => broker.IsFenced is not null);
        return state.Brokers
            .Where(broker => broker.Liveness.State switch
            {
                BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown or BrokerState.Unresponsive => true,
                // A cluster that lists its dead no longer lists those that were unregistered.
                BrokerState.Down or BrokerState.Restarting or BrokerState.Unknown =>
                    !listsFenced && now - broker.Liveness.Since <= state.Limits.RestartGrace,
                var other => throw new InvalidOperationException($"Unhandled broker state {other}"),
            })
            .Select(broker => broker.Id);
    }
}
