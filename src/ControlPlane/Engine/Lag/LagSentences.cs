using System.Globalization;

namespace ControlPlane.Engine.Lag;

/// <summary>Verdicts as sentences and code words; made only when somebody reads them.</summary>
public static class LagSentences
{
    /// <summary>The reason as a word for programs: stable, lower case.</summary>
    public static string CodeOf(LagReason reason) => reason switch
    {
        LagReason.NoCommits => "no-commits",
        LagReason.Incomplete => "incomplete",
        LagReason.LagUnknown => "lag-unknown",
        LagReason.WithinAllowedLag => "within-allowed-lag",
        LagReason.OnlyMarkers => "only-markers",
        LagReason.WithinAllowedTime => "within-allowed-time",
        LagReason.Silent => "silent",
        LagReason.GroupEmpty => "group-empty",
        LagReason.RecentlyCaughtUp => "recently-caught-up",
        LagReason.WithinCadence => "within-cadence",
        LagReason.BatchPause => "batch-pause",
        LagReason.OffsetsWentBack => "offsets-went-back",
        LagReason.OffsetReset => "offset-reset",
        LagReason.CaughtUpInWindow => "caught-up-in-window",
        LagReason.OffsetsFrozen => "offsets-frozen",
        LagReason.LagNotFalling => "lag-not-falling",
        LagReason.LagGrowing => "lag-growing",
        LagReason.Progressing => "progressing",
        LagReason.HeldByTransaction => "held-by-transaction",
        LagReason.DataLost => "data-lost",
        LagReason.ExpiredUnread => "expired-unread",
        LagReason.Ghost => "ghost",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a reason"),
    };

    /// <summary>Kafka users' word for a status, as Burrow writes it.</summary>
    public static string WordOf(PartitionLagStatus status) => status switch
    {
        PartitionLagStatus.Ok => "OK",
        PartitionLagStatus.Warn => "WARN",
        PartitionLagStatus.Stop => "STOP",
        PartitionLagStatus.Stall => "STALL",
        PartitionLagStatus.Rewind => "REWIND",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status"),
    };

    public static string WordOf(GroupLagStatus status) => status switch
    {
        GroupLagStatus.NotFound => "NOTFOUND",
        GroupLagStatus.Ok => "OK",
        GroupLagStatus.Warn => "WARN",
        GroupLagStatus.Err => "ERR",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Not a status"),
    };

    public static string Of(in LagVerdict verdict)
    {
        var sentence = Core(verdict);
        if (verdict.Lost > 0 && verdict.Reason is not (LagReason.DataLost or LagReason.ExpiredUnread))
        {
            sentence += $" Retention deleted {Messages(verdict.Lost)} before they were read.";
        }

        return verdict.SawReset && verdict.Reason != LagReason.OffsetReset ? sentence + " Its offsets were reset within the window." : sentence;
    }

    private static string Core(in LagVerdict verdict) => verdict.Reason switch
    {
        LagReason.NoCommits => "There are no commits to judge by.",
        LagReason.Incomplete => $"Only {Percent(verdict.Complete)} of the window is filled; that is too little to judge by.",
        LagReason.LagUnknown => "No end offset is known, so the lag can't be told.",
        LagReason.WithinAllowedLag => verdict.CurrentLag == 0 ? "Nothing is left to read." : $"{Behind(verdict)}, which is allowed.",
        LagReason.OnlyMarkers => $"{Behind(verdict)}, which looks like a transaction marker that no consumer reads.",
        LagReason.WithinAllowedTime => $"{Behind(verdict)}, for less time than is allowed.",
        LagReason.Silent => $"No commit for {Time(verdict.SilenceMs)} ({Time(verdict.AllowedMs)} would be in order), {Short(verdict)}.",
        LagReason.GroupEmpty => $"The group has no members and has committed nothing for {Time(verdict.SilenceMs)}, {Short(verdict)}.",
        LagReason.RecentlyCaughtUp => $"{Behind(verdict)}, but everything was read a moment ago.",
        LagReason.WithinCadence => $"{Behind(verdict)}; no commit for {Time(verdict.SilenceMs)}, which is in order up to {Time(verdict.AllowedMs)}.",
        LagReason.BatchPause => $"{Behind(verdict)}; it drained its backlog {Time(verdict.SilenceMs)} ago and rests.",
        LagReason.OffsetsWentBack => $"Offsets went back by {Messages(verdict.Amount)} and have not come to where they were, {Short(verdict)}.",
        LagReason.OffsetReset => $"Offsets were set back by {Messages(verdict.Amount)} while the group stood still: a reset. {Behind(verdict)}.",
        LagReason.CaughtUpInWindow => $"{Behind(verdict)}, but it caught up within the window.",
        LagReason.OffsetsFrozen => $"It commits the same offset again and again, {Short(verdict)}.",
        LagReason.LagNotFalling => $"It makes progress but the lag never falls within the window, {Short(verdict)}.",
        LagReason.LagGrowing => $"It makes progress but the lag grew by {Messages(verdict.Amount)} within the window, {Short(verdict)}.",
        LagReason.Progressing => $"{Behind(verdict)} and making progress.",
        LagReason.HeldByTransaction => $"It stands where an open transaction begins: {Messages(verdict.Amount)} can't be read as committed until that ends. The producer holds it, not the consumer.",
        LagReason.DataLost => $"Retention deleted {Messages(verdict.Lost)} before they were read, {Short(verdict)}.",
        LagReason.ExpiredUnread => $"Retention deleted {Messages(verdict.Lost)} unread; nothing is left to read.",
        LagReason.Ghost => $"Nobody reads this partition any more; its {Messages(Math.Max(0, verdict.CurrentLag))} of lag do not count.",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict.Reason, "Not a reason"),
    };

    /// <summary>Two units at most, as people say it.</summary>
    public static string Time(long milliseconds)
    {
        var (days, rest) = Math.DivRem(Math.Max(0, milliseconds) / 1000, 86_400);
        var (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
        return (days, hours, minutes) switch
        {
            ( > 0, _, _) => $"{days} d {hours} h",
            (_, > 0, _) => $"{hours} h {minutes} m",
            (_, _, > 0) => $"{minutes} m {seconds} s",
            _ => $"{seconds} s",
        };
    }

    public static string Messages(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {(count == 1 ? "message" : "messages")}");

    private static string Behind(in LagVerdict verdict) => $"It is {Messages(Math.Max(0, verdict.CurrentLag))} behind";

    private static string Short(in LagVerdict verdict) => verdict.CurrentLag < 0 ? "lag unknown" : $"{Messages(verdict.CurrentLag)} behind";

    private static string Percent(float share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");
}
