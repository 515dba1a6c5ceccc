using System.Text.RegularExpressions;
using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>What of the judged groups becomes an anomaly, and with it an alert.</summary>
internal sealed class LagAlertOptions
{
    public const string Section = "Lag:Alerts";

    /// <summary>A group that is more messages behind is critical whatever its verdict; 0: however many are not.</summary>
    public long CriticalMessages { get; set; } = 1_000_000;

    /// <summary>Regular expressions for the names of groups that nobody is alerted of.</summary>
    public IReadOnlyList<string> Ignore { get; set; } = [];

    /// <summary>Other limits for some groups; the first rule that matches counts.</summary>
    public IReadOnlyList<LagAlertRule> Groups { get; set; } = [];

    /// <summary>More groups of one cluster than this that begin to lag together are told as one; 0: each is told by itself.</summary>
    public int StormGroups { get; set; } = LagStormRule.Usual.MoreThan;

    /// <summary>Together means within this time.</summary>
    public TimeSpan StormWindow { get; set; } = LagStormRule.Usual.Window;

    /// <summary>How long it takes before it is told that more groups have joined.</summary>
    public TimeSpan StormUpdate { get; set; } = LagStormRule.Usual.Pause;
}

/// <summary>Limits for the groups whose names match.</summary>
internal sealed class LagAlertRule
{
    /// <summary>A regular expression that is looked for anywhere in the name.</summary>
    public string Match { get; set; } = "";

    /// <summary>As <see cref="LagAlertOptions.CriticalMessages"/>.</summary>
    public long CriticalMessages { get; set; }
}

internal sealed class LagAlertOptionsValidator : IValidateOptions<LagAlertOptions>
{
    private const int MostRules = 100;
    private const int MostGroups = 100_000;

    public ValidateOptionsResult Validate(string? name, LagAlertOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        RefuseNegative(result, options.CriticalMessages, "Lag:Alerts:CriticalMessages");
        if (options.StormGroups is < 0 or > MostGroups)
        {
            result.AddError($"{options.StormGroups} is out of range. Expected: 0 (each group is told by itself) to {MostGroups}", "Lag:Alerts:StormGroups");
        }

        RefuseOutside(result, options.StormWindow, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1), "Lag:Alerts:StormWindow");
        RefuseOutside(result, options.StormUpdate, TimeSpan.FromSeconds(30), TimeSpan.FromDays(1), "Lag:Alerts:StormUpdate");
        if (options.Ignore.Count > MostRules || options.Groups.Count > MostRules)
        {
            result.AddError($"{Math.Max(options.Ignore.Count, options.Groups.Count)} rules are too many: each is tried on each group. Expected: at most {MostRules}", "Lag:Alerts");
        }

        for (var i = 0; i < options.Ignore.Count; i++)
        {
            RefusePattern(result, options.Ignore[i], $"Lag:Alerts:Ignore:{i}");
        }

        for (var i = 0; i < options.Groups.Count; i++)
        {
            RefusePattern(result, options.Groups[i].Match, $"Lag:Alerts:Groups:{i}:Match");
            RefuseNegative(result, options.Groups[i].CriticalMessages, $"Lag:Alerts:Groups:{i}:CriticalMessages");
        }

        return result.Build();
    }

    private static void RefuseOutside(ValidateOptionsResultBuilder result, TimeSpan value, TimeSpan min, TimeSpan max, string key)
    {
        if (value < min || value > max)
        {
            result.AddError($"{value} is out of range. Expected {min} to {max}", key);
        }
    }

    private static void RefuseNegative(ValidateOptionsResultBuilder result, long messages, string key)
    {
        if (messages < 0)
        {
            result.AddError($"{messages} is negative. Expected: 0 (no limit) or more messages", key);
        }
    }

    private static void RefusePattern(ValidateOptionsResultBuilder result, string pattern, string key)
    {
        try
        {
            if (string.IsNullOrEmpty(pattern))
            {
                result.AddError("It is empty, and so would match every group. Expected: a regular expression", key);
            }
            else
            {
                _ = new Regex(pattern, RegexOptions.CultureInvariant, GroupAlertRules.Patience);
            }
        }
        catch (ArgumentException ex)
        {
            result.AddError($"'{pattern}' is no regular expression: {ex.Message}", key);
        }
    }
}
