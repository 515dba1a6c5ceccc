using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>How sentences of anomalies spell brokers, numbers and times.</summary>
internal static class Words
{
    public static string Subject(int brokerId) => string.Create(CultureInfo.InvariantCulture, $"broker {brokerId}");

    public static string Named(Broker broker) =>
        string.Create(CultureInfo.InvariantCulture, $"Broker {broker.Id}") + (broker.Rack is null ? "" : $" (rack {broker.Rack})");

    public static string Partitions(int count) => Number(count) + (count == 1 ? " partition" : " partitions");

    public static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Ago(TimeSpan age) => age.TotalMinutes < 2
        ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0} s ago")
        : string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min ago");

    /// <summary>The counts that are not zero, worst first; what is unknown is said so.</summary>
    public static string Reach(BlastRadius blast)
    {
        if (blast.UnderReplicated is not { } underReplicated || blast.Offline is not { } offline)
        {
            return "which partitions it touches is not known now";
        }

        var parts = new List<string>();
        if (offline > 0)
        {
            parts.Add($"{Partitions(offline)} offline");
        }

        if (blast.UnderMinInSync is null)
        {
            parts.Add("under min ISR unknown");
        }
        else if (blast.UnderMinInSync is > 0 and var underMin)
        {
            parts.Add($"{Partitions(underMin)} under min ISR");
        }

        if (underReplicated > 0)
        {
            parts.Add($"{Partitions(underReplicated)} under-replicated");
        }

        return parts.Count == 0 ? "no partition has lost a replica so far" : string.Join(", ", parts);
    }
}
