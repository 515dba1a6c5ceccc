using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ControlPlane.Api.Burrow;

/// <summary>The level from which this process logs, and a way to change it until the process ends. Levels that are set for a category stay.</summary>
internal sealed class LogLevelSwitch : IPostConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>
{
    private ConfigurationReloadToken _changed = new();
    private LogLevel? _chosen;
    private LogLevel _now = LogLevel.Information;

    public string Name => Options.DefaultName;

    /// <summary>In Burrow's words.</summary>
    public string Word => _now switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    public static LogLevel? Parse(string? word) => word?.ToLowerInvariant() switch
    {
        "debug" or "trace" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" => LogLevel.Critical,
        _ => null,
    };

    public void Choose(LogLevel level)
    {
        _chosen = level;
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        if (_chosen is { } level)
        {
            options.Rules.Add(new LoggerFilterRule(null, null, level, null)); // of rules that are as general, the last one holds
        }

        _now = options.Rules.LastOrDefault(rule => rule is { CategoryName: null, ProviderName: null, LogLevel: not null })?.LogLevel ?? options.MinLevel;
    }

    public IChangeToken GetChangeToken() => Volatile.Read(ref _changed);
}
