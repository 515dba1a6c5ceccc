using ControlPlane.Contracts;
using ControlPlane.Engine.Healing;

namespace ControlPlane.Api.Resources;

/// <summary>What an edit of a healing policy may say; collects every mistake under its field.</summary>
internal sealed class HealingWishRules
{
    private const int MaxReason = 500;
    private const int MaxBrokersDown = 100;
    private const double LeastCompleteness = 0.5;

    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string[]> Errors => _errors;

    public static string ModeWord(HealingMode mode) => mode.ToString().ToLowerInvariant();

    /// <summary>The policy after the edit; of use only where there are no errors.</summary>
    public HealingPolicy Apply(HealingPolicy policy, HealingPolicyRequest request)
    {
        Reason(request.Reason);
        RefuseIf(request.MinCompleteness is { } share && !(share is >= LeastCompleteness and <= 1), "minCompleteness", $"Expected: {LeastCompleteness} to 1. On less of a picture no plan can be sound.");
        RefuseIf(request.MaxBrokersDown is < 1 or > MaxBrokersDown, "maxBrokersDown", $"Expected: 1 to {MaxBrokersDown}, the healed broker included.");
        var rules = policy.Rules.ToBuilder();
        foreach (var (wish, place) in (request.Rules ?? []).Select((wish, place) => (wish, $"rules[{place}]")))
        {
            var index = policy.Rules.Select((rule, at) => (rule, at)).Where(pair => pair.rule.Kind == wish.Kind).Select(pair => pair.at).FirstOrDefault(-1);
            if (index < 0)
            {
                RefuseIf(true, $"{place}.kind", $"There is no such kind of anomaly. Expected: {string.Join(", ", HealingKinds.All.Select(kind => kind.Name))}.");
                continue;
            }

            RefuseIf(request.Rules!.Count(other => other.Kind == wish.Kind) > 1, $"{place}.kind", $"{wish.Kind} is named more than once.");
            rules[index] = Apply(policy.Rules[index], wish, place);
        }

        return policy with
        {
            Rules = rules.MoveToImmutable(),
            MinCompleteness = request.MinCompleteness ?? policy.MinCompleteness,
            MaxBrokersDown = request.MaxBrokersDown ?? policy.MaxBrokersDown,
        };
    }

    public void Check(PauseHealingRequest request, DateTimeOffset now)
    {
        Reason(request.Reason);
        RefuseIf(request.Until <= now, "until", $"It is in the past: it is {now:yyyy-MM-ddTHH:mm:ssZ} now. Expected: a time up to {HealingPolicy.LongestPause.TotalDays:0} days ahead.");
        RefuseIf(request.Until > now + HealingPolicy.LongestPause, "until", $"It is too far ahead. Expected: at most {HealingPolicy.LongestPause.TotalDays:0} days from now, so that nobody forgets a pause for good.");
    }

    public void Check(HealingOverrideRequest request)
    {
        Reason(request.Reason);
        RefuseIf(request.Action is not ("extend" or "leave-alone" or "heal-now"), "action", "Expected: extend, leave-alone or heal-now.");
        RefuseIf(request.Action == "extend" && request.Seconds is null, "seconds", "Extending needs it. Expected: how many seconds longer to wait.");
        RefuseIf(request.Action != "extend" && request.Seconds is not null, "seconds", "Only extend has it.");
        RefuseIf(request.Seconds is < 1 || request.Seconds > HealingPolicy.LongestGrace.TotalSeconds, "seconds", $"Expected: 1 to {HealingPolicy.LongestGrace.TotalSeconds:0} ({HealingPolicy.LongestGrace.TotalDays:0} days).");
    }

    private HealingRule Apply(HealingRule rule, HealingRuleRequest wish, string place)
    {
        var mode = wish.Mode switch { null => rule.Mode, "observe" => HealingMode.Observe, "propose" => HealingMode.Propose, "heal" => HealingMode.Heal, _ => (HealingMode?)null };
        RefuseIf(mode is null, $"{place}.mode", "Expected: observe, propose or heal.");
        RefuseIf(mode is HealingMode.Propose or HealingMode.Heal && HealingKinds.Find(rule.Kind) is not { CanHeal: true }, $"{place}.mode", $"There is no repair for {rule.Kind}. Expected: observe.");
        RefuseIf(wish.GraceSeconds is < 0 || wish.GraceSeconds > HealingPolicy.LongestGrace.TotalSeconds, $"{place}.graceSeconds", $"Expected: 0 to {HealingPolicy.LongestGrace.TotalSeconds:0} ({HealingPolicy.LongestGrace.TotalDays:0} days).");
        return rule with { Mode = mode ?? rule.Mode, Grace = wish.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : rule.Grace };
    }

    private void Reason(string? reason) => RefuseIf(reason?.Length > MaxReason, "reason", $"It has {reason?.Length} characters. Expected: at most {MaxReason}.");

    private void RefuseIf(bool wrong, string field, string message)
    {
        if (wrong)
        {
            _errors[field] = _errors.TryGetValue(field, out var messages) ? [.. messages, message] : [message];
        }
    }
}
