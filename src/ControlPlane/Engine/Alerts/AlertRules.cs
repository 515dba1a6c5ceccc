using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Alerts;

/// <summary>Which changes of an anomaly are told, to whom, and under which key.</summary>
public static class AlertRules
{
    public const int MaxSummary = 1024;

    /// <summary>Null for what is neither beginning nor end: pending, resolved while pending, and changes of what was told already.</summary>
    public static AlertEvent? EventOf(AnomalyTransition transition) => transition.Anomaly.State switch
    {
        AnomalyState.Active when transition.Before is not AnomalyState.Active => AlertEvent.Trigger,
        AnomalyState.Resolved when transition.Anomaly.ActiveAt is not null && transition.Before is not AnomalyState.Resolved => AlertEvent.Resolve,
        _ => null,
    };

    /// <summary>Of an anomaly that was told: it may have become worse or grown.</summary>
    public static bool IsChange(AnomalyTransition transition) => transition is { Before: AnomalyState.Active, Anomaly.State: AnomalyState.Active };

    /// <summary>
    /// The same for trigger and resolve, in every process and after a restart. Made of what the trouble is, not of its occurrence:
    /// receivers open a new incident for a key whose last one is resolved, and must not open a second one before.
    /// </summary>
    public static string DedupKey(ClusterId cluster, AnomalyKey key)
    {
        // Kinds and subjects hold no control characters, so the separator keeps "a" + "bc" apart from "ab" + "c".
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{cluster.Value}\n{key.Kind}\n{key.Subject}"));
        return $"kcp:{cluster.Value}:{Cut(key.Kind, 100)}:{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
    }

    public static string TestKey(Guid target) => $"kcp:test:{target:N}";

    /// <summary>One line for a pager: "[CRIT] prod-eu: Broker 4 is down."</summary>
    public static string Summary(AlertEvent what, Anomaly anomaly) =>
        Cut(string.Create(CultureInfo.InvariantCulture, $"[{(what == AlertEvent.Resolve ? "OK" : Label(anomaly.Last.Severity))}] {anomaly.Cluster}: {(what == AlertEvent.Resolve ? "resolved: " : "")}{anomaly.Last.Sentence}"), MaxSummary);

    public static string Label(Severity severity) => severity switch
    {
        Severity.Critical => "CRIT",
        Severity.Error => "ERROR",
        Severity.Warning => "WARN",
        Severity.Info => "INFO",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "Unknown severity"),
    };

    /// <summary>As PagerDuty and the contract spell it.</summary>
    public static string Word(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.Error => "error",
        Severity.Warning => "warning",
        Severity.Info => "info",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "Unknown severity"),
    };

    public static string Word(AlertEvent what) => what switch
    {
        AlertEvent.Trigger => "trigger",
        AlertEvent.Resolve => "resolve",
        AlertEvent.Test => "test",
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "Unknown event"),
    };

    /// <summary>Never in the middle of a character that takes two places.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var end = length - 3;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "...");
    }
}
