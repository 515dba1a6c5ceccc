using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Clusters;

/// <summary>What an event says to a person.</summary>
internal sealed record EventWords(string Kind, string Subject, Status Status, string Sentence)
{
    private const string TheCluster = "cluster";

    public static EventWords Owner(string process, long epoch) =>
        new("ownership", TheCluster, Status.Ok, string.Create(CultureInfo.InvariantCulture, $"Process {process} watches the cluster from here on (epoch {epoch})."));

    /// <summary>Null where the effect is no news to a person.</summary>
    public static EventWords? Of(ClusterEffect effect) => effect switch
    {
        ClusterEffect.BrokerChanged { Before: BrokerState.Unknown, After: BrokerState.Active } => null, // first sight of a healthy broker
        ClusterEffect.BrokerChanged broker => new("broker", SubjectOf(broker.BrokerId), StatusOf(broker.After), Broker(broker)),
        ClusterEffect.HealthChanged health => new("health", TheCluster, health.After.Status, $"{Word(health.Before)} became {Word(health.After.Status)}: {health.After.Sentence}"),
        ClusterEffect.ControllerChanged controller => Controller(controller.Before, controller.After),
        ClusterEffect.LeadersChanged leaders => Leaders(leaders.Partitions, leaders.Lost),
        _ => null,
    };

    private static string Broker(ClusterEffect.BrokerChanged change)
    {
        var was = change.Before == BrokerState.Unknown ? "" : $", was {Word(change.Before)}";
        return string.Create(CultureInfo.InvariantCulture, $"Broker {change.BrokerId} is {Word(change.After)}{was}: {change.Evidence.TrimEnd('.')}.");
    }

    private static EventWords Controller(int? before, int? after)
    {
        var sentence = (before, after) switch
        {
            (_, null) => string.Create(CultureInfo.InvariantCulture, $"The cluster has no active controller; it was {before}."),
            (null, _) => string.Create(CultureInfo.InvariantCulture, $"Controller {after} is active; there was none before."),
            _ => string.Create(CultureInfo.InvariantCulture, $"Controller {after} is active, was {before}."),
        };
        return new("controller", TheCluster, after is null ? Status.Crit : Status.Ok, sentence);
    }

    private static EventWords Leaders(int partitions, int lost)
    {
        var changed = partitions == 1 ? "1 partition changed its leader" : string.Create(CultureInfo.InvariantCulture, $"{partitions} partitions changed their leader");
        return lost == 0
            ? new("leaders", TheCluster, Status.Ok, $"{changed}.")
            : new("leaders", TheCluster, Status.Crit, string.Create(CultureInfo.InvariantCulture, $"{changed}, {lost} of them {(lost == 1 ? "has" : "have")} none now."));
    }

    private static string SubjectOf(int brokerId) => string.Create(CultureInfo.InvariantCulture, $"broker {brokerId}");

    private static Status StatusOf(BrokerState state) => state switch
    {
        BrokerState.Active => Status.Ok,
        BrokerState.Starting => Status.Warn,
        BrokerState.ShuttingDown or BrokerState.Restarting => Status.Maint,
        BrokerState.Unresponsive or BrokerState.Down => Status.Crit,
        BrokerState.Unknown => Status.Unknown,
        _ => throw new InvalidOperationException($"Unhandled broker state {state}"),
    };

    private static string Word(BrokerState state) => state switch
    {
        BrokerState.Active => "up",
        BrokerState.Starting => "starting",
        BrokerState.ShuttingDown => "shutting down",
        BrokerState.Restarting => "restarting",
        BrokerState.Unresponsive => "not answering",
        BrokerState.Down => "down",
        BrokerState.Unknown => "of unknown state",
        _ => throw new InvalidOperationException($"Unhandled broker state {state}"),
    };

    private static string Word(Status status) => status.ToString().ToUpperInvariant();
}
