using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Broker sets as numbers. A topic belongs to the set that holds most of its replicas already; one without replicas in any
/// set goes by a hash of its name, so that the choice is the same in every run.
/// </summary>
public static class BrokerSets
{
    /// <summary>The set of a topic that has no replica yet: by its name alone, whatever the order in which sets and brokers are told.</summary>
    public static string DefaultOf(string topic, IEnumerable<string> sets)
    {
        var names = sets.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return names[Hash(topic, names.Length)];
    }

    /// <summary>By broker its set, with one more for nowhere, and by topic its own; numbers in the order of the names. Empty: no sets.</summary>
    /// <exception cref="OptimizerRefusal">A broker is in no set.</exception>
    public static (int[] Brokers, int[] Topics) Of(OptimizerModel model, OptimizerWish wish)
    {
        if (wish.BrokerSets.IsEmpty)
        {
            return ([], []);
        }

        var names = wish.BrokerSets.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var missing = model.BrokerIds.Except(wish.BrokerSets.Keys).Order().ToArray();
        if (missing.Length > 0)
        {
            throw new OptimizerRefusal("brokerSets", $"Broker {string.Join(", ", missing)} is in no broker set. Expected: each broker in one.");
        }

        int[] brokers = [.. model.BrokerIds.Select(id => Array.IndexOf(names, wish.BrokerSets[id])), names.Length];
        var counts = new int[model.Topics.Length * names.Length];
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                counts[(model.Topic[partition] * names.Length) + brokers[model.Broker[slot]]]++;
            }
        }

        var topics = new int[model.Topics.Length];
        for (var topic = 0; topic < topics.Length; topic++)
        {
            var own = counts.AsSpan(topic * names.Length, names.Length);
            var most = 0;
            for (var set = 1; set < own.Length; set++)
            {
                most = own[set] > own[most] ? set : most;
            }

            topics[topic] = own[most] > 0 ? most : Hash(model.Topics[topic], names.Length);
        }

        return (brokers, topics);
    }

    private static int Hash(string topic, int sets) =>
        (int)(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(topic))) % (uint)sets);
}
