using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Layout;

/// <summary>The state of a cluster's healing in one word, and the questions that change it.</summary>
internal sealed record HealingLook(string Word, string Css, string Why)
{
    private static readonly AskChoice[] Times = [new("1800", "For 30 minutes"), new("3600", "For 1 hour"), new("14400", "For 4 hours"), new("86400", "For 24 hours"), new("604800", "For 7 days")];

    public static HealingLook Of(HealingPolicyDto policy, DateTimeOffset now)
    {
        if (policy.PausedUntil is { } until && until > now)
        {
            return new("PAUSED", "warn", $"Paused by {policy.PausedBy ?? "somebody"} until {Show.Clock(until, ClockFormat.Full)} UTC: nothing is healed before then.");
        }

        var heals = policy.Rules.Where(rule => rule is { CanHeal: true, Mode: "heal" }).Select(rule => Words.Of(rule.Kind)).ToList();
        return heals.Count > 0 ? new("AUTO", "ok", $"Heals by itself: {string.Join(", ", heals)}.")
            : policy.Rules.Any(rule => rule is { CanHeal: true, Mode: "propose" }) ? new("PROPOSE", "maint", "Makes plans and waits for a person to approve them.")
            : new("OBSERVE", "unknown", "Only tells: nothing is done without a person.");
    }

    public static AskQuestion Pause(IControlPlaneApi api, string cluster, string name, Func<DateTimeOffset> now) => new(
        "Pause healing",
        $"Nothing of {name} is healed by itself until then. Executions that run go on; anomalies are still found and told.",
        "Pause healing",
        (seconds, reason) => api.PauseHealingAsync(cluster, new(now().AddSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), reason), CancellationToken.None))
    {
        Choices = Times,
    };

    public static AskQuestion Resume(IControlPlaneApi api, string cluster, string name) => new(
        "Resume healing",
        $"The policy of {name} applies again at once: where the grace time of an anomaly is over, its healing may start now.",
        "Resume healing",
        (_, _) => api.ResumeHealingAsync(cluster, CancellationToken.None))
    {
        TakesReason = false,
    };
}
