using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Storage.Tables;

namespace ControlPlane.Storage;

/// <summary>The shape in which healing is stored.</summary>
internal static class HealingJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static string Word(HealingOutcome outcome) => outcome switch
    {
        HealingOutcome.Observing => "observing",
        HealingOutcome.Waiting => "waiting",
        HealingOutcome.Blocked => "blocked",
        HealingOutcome.Proposed => "proposed",
        HealingOutcome.Started => "started",
        HealingOutcome.Ended => "ended",
        HealingOutcome.LeftAlone => "left-alone",
        HealingOutcome.NotNeeded => "not-needed",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Unknown outcome of a decision"),
    };

    public static string Word(Status status) => status.ToString().ToLowerInvariant();

    // Evidence may hold what Kafka sent us; neither text nor jsonb takes NUL.
    public static string Clean(string text) => text.Replace('\0', '\uFFFD');

    public static string Write(ImmutableArray<Guard> guards) => JsonSerializer.Serialize(guards, Options).Replace("\\u0000", "\\uFFFD", StringComparison.Ordinal);

    public static string Write(ImmutableArray<HealingRule> rules) => JsonSerializer.Serialize(rules, Options);

    /// <summary>Kinds that came with a later version of the product than the row begin with their default.</summary>
    public static HealingPolicy ToPolicy(HealingPolicyRow row)
    {
        var stored = JsonSerializer.Deserialize<ImmutableArray<HealingRule>>(row.Rules, Options);
        return new HealingPolicy(
            [.. HealingPolicy.Default.Rules.Select(rule => stored.FirstOrDefault(other => other.Kind == rule.Kind) ?? rule)],
            row.PausedUntil is { } until ? new HealingPause(until, row.PausedBy ?? "somebody", row.PauseReason) : null,
            row.MinCompleteness,
            row.MaxBrokersDown);
    }

    public static HealingOverride ToOverride(HealingOverrideRow row) =>
        new(TimeSpan.FromSeconds(row.ExtraSeconds), row.IsLeftAlone, row.HealNowAt, row.SaidBy, row.Reason);

    public static StoredDecision ToDecision(HealingDecisionRow row) => new(
        row.Id,
        row.Cluster,
        row.At,
        row.Anomaly,
        row.Kind,
        row.Subject,
        new HealingDecision(
            Outcome(row.Outcome),
            Enum.Parse<Status>(row.Status, ignoreCase: true),
            row.Sentence,
            row.ActsAt,
            JsonSerializer.Deserialize<ImmutableArray<Guard>>(row.Guards, Options))
        {
            PlanId = row.Plan,
            ExecutionId = row.Execution,
        });

    private static HealingOutcome Outcome(string word) => Enum.GetValues<HealingOutcome>().First(outcome => Word(outcome) == word);
}
