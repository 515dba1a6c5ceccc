using ControlPlane.Contracts;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Judgements of lag as the API tells them.</summary>
internal static class JudgementRows
{
    public static GroupJudgementDto? Of(GroupJudgement? judgement) => judgement is null ? null : new GroupJudgementDto(
        Known.Word(judgement.Status),
        judgement.Word,
        judgement.Sentence,
        judgement.TimeLagMs / 1000.0,
        judgement.IsTimeLagAtLeast,
        judgement.BadPartitions,
        Math.Round(judgement.Complete, 4),
        judgement.CatchUp,
        judgement.CatchUpIn?.TotalSeconds,
        judgement.CatchUpEarliest?.TotalSeconds,
        judgement.CatchUpLatest?.TotalSeconds,
        judgement.ConsumeRate,
        judgement.ProduceRate,
        judgement.Cause,
        judgement.CauseSentence,
        judgement.AdvisedMembers,
        judgement.Advice);

    public static PartitionJudgementDto Of(PartitionJudgement one) => new(
        LagSentences.WordOf(one.Verdict.Status),
        LagSentences.CodeOf(one.Verdict.Reason),
        one.Verdict.Sentence,
        Math.Round(one.Verdict.Confidence, 3),
        Math.Round(one.Verdict.Complete, 4),
        one.TimeLag.Kind == TimeLagKind.Unknown ? null : one.TimeLag.Milliseconds / 1000.0,
        one.TimeLag.Kind == TimeLagKind.AtLeast,
        one.CatchUp.Kind switch { CatchUpKind.Done => "done", CatchUpKind.Expected => "expected", CatchUpKind.Never => "never", _ => "unknown" },
        one.CatchUp.Likely?.TotalSeconds,
        Rate(one.Rates.Consume),
        Rate(one.Rates.Produce),
        [.. one.Window.Select(commit => new SeenCommitDto(commit.Offset, DateTimeOffset.FromUnixTimeMilliseconds(commit.Timestamp), commit.Lag))]);

    private static double? Rate(double rate) => double.IsNaN(rate) ? null : rate;
}
