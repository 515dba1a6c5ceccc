using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>The API's words as people read them.</summary>
public static class Words
{
    /// <summary>"broker-down" as "Broker down".</summary>
    public static string Of(string word) => word switch
    {
        "" => "",
        "under-replicated" => "Under-replicated",
        "min-isr" => "Min ISR",
        _ => char.ToUpperInvariant(word[0]) + word[1..].Replace('-', ' '),
    };

    /// <summary>"NetworkInboundUsageDistributionGoal" as "Network inbound usage distribution".</summary>
    public static string OfGoal(string goal)
    {
        var name = goal.EndsWith("Goal", StringComparison.Ordinal) && goal.Length > 4 ? goal[..^4] : goal;
        return string.Concat(name.Replace("Nw", "Network", StringComparison.Ordinal).Select((letter, i) => i > 0 && char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter) : letter.ToString())).Replace("Cpu", "CPU", StringComparison.Ordinal);
    }

    /// <summary>What a plan is for.</summary>
    public static string OfMode(string mode) => mode switch
    {
        "rebalance" => "Rebalance everything",
        "add-brokers" => "Add brokers",
        "remove-brokers" => "Remove brokers",
        "demote-brokers" => "Demote brokers",
        "replication-factor" => "Replication factor",
        "rack-repair" => "Repair racks",
        "remove-dirs" => "Empty log dirs",
        "disk-balance" => "Even out disks",
        "minimal-repair" => "Minimal repair",
        "kafka-assigner" => "Kafka assigner",
        "preferred-leaders" => "Preferred leaders",
        "fix-offline" => "Restore lost replicas",
        _ => Of(mode),
    };

    /// <summary>How loud a severity is drawn.</summary>
    public static StatusWord Loudness(string severity) => severity switch
    {
        "critical" or "error" => StatusWord.Crit,
        "warning" => StatusWord.Warn,
        "info" => StatusWord.Maint,
        _ => StatusWord.Unknown,
    };

    /// <summary>How a move of an execution stands.</summary>
    public static StatusWord OfMove(string state) => state switch
    {
        "done" => StatusWord.Ok,
        "failed" => StatusWord.Crit,
        "reverting" or "reverted" or "dropped" => StatusWord.Warn,
        "submitted" or "running" => StatusWord.Maint,
        _ => StatusWord.Unknown,
    };

    /// <summary>How a throttle of ours stands: what is set for too long costs throughput, what was put back is as before.</summary>
    public static StatusWord OfThrottle(string state) => state == "restored" ? StatusWord.Ok : StatusWord.Maint;

    public static string Brokers(IReadOnlyList<int> ids) => string.Join(", ", ids.Select(id => Show.Raw((long?)id)));

    /// <summary>Ids of brokers typed by a person, such as "4, 5"; null where it is not a list of numbers. Nothing typed is an empty list.</summary>
    public static IReadOnlyList<int>? ReadBrokers(string text)
    {
        var parts = text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        var ids = parts.Select(part => int.TryParse(part, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : -1).ToList();
        return ids.Contains(-1) ? null : [.. ids.Distinct()];
    }

    /// <summary>The first guard that holds healing back; null where all let it pass.</summary>
    public static GuardDto? HeldBackBy(HealingDecisionDto decision) => decision.Guards.FirstOrDefault(guard => guard.Passed != true);

    /// <summary>What holds healing back, as a thing: a guard is named by what lets it pass.</summary>
    public static string Holding(GuardDto guard) => guard.Name switch
    {
        "grace-elapsed" => "grace time",
        "anomaly-active" => "anomaly not certain yet",
        _ => guard.Name.Replace('-', ' '),
    };

    public static string Throttle(long? bytesPerSecond) => bytesPerSecond is { } value and > 0 ? $"{Show.Rate(value)} per broker" : "none";
}
