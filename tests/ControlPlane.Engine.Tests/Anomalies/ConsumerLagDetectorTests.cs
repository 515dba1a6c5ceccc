using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Anomalies;

/// <summary>What of the judged groups becomes an anomaly, how bad, and when it is over.</summary>
public sealed class ConsumerLagDetectorTests
{
    private static readonly DateTimeOffset Now = Picture.Now;

    [Theory] // worst word, lag, lost, muted, limit, abandoned -> severity or none
    [InlineData("STOP", 500, 0, false, 1_000_000L, false, "Error")]
    [InlineData("STALL", 500, 0, false, 1_000_000L, false, "Error")]
    [InlineData("REWIND", 500, 0, false, 1_000_000L, false, "Error")]
    [InlineData("WARN", 500, 0, false, 1_000_000L, false, "Warning")]
    [InlineData("WARN", 500, 20, false, 1_000_000L, false, "Error")]
    [InlineData("WARN", 1_000_001, 0, false, 1_000_000L, false, "Critical")]
    [InlineData("STOP", 1_000_000, 0, false, 1_000_000L, false, "Error")]
    [InlineData("STOP", 5_000_000, 0, false, null, false, "Error")]
    [InlineData("STOP", 5_000_000, 0, true, 1_000_000L, false, null)]
    [InlineData("STOP", 5_000_000, 0, false, 1_000_000L, true, null)]
    [InlineData(null, 5_000_000, 0, false, 1_000_000L, false, "Critical")]
    [InlineData(null, 500, 0, false, 1_000_000L, false, null)]
    public void Severity_follows_the_worst_partition_the_loss_and_the_threshold(string? worst, long lag, long lost, bool isMuted, long? limit, bool isAbandoned, string? severity)
    {
        var judged = Judged(worst, lag, lost, isAbandoned) with { Alerts = new GroupAlertRule(isMuted, limit), TimeLagMs = 600_000 };

        Assert.Equal(severity, Look(judged).Detections.SingleOrDefault()?.Severity.ToString());
    }

    [Fact]
    public void A_million_messages_written_within_a_minute_are_traffic()
    {
        Assert.Empty(Look(Judged(null, 5_000_000) with { TimeLagMs = 20_000 }).Detections);
        Assert.Single(Look(Judged(null, 5_000_000) with { TimeLagMs = 20_000, IsTimeLagAtLeast = true }).Detections);
        Assert.Single(Look(Judged(null, 5_000_000) with { TimeLagMs = null }).Detections);
        Assert.Equal(Severity.Warning, Assert.Single(Look(Judged("WARN", 5_000_000) with { TimeLagMs = 20_000 }).Detections).Severity);
        Assert.Equal(Severity.Critical, Assert.Single(Look(Judged("STOP", 5_000_000) with { TimeLagMs = 20_000 }).Detections).Severity);
    }

    [Fact]
    public void It_says_the_group_the_cause_and_the_worst_partitions_and_since_when()
    {
        var found = Assert.Single(Look(Judged("STOP", 1_234) with { Cause = "no-members", CauseSentence = "The group has no members: nobody reads.", TimeLagMs = 61_000 }).Detections);

        Assert.Equal(("consumer-lag", "group billing"), (found.Key.Kind, found.Key.Subject));
        Assert.Equal("Group billing: STOP on 2 partitions, 1,234 messages behind, the oldest unread record waits 1 m 1 s. The group has no members: nobody reads.", found.Sentence);
        Assert.Equal(Now.AddMinutes(-5), found.Since);
        Assert.Contains(found.Evidence, one => one is { What: "orders-1", Value: "silent" });
        Assert.Contains(found.Evidence, one => one.What == "cause");
        Assert.Equal("billing", Assert.Single(found.Blast.Groups!.Value));
        Assert.Equal("orders", Assert.Single(found.Blast.Topics));
    }

    [Fact]
    public void A_stop_is_told_at_once_a_warning_when_it_has_lasted_and_none_in_the_first_minute()
    {
        Assert.Equal((true, true, true, false, false), (Proven("STOP", true), Proven("STALL", true), Proven("REWIND", true), Proven("WARN", true), Proven("STOP", false)));

        static bool Proven(string worst, bool isSettled) => Assert.Single(Look(Judged(worst, 500) with { IsSettled = isSettled }).Detections).IsProven;
    }

    [Fact]
    public void What_is_open_stays_until_two_minutes_without_it_and_what_cannot_be_judged_stays_as_it_is()
    {
        var (state, told) = (TrackedAnomalies.None, new List<string>());
        void Round(int seconds, GroupJudgement? judged, ImmutableArray<SampleFailure>? failures = null)
        {
            var now = Now.AddSeconds(seconds);
            var model = Model(judged is null ? null : judged with { At = now }, failures);
            model = model with { Samples = [.. model.Samples.Select(one => one with { LastSuccess = now })] };
            var step = AnomalyTracker.Next(state, Detectors.Look(model, state.All, now), Picture.Cluster, now, () => Guid.CreateVersion7(now));
            state = step.State;
            told.AddRange(step.Transitions.Where(one => one.Before != one.Anomaly.State).Select(one => $"{seconds} {one.Anomaly.State}"));
        }

        Round(0, Judged("STOP", 500));
        Round(1, Judged("STOP", 500));
        Round(10, Judged(null, 0));
        Round(60, Judged("STOP", 700));
        Round(70, null, [new SampleFailure(1, "ListGroups", FailureKind.Error, "no answer")]);
        Round(300, null, [new SampleFailure(1, "ListGroups", FailureKind.Error, "no answer")]);
        Round(301, Judged(null, 0));
        Round(420, Judged(null, 0));
        Round(421, Judged(null, 0));

        Assert.Equal(["0 Pending", "1 Active", "421 Resolved"], told);
    }

    [Fact]
    public void A_critical_lag_is_critical_until_a_tenth_of_it_is_read()
    {
        var open = OpenOf(Severity.Critical);

        Assert.Equal(Severity.Critical, Assert.Single(Look(Judged("WARN", 950_000), open).Detections).Severity);
        Assert.Equal(Severity.Warning, Assert.Single(Look(Judged("WARN", 890_000), open).Detections).Severity);
        Assert.Equal(Severity.Error, Assert.Single(Look(Judged("STOP", 500, isAbandoned: true), open).Detections).Severity);
    }

    [Fact]
    public void Who_cannot_read_since_a_broker_is_down_is_told_of_by_the_broker()
    {
        var judged = Judged("STOP", 500) with { Cause = "broker-trouble" };
        var model = Model(judged);

        Assert.Single(Look(judged).Detections);
        var down = new Picture(3).Broker(2, BrokerState.Down).Build() with { Judgements = model.Judgements };
        Assert.Empty(Detectors.Look(down, [], Now).Verdicts[ConsumerLagDetector.Name].Detections);
    }

    [Fact]
    public void Old_log_ends_and_old_judgements_tell_nothing()
    {
        var stale = Model(Judged("STOP", 500));
        stale = stale with { Samples = [.. stale.Samples.Select(one => one.Kind == SampleKind.Offsets ? one with { LastSuccess = Now.AddMinutes(-5) } : one)] };
        Assert.Single(Detectors.Look(stale, [], Now).Verdicts[ConsumerLagDetector.Name].Unjudged);

        var old = Look(Judged("STOP", 500) with { At = Now.AddMinutes(-2) });
        Assert.Empty(old.Detections);
        Assert.Equal("group billing", Assert.Single(old.Unjudged).Subject);
    }

    [Fact]
    public void While_commits_are_still_being_read_nothing_ends()
    {
        Assert.Single(Look(Judged(null, 0) with { IsSettled = false }, OpenOf(Severity.Error)).Unjudged);
        Assert.Empty(Look(Judged(null, 0), OpenOf(Severity.Error)).Unjudged);
        Assert.Empty(Look(Judged("STOP", 9) with { IsSettled = false, Alerts = new GroupAlertRule(true, null) }, OpenOf(Severity.Error)).Unjudged);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("long")]
    public void A_group_whose_name_is_told_in_another_form_is_known_again_by_it(string kind)
    {
        var group = kind == "long" ? new string('g', 5_000) : "gr" + kind + "oup";

        Assert.Equal("its commits are still being read: a part of them says too little", Assert.Single(Of(Judged(null, 0) with { IsSettled = false }).Unjudged).Why);
        Assert.Contains("for the last time", Assert.Single(Of(Judged(null, 0) with { At = Now.AddMinutes(-2) }).Unjudged).Why, StringComparison.Ordinal);
        Assert.Empty(Of(Judged(null, 0)).Unjudged);

        Verdict Of(GroupJudgement judged) => Detectors.Look(
            Model(null) with { Judgements = new Dictionary<string, GroupJudgement> { [group] = judged } },
            [OpenOf(Severity.Error, ConsumerLagDetector.SubjectOf(group))],
            Now).Verdicts[ConsumerLagDetector.Name];
    }

    [Fact]
    public void Any_name_makes_a_subject_that_can_be_stored()
    {
        Assert.Equal("group a/b ü", ConsumerLagDetector.SubjectOf("a/b ü"));
        var (nul, huge) = (ConsumerLagDetector.SubjectOf("a\0b\n"), ConsumerLagDetector.SubjectOf(new string('x', 10_000)));
        Assert.DoesNotContain(nul, char.IsControl);
        Assert.InRange(huge.Length, 50, 220);
        Assert.NotEqual(huge, ConsumerLagDetector.SubjectOf(new string('x', 10_001)));
        Assert.NotEqual(nul, ConsumerLagDetector.SubjectOf("a\u0001b\n"));
    }

    private static Verdict Look(GroupJudgement judged, params Anomaly[] open) => Detectors.Look(Model(judged), [.. open], Now).Verdicts[ConsumerLagDetector.Name];

    private static ClusterModel Model(GroupJudgement? judged, ImmutableArray<SampleFailure>? failures = null)
    {
        var model = new Picture(3).Build();
        return model with
        {
            Judgements = judged is null ? model.Judgements : new Dictionary<string, GroupJudgement> { ["billing"] = judged },
            Samples = [.. model.Samples.Select(one => one.Kind == SampleKind.Groups ? one with { Failures = failures ?? [] } : one)],
        };
    }

    private static GroupJudgement Judged(string? worst, long lag, long lost = 0, bool isAbandoned = false) =>
        new(worst is null ? Status.Ok : Status.Crit, worst switch { null => "OK", "WARN" => "WARN", _ => "ERR" }, "as judged", null, false)
        {
            At = Now,
            Lag = lag,
            BadPartitions = worst is null ? 0 : 2,
            Complete = 1,
            Trouble = worst is null ? null : new GroupTrouble(worst, Now.AddMinutes(-5), lost, isAbandoned, ["orders"], [new PartitionTrouble("orders", 1, "silent")]),
        };

    private static Anomaly OpenOf(Severity severity, string subject = "group billing")
    {
        var seen = new Detection(new AnomalyKey(ConsumerLagDetector.Name, subject), severity, "seen", Now);
        return new Anomaly(Guid.NewGuid(), Picture.Cluster, AnomalyState.Active, seen, Now, Now, Now, null, BlastRadius.Unknown);
    }
}
