namespace ControlPlane.Engine.Lag;

/// <summary>Our own judgement of one partition: Burrow's states, but by the cadence the partition is used to, and with every rewind looked at.</summary>
public static class DefaultRules
{
    public static LagVerdict Judge(in CommitWindow window, in LagPolicy policy)
    {
        if (window.Count == 0)
        {
            return new LagVerdict(PartitionLagStatus.Ok, LagReason.NoCommits, 0, window.CurrentLag, 0);
        }

        if (window.Use is PartitionUse.TopicDeleted or PartitionUse.Unsubscribed)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.Ghost, 1);
        }

        if (window.Complete < policy.MinimumComplete)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.Incomplete, 0);
        }

        if (window.CurrentLag < 0)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.LagUnknown, 0);
        }

        var lost = Math.Clamp(window.LogStartOffset - window.LastOffset, 0, window.CurrentLag);
        return lost == 0 ? JudgeLag(window, window.CurrentLag, policy) : AfterLoss(window, lost, policy);
    }

    /// <summary>What retention deleted can't be read any more, so it is no lag; but it is told.</summary>
    private static LagVerdict AfterLoss(in CommitWindow window, long lost, in LagPolicy policy)
    {
        var verdict = JudgeLag(window, window.CurrentLag - lost, policy) with { Lost = lost };
        return verdict.Status != PartitionLagStatus.Ok ? verdict
            : verdict.CurrentLag <= policy.Floor ? verdict with { Reason = LagReason.ExpiredUnread, Confidence = 1 }
            : verdict with { Status = PartitionLagStatus.Warn, Reason = LagReason.DataLost, Confidence = 1 };
    }

    private static LagVerdict JudgeLag(in CommitWindow window, long lag, in LagPolicy policy)
    {
        if (lag <= policy.AllowedLag)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.WithinAllowedLag, 1) with { CurrentLag = lag };
        }

        if (lag <= policy.MarkerLag)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.OnlyMarkers, window.Lags[^1] == lag ? 0.9f : 0.5f) with { CurrentLag = lag };
        }

        if (policy.AllowedTimeMs > 0 && TimeLag.Of(window) is { Kind: TimeLagKind.Known } time && time.Milliseconds < policy.AllowedTimeMs)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.WithinAllowedTime, 0.9f) with { CurrentLag = lag };
        }

        var cadence = Cadence.Of(window, policy);
        var rewinds = Rewinds.Find(window, policy, cadence);
        var verdict = rewinds.Reset < 0
            ? JudgeHistory(window, lag, rewinds.Drop, cadence, policy)
            : AfterReset(window, lag, rewinds, cadence, policy);
        verdict = verdict with { CurrentLag = lag, Complete = window.Complete };
        return verdict.Status is PartitionLagStatus.Stop or PartitionLagStatus.Stall or PartitionLagStatus.Warn && IsHeld(window, policy)
            ? verdict with { Reason = LagReason.HeldByTransaction, Amount = window.EndOffsets[^1] - window.LastStableOffset }
            : verdict;
    }

    /// <summary>It stands just where an open transaction begins; a reader of all records would have gone past it.</summary>
    private static bool IsHeld(in CommitWindow window, in LagPolicy policy) =>
        window.LastStableOffset >= 0 && !window.EndOffsets.IsEmpty && window.LastStableOffset < window.EndOffsets[^1]
        && window.LastOffset <= window.LastStableOffset && window.LastOffset >= window.LastStableOffset - policy.MarkerLag;

    /// <summary>Only what came after a reset is judged; where that is in order, the reset is the news.</summary>
    private static LagVerdict AfterReset(in CommitWindow window, long lag, in Rewinds rewinds, in Cadence cadence, in LagPolicy policy)
    {
        var verdict = JudgeHistory(window.From(rewinds.Reset), lag, rewinds.Drop < 0 ? -1 : rewinds.Drop - rewinds.Reset, cadence, policy);
        return verdict.Status == PartitionLagStatus.Ok
            ? verdict with { Reason = LagReason.OffsetReset, DropAt = rewinds.Reset, Amount = window.Offsets[rewinds.Reset - 1] - window.Offsets[rewinds.Reset], SawReset = true, Confidence = 0.7f }
            : verdict with { SawReset = true, DropAt = verdict.DropAt < 0 ? -1 : verdict.DropAt + rewinds.Reset };
    }

    private static LagVerdict JudgeHistory(in CommitWindow window, long lag, int drop, in Cadence cadence, in LagPolicy policy)
    {
        var silence = LagHistory.WaitingMs(window);
        if (silence > cadence.AllowedMs)
        {
            return Silent(window, lag, silence, cadence, policy);
        }

        if (drop >= 0)
        {
            return Found(window, PartitionLagStatus.Rewind, LagReason.OffsetsWentBack, 0.9f) with { DropAt = drop, Amount = window.Offsets[drop - 1] - window.Offsets[drop] };
        }

        if (LagHistory.IsFrozen(window, policy))
        {
            return Found(window, PartitionLagStatus.Stall, LagReason.OffsetsFrozen, Samples(window));
        }

        if (LagHistory.Growth(window, lag, cadence) is > 0 and var growth)
        {
            return Found(window, PartitionLagStatus.Warn, LagReason.LagGrowing, Samples(window)) with { Amount = growth };
        }

        var reason = LagHistory.IsWithin(window.Lags, policy.Floor) ? LagReason.CaughtUpInWindow
            : silence > Math.Max(cadence.UsualGapMs, policy.LeastSilenceMs / 2) ? LagReason.WithinCadence
            : LagReason.Progressing;
        return Found(window, PartitionLagStatus.Ok, reason, Samples(window)) with { SilenceMs = silence, AllowedMs = cadence.AllowedMs };
    }

    private static LagVerdict Silent(in CommitWindow window, long lag, long silence, in Cadence cadence, in LagPolicy policy)
    {
        var (status, reason) = LagHistory.WasCaughtUp(window) ? (PartitionLagStatus.Ok, LagReason.RecentlyCaughtUp)
            : silence <= policy.LongestPauseMs && LagHistory.IsDrained(window, lag, policy) ? (PartitionLagStatus.Ok, LagReason.BatchPause)
            : window.Use == PartitionUse.GroupEmpty ? (PartitionLagStatus.Stop, LagReason.GroupEmpty)
            : (PartitionLagStatus.Stop, LagReason.Silent);

        // Twice the silence that is in order leaves no doubt; a cadence from few commits does.
        var margin = Math.Min(1, (silence - cadence.AllowedMs) / (float)Math.Max(1, cadence.AllowedMs));
        var confidence = status == PartitionLagStatus.Stop ? Samples(window) * (0.6f + (0.4f * margin)) : 0.5f;
        return Found(window, status, reason, confidence) with { SilenceMs = silence, AllowedMs = cadence.AllowedMs };
    }

    /// <summary>A full window is worth belief, a single commit little.</summary>
    private static float Samples(in CommitWindow window) => 0.4f + (0.6f * window.Complete);

    private static LagVerdict Found(in CommitWindow window, PartitionLagStatus status, LagReason reason, float confidence) =>
        new(status, reason, window.Complete, window.CurrentLag, confidence);
}
