using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Api.Views;

/// <summary>Where the groups of a lag incident are shown; a single one at the time of the incident whenever the link is followed.</summary>
internal static class GroupLinks
{
    private const string Format = "yyyy-MM-ddTHH:mm:ssZ";
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan After = TimeSpan.FromMinutes(10);

    /// <summary>Null for other kinds, and for a group whose name can't be told.</summary>
    public static IncidentActionDto? Of(IncidentFacts facts)
    {
        if (facts.Anomaly.Key.Kind == LagStormDetector.Name)
        {
            return new IncidentActionDto("show-groups", "Show the groups that lag", "Those that are wrong now, with the time the oldest unread record waits.", $"{facts.Page("groups")}?status={(facts.Anomaly.Last.Severity is Severity.Warning ? "warn" : "err")}", null);
        }

        if (facts.Anomaly.Key.Kind != ConsumerLagDetector.Name || facts.Anomaly.Last.Blast.Groups is not [var group])
        {
            return null;
        }

        var (from, to) = (facts.Anomaly.Last.Since - Before, facts.Anomaly.ResolvedAt + After ?? facts.Now);
        return new IncidentActionDto(
            "show-group",
            $"Show group {group}",
            "Its members, partitions and the commits it was judged by, with the charts at the time of the incident.",
            $"{facts.Page("groups", Uri.EscapeDataString(group))}?from={from.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture)}&to={to.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture)}",
            null);
    }
}
