using ControlPlane.Contracts;

namespace ControlPlane.Cli;

/// <summary>What the shell learns: the same words as on the pages.</summary>
internal enum ExitCode
{
    Ok = 0,
    Warning = 1,
    Critical = 2,
    UnknownOrFailure = 3,
}

internal static class ExitCodes
{
    public static ExitCode Of(StatusWord status) => status switch
    {
        StatusWord.Ok or StatusWord.Maint => ExitCode.Ok,
        StatusWord.Warn => ExitCode.Warning,
        StatusWord.Crit => ExitCode.Critical,
        _ => ExitCode.UnknownOrFailure,
    };

    /// <summary>Critical outranks unknown, unknown outranks a warning: what is not known may be as bad as a warning, never better.</summary>
    public static StatusWord Worst(IEnumerable<StatusWord> words) =>
        words.Select(word => (Word: word, Rank: Rank(word))).DefaultIfEmpty((Word: StatusWord.Unknown, Rank: 0)).MaxBy(entry => entry.Rank).Word;

    private static int Rank(StatusWord word) => word switch
    {
        StatusWord.Ok => 1,
        StatusWord.Maint => 2,
        StatusWord.Warn => 3,
        StatusWord.Unknown => 4,
        _ => 5,
    };
}
