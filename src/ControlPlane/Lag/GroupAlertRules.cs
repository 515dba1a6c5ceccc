using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;

namespace ControlPlane.Lag;

/// <summary>Which alert rule a group falls under. Each name is tried once; an expression that explodes on one counts as not matching it.</summary>
internal sealed partial class GroupAlertRules
{
    /// <summary>For one expression on one name.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>Names beyond it are forgotten and tried again: groups come and go.</summary>
    private const int MostNames = 200_000;

    private readonly ConcurrentDictionary<string, GroupAlertRule> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);
    private readonly Regex[] _ignored;
    private readonly (Regex Match, GroupAlertRule Rule)[] _rules;
    private readonly GroupAlertRule _usual;
    private readonly ILogger<GroupAlertRules> _logger;

    public GroupAlertRules(IOptions<LagAlertOptions> options, ILogger<GroupAlertRules> logger)
    {
        (_logger, var wished) = (logger, options.Value);
        _ignored = [.. wished.Ignore.Select(Expression)];
        var storm = new LagStormRule(wished.StormGroups, wished.StormWindow, wished.StormUpdate);
        _rules = [.. wished.Groups.Select(rule => (Expression(rule.Match), RuleOf(rule.CriticalMessages, storm) with { IsOwn = true }))];
        _usual = RuleOf(wished.CriticalMessages, storm);
    }

    public GroupAlertRule Of(string group)
    {
        if (_known.TryGetValue(group, out var known))
        {
            return known;
        }

        if (_known.Count >= MostNames)
        {
            _known.Clear();
        }

        var rule = Find(group);
        return _known[group] = Array.Exists(_ignored, one => IsMatch(one, group)) ? rule with { IsMuted = true } : rule;
    }

    private GroupAlertRule Find(string group)
    {
        foreach (var (match, rule) in _rules)
        {
            if (IsMatch(match, group))
            {
                return rule;
            }
        }

        return _usual;
    }

    private bool IsMatch(Regex expression, string group)
    {
        try
        {
            return expression.IsMatch(group);
        }
        catch (RegexMatchTimeoutException)
        {
            if (_told.TryAdd(expression.ToString(), true))
            {
                LogTooSlow(expression.ToString(), Patience);
            }

            return false;
        }
    }

    private static GroupAlertRule RuleOf(long criticalMessages, LagStormRule storm) => new(false, criticalMessages == 0 ? null : criticalMessages) { Storm = storm };

    private static Regex Expression(string pattern) => new(pattern, RegexOptions.CultureInvariant, Patience);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The expression {Pattern} of Lag:Alerts takes longer than {Patience} on a group's name and counts as not matching it; this is told once")]
    private partial void LogTooSlow(string pattern, TimeSpan patience);
}
