using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Ui.Format;

namespace ControlPlane.Ui.Components;

/// <summary>A policy being edited: knows what differs from the stored one, in words and as a request.</summary>
internal sealed class HealingPolicyEdit(HealingPolicyDto policy)
{
    public HealingPolicyDto Policy => policy;

    public IReadOnlyList<Rule> Rules { get; } = [.. policy.Rules.Select(rule => new Rule(rule))];

    /// <summary>Whole percents, as a person types them.</summary>
    public double Completeness { get; set; } = Math.Round(policy.MinCompleteness * 100, 1);

    public int MaxBrokersDown { get; set; } = policy.MaxBrokersDown;

    public bool IsChanged => Lines.Count > 0;

    /// <summary>Old to new, line by line.</summary>
    public IReadOnlyList<string> Lines =>
    [
        .. Rules.Where(rule => rule.Mode != rule.Before.Mode).Select(rule => $"{rule.Before.Kind}: {rule.Before.Mode} → {rule.Mode}"),
        .. Rules.Where(rule => rule.GraceSeconds != rule.Before.GraceSeconds).Select(rule => $"{rule.Before.Kind}: grace {Show.Duration(rule.Before.GraceSeconds)} → {Show.Duration(rule.GraceSeconds)}"),
        .. IsCompletenessChanged ? [string.Create(CultureInfo.InvariantCulture, $"least completeness: {policy.MinCompleteness:P0} → {Completeness:0.#} %")] : Array.Empty<string>(),
        .. MaxBrokersDown == policy.MaxBrokersDown ? Array.Empty<string>() : [string.Create(CultureInfo.InvariantCulture, $"most brokers down: {policy.MaxBrokersDown} → {MaxBrokersDown}")],
    ];

    /// <summary>Whether something would now be carried out without a person.</summary>
    public bool ArmsHealing => Rules.Any(rule => rule.Mode == "heal" && rule.Before.Mode != "heal");

    private bool IsCompletenessChanged => Math.Abs(Completeness - (policy.MinCompleteness * 100)) > 0.05;

    public HealingPolicyRequest Request(string? reason)
    {
        var rules = Rules.Where(rule => rule.Mode != rule.Before.Mode || rule.GraceSeconds != rule.Before.GraceSeconds)
            .Select(rule => new HealingRuleRequest(rule.Before.Kind, rule.Mode == rule.Before.Mode ? null : rule.Mode, rule.GraceSeconds == rule.Before.GraceSeconds ? null : rule.GraceSeconds)).ToList();
        return new(rules.Count == 0 ? null : rules, IsCompletenessChanged ? Completeness / 100 : null, MaxBrokersDown == policy.MaxBrokersDown ? null : MaxBrokersDown, reason);
    }

    /// <summary>One kind of anomaly.</summary>
    internal sealed class Rule(HealingRuleDto before)
    {
        public HealingRuleDto Before => before;

        public string Mode { get; set; } = before.Mode;

        public double GraceMinutes { get; set; } = Math.Round(before.GraceSeconds / 60.0, 2);

        public int GraceSeconds => (int)Math.Round(GraceMinutes * 60);
    }
}
