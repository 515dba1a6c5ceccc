using System.Text.RegularExpressions;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Changed copies of a model: what if a broker or rack were lost, brokers were added, a topic grew. The original stays as it is.</summary>
public static class ModelChanges
{
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    /// <summary>These brokers are dead.</summary>
    /// <exception cref="OptimizerRefusal">An id is not in the model.</exception>
    public static OptimizerModel LoseBrokers(OptimizerModel model, IReadOnlyCollection<int> ids)
    {
        var unknown = ids.Except(model.BrokerIds).ToArray();
        return unknown.Length == 0 ? Kill(model, broker => ids.Contains(model.BrokerIds[broker]))
            : throw new OptimizerRefusal("lose-broker", $"Broker {unknown[0]} is not in the model.");
    }

    /// <summary>All brokers of the rack are dead.</summary>
    /// <exception cref="OptimizerRefusal">No broker is in a rack of that name.</exception>
    public static OptimizerModel LoseRack(OptimizerModel model, string rack) =>
        model.Racks.Contains(rack, StringComparer.Ordinal) ? Kill(model, broker => model.Racks[broker] == rack)
            : throw new OptimizerRefusal("lose-rack", $"No broker is in rack {rack}; the racks are {string.Join(", ", model.Racks.Where(name => name is not null).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(20))}.");

    /// <summary>New empty brokers of median capacity, each with the log dirs of the broker it is modelled on, in the racks that are shortest of brokers.</summary>
    public static OptimizerModel AddBrokers(OptimizerModel model, int count)
    {
        var living = Enumerable.Range(0, model.Brokers).Where(broker => model.Conditions[broker] != BrokerCondition.Dead).ToArray();
        if (count < 1 || living.Length == 0)
        {
            throw new OptimizerRefusal("add-brokers", count < 1 ? $"{count} brokers can't be added; 1 or more are expected." : "No living broker is there whose size the new ones could have.");
        }

        var typical = living.OrderBy(broker => model.Capacity[(broker * 4) + 3]).ThenBy(broker => model.BrokerIds[broker]).ElementAt(living.Length / 2);
        var racks = NextRacks(model, living, count);
        var ids = Enumerable.Range(1, count).Select(number => model.BrokerIds.Max() + number).ToArray();
        var (from, dirs) = (model.DirStart[typical], model.DirStart[typical + 1] - model.DirStart[typical]);
        return model with
        {
            BrokerIds = [.. model.BrokerIds, .. ids],
            Racks = [.. model.Racks, .. racks],
            Hosts = [.. model.Hosts, .. ids.Select(id => $"new-{id}")],
            Conditions = [.. model.Conditions, .. Enumerable.Repeat(BrokerCondition.New, count)],
            Capacity = [.. model.Capacity, .. Repeated(model.Capacity.AsSpan(typical * 4, 4).ToArray(), count)],
            DiskForeign = [.. model.DiskForeign, .. new double[count]],
            DirStart = [.. model.DirStart, .. Enumerable.Range(1, count).Select(number => model.DirStart[^1] + (number * dirs))],
            DirPaths = [.. model.DirPaths, .. Repeated(model.DirPaths.AsSpan(from, dirs).ToArray(), count)],
            DirCapacity = [.. model.DirCapacity, .. Repeated(model.DirCapacity.AsSpan(from, dirs).ToArray(), count)],
            DirAlive = [.. model.DirAlive, .. Enumerable.Repeat(true, dirs * count)],
        };
    }

    /// <summary>Traffic and size of the matching topics times a factor: twice the producers and consumers.</summary>
    public static OptimizerModel ScaleTopics(OptimizerModel model, string topics, double factor) =>
        Scale(model, "double-topic", topics, factor, [LoadOf.Cpu, LoadOf.FollowerCpu, LoadOf.BytesIn, LoadOf.BytesOut, LoadOf.Size]);

    /// <summary>Size of the matching topics times a factor, traffic as it is: records are kept longer or shorter.</summary>
    public static OptimizerModel ScaleRetention(OptimizerModel model, string topics, double factor) =>
        Scale(model, "retention", topics, factor, [LoadOf.Size]);

    private static OptimizerModel Kill(OptimizerModel model, Func<int, bool> isLost) =>
        model with { Conditions = [.. model.Conditions.Select((condition, broker) => isLost(broker) ? BrokerCondition.Dead : condition)] };

    private static IEnumerable<T> Repeated<T>(T[] values, int count) => Enumerable.Repeat(values, count).SelectMany(one => one);

    /// <summary>Each to the named rack with the fewest living brokers then; no rack where none has one.</summary>
    private static string?[] NextRacks(OptimizerModel model, int[] living, int count)
    {
        var sizes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var rack in living.Select(broker => model.Racks[broker]).OfType<string>())
        {
            sizes[rack] = sizes.GetValueOrDefault(rack) + 1;
        }

        var next = new string?[count];
        for (var number = 0; number < count && sizes.Count > 0; number++)
        {
            next[number] = sizes.MinBy(rack => rack.Value).Key;
            sizes[next[number]!]++;
        }

        return next;
    }

    private static OptimizerModel Scale(OptimizerModel model, string field, string topics, double factor, int[] kinds)
    {
        if (!double.IsFinite(factor) || factor < 0)
        {
            throw new OptimizerRefusal(field, $"{factor} is no factor; a number from 0 is expected.");
        }

        var matches = Matching(model, field, topics);
        var loads = (double[])model.Loads.Clone();
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            foreach (var kind in matches[model.Topic[partition]] ? kinds : [])
            {
                loads[(partition * LoadOf.Count) + kind] *= factor;
            }
        }

        return model with { Loads = loads };
    }

    private static bool[] Matching(OptimizerModel model, string field, string topics)
    {
        try
        {
            var pattern = new Regex($"^(?:{topics})$", RegexOptions.CultureInvariant, MatchLimit);
            var matches = Array.ConvertAll(model.Topics, pattern.IsMatch);
            return matches.Contains(true) ? matches : throw new OptimizerRefusal(field, $"No topic matches {topics}.");
        }
        catch (ArgumentException wrong)
        {
            throw new OptimizerRefusal(field, $"{topics} is no regular expression: {wrong.Message}");
        }
        catch (RegexMatchTimeoutException)
        {
            throw new OptimizerRefusal(field, $"{topics} takes too long to match; a simpler expression is expected.");
        }
    }
}
