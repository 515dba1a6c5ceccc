using System.Globalization;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>What a wish for a plan may say, and what is true where nothing is to be done.</summary>
internal static class PlanWishRules
{
    public static PlanMaking.Refused? Refuse(ClusterModel model, PlanWish wish)
    {
        if (wish.Limits.MovesPerBroker is < 1 or > PlanWish.MostMovesPerBroker)
        {
            return new("movesPerBroker", string.Create(CultureInfo.InvariantCulture, $"{wish.Limits.MovesPerBroker} is not possible. Expected: 1 to {PlanWish.MostMovesPerBroker}."));
        }

        if (wish.Limits.ThrottleBytesPerSecond < PlanWish.LeastThrottle)
        {
            return new("throttleBytesPerSecond", string.Create(CultureInfo.InvariantCulture, $"{wish.Limits.ThrottleBytesPerSecond} is not possible: slower than 1 MB/s, copies may never end. Expected: 0 for no throttle, or at least {PlanWish.LeastThrottle}."));
        }

        var unknown = (wish.Brokers ?? new HashSet<int>()).Where(id => model.FindBroker(id) < 0).Order().ToArray();
        return wish.Brokers is { Count: 0 } ? new("brokers", "The list is empty. Expected: broker ids, or no list for all brokers that are down.")
            : unknown.Length > 0 ? new("brokers", $"The cluster has no broker {string.Join(", ", unknown)}. Expected: ids out of {Ids(model.Brokers)}.")
            : null;
    }

    public static string WhatIsTrue(ClusterModel model, PlanWish wish)
    {
        var brokers = model.Brokers.Where(broker => wish.Brokers?.Contains(broker.Id) ?? true).ToArray();
        var states = string.Join(", ", brokers.Where(broker => broker.State != BrokerState.Active).Take(5).Select(broker => $"broker {broker.Id} is {broker.State}"));
        var empty = brokers.Where(FixOfflineRules.IsDown).Select(broker => broker.Id).ToArray();
        return empty.Length > 0 ? $"Broker {string.Join(", ", empty)} is down, but no replica is assigned to it."
            : wish.Brokers is not null && states.Length == 0 ? $"Broker {string.Join(", ", brokers.Select(broker => broker.Id))} is alive, and none of its log dirs has failed with replicas on it."
            : states.Length > 0 ? $"No broker counts as lost: {states}; the others are active, and no log dir has failed with replicas on it."
            : "All brokers are active, and no log dir has failed with replicas on it.";
    }

    private static string Ids(IEnumerable<Broker> brokers)
    {
        var ids = brokers.Select(broker => broker.Id).ToArray();
        return ids.Length <= 20 ? string.Join(", ", ids) : $"{string.Join(", ", ids.Take(20))} and {ids.Length - 20} more";
    }
}
