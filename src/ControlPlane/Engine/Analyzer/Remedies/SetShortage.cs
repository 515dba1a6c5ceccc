using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Analyzer.Remedies;

/// <summary>Which broker set needs a new broker most: first those with fewer brokers than a topic has replicas, then the fullest.</summary>
internal static class SetShortage
{
    public static ImmutableDictionary<int, string> Share(OptimizerModel model, OptimizerWish wish, int[] added)
    {
        var names = wish.BrokerSets.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var (brokers, topics) = BrokerSets.Of(model, wish);
        var roles = new BrokerRoles(model, wish);
        var (members, wanted, load, room) = (new int[names.Length], new int[names.Length], new double[names.Length, 4], new double[names.Length, 4]);
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            members[brokers[broker]] += roles.CanReceive[broker] ? 1 : 0;
            for (var lane = 0; lane < 4 && roles.CanReceive[broker]; lane++)
            {
                room[brokers[broker], lane] += model.Capacity[(broker * 4) + lane];
            }
        }

        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var (set, replicas) = (topics[model.Topic[partition]], model.ReplicasOf(partition));
            wanted[set] = Math.Max(wanted[set], wish.Mode == OptimizerMode.ReplicationFactor ? Math.Max(replicas, wish.ReplicationFactor) : replicas);
            var at = partition * LoadOf.Count;
            load[set, Lane.Disk] += model.Loads[at + LoadOf.Size] * replicas;
            load[set, Lane.BytesIn] += model.Loads[at + LoadOf.BytesIn] * replicas;
            load[set, Lane.BytesOut] += model.Loads[at + LoadOf.BytesOut];
            load[set, Lane.Cpu] += model.Loads[at + LoadOf.Cpu] + (model.Loads[at + LoadOf.FollowerCpu] * (replicas - 1));
        }

        var typical = WhatIf.TypicalCapacity(model);
        var sets = wish.BrokerSets;
        foreach (var id in added)
        {
            var set = Enumerable.Range(0, names.Length).MaxBy(one => (Math.Max(0, wanted[one] - members[one]), Fullness(one), -one));
            sets = sets.Add(id, names[set]);
            members[set]++;
            for (var lane = 0; lane < 4; lane++)
            {
                room[set, lane] += typical[lane];
            }
        }

        return sets;

        // A capacity that is not known is no limit.
        double Fullness(int set) => Enumerable.Range(0, 4).Select(lane => double.IsNaN(room[set, lane]) || load[set, lane] <= 0 ? 0 : load[set, lane] / room[set, lane]).Max();
    }
}
