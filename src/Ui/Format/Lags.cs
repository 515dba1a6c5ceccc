using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>Time lag and catching up in words.</summary>
internal static class Lags
{
    /// <summary>"4 m 10 s", "at least 30 m"; null where it can't be told.</summary>
    public static string? Time(GroupJudgementDto? judged) => judged is null ? null : Time(judged.TimeLagSeconds, judged.IsTimeLagAtLeast);

    public static string? Time(double? seconds, bool isAtLeast) => seconds is { } known ? $"{(isAtLeast ? "at least " : "")}{Show.Duration(known)}" : null;

    public static string? Raw(GroupJudgementDto? judged) => Show.Raw(judged?.TimeLagSeconds is { } known ? (long)known : null);

    public static string? CatchUp(GroupJudgementDto? judged) => judged?.CatchUp switch
    {
        "done" => "done",
        "never" => "never",
        "expected" when judged.CatchUpSeconds is { } seconds => Show.Duration(seconds),
        _ => null,
    };

    /// <summary>Burrow's word for a number of history; between two verdicts the worse one counts.</summary>
    public static string WordOf(double status) => status > 2 ? "ERR" : status > 1 ? "WARN" : "OK";

    /// <summary>The range, as the measured rates have it.</summary>
    public static string? CatchUpNote(GroupJudgementDto? judged) => judged switch
    {
        { CatchUp: "expected", CatchUpEarliestSeconds: { } from } => $"{Show.Duration(from)} to {(judged.CatchUpLatestSeconds is { } to ? Show.Duration(to) : "never")}",
        { CatchUp: "never" } => "more is written than read",
        { CatchUp: "done" } => "nothing waits",
        _ => null,
    };
}
