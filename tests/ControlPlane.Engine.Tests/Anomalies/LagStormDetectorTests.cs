using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Anomalies;

/// <summary>When many lagging groups are one trouble, what is said of it, and when it is over.</summary>
public sealed class LagStormDetectorTests
{
    private static readonly DateTimeOffset Start = Picture.Now;

    private readonly Dictionary<string, GroupJudgement> _groups = [];
    private readonly List<string> _told = [];
    private TrackedAnomalies _state = TrackedAnomalies.None;
    private LagStormRule _rule = LagStormRule.Usual;

    private Anomaly? Storm => _state.All.SingleOrDefault(anomaly => anomaly.Key.Kind == LagStormDetector.Name);

    [Fact]
    public void A_few_groups_are_no_storm_and_one_more_is_told_of_once()
    {
        Lag(0, 5);
        Round(0);
        Round(30);
        Assert.Null(Storm);

        Lag(5, 1);
        Round(40);
        Round(45);
        Round(51);

        Assert.Equal(["40 Pending", "51 Active"], _told);
        Assert.StartsWith("6 consumer groups lag; worst: g0 (1,000 messages behind), g1 (999 messages behind)", Storm!.Last.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_that_began_long_before_are_not_part_of_it()
    {
        Lag(0, 5);
        Round(0);
        Round(1);
        Lag(5, 5);
        Round(150);
        Round(165);
        Assert.Null(Storm);

        Lag(10, 1);
        Round(170);
        Round(185);

        Assert.StartsWith("6 consumer groups", Storm!.Last.Sentence, StringComparison.Ordinal);
        Assert.False(Storm.Last.Storm!.Covers(Start));
    }

    [Fact]
    public void Hundreds_that_join_while_it_waits_are_in_its_first_words()
    {
        Lag(0, 6);
        Round(0);
        Lag(6, 294);
        Round(5);
        Round(10);

        Assert.Equal(AnomalyState.Active, Storm!.State);
        Assert.StartsWith("300 consumer groups lag", Storm.Last.Sentence, StringComparison.Ordinal);
        Assert.Equal(100, Storm.Last.Blast.Groups!.Value.Length);
        Assert.InRange(Storm.Last.Evidence.Length, 12, 16);
        Assert.EndsWith(" and 280 more", Storm.Last.Evidence[^1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void What_grows_is_news_after_a_pause_and_what_shrinks_is_none()
    {
        Lag(0, 10);
        Round(0);
        Round(10);
        var told = Storm!.Last.Storm!.ToldAt;

        Lag(10, 10);
        Round(100);
        Assert.Equal(told, Storm.Last.Storm!.ToldAt);
        Assert.StartsWith("10 consumer", Storm.Last.Sentence, StringComparison.Ordinal);
        Assert.True(Storm.Last.Storm.Covers(Start.AddSeconds(100)));

        Round(311);
        Assert.Equal(Start.AddSeconds(311), Storm.Last.Storm!.ToldAt);
        Assert.StartsWith("20 consumer", Storm.Last.Sentence, StringComparison.Ordinal);

        Well(0, 5);
        Round(320);
        Round(441);
        Round(700);
        Assert.StartsWith("15 consumer", Storm.Last.Sentence, StringComparison.Ordinal);
        Assert.Equal(Start.AddSeconds(311), Storm.Last.Storm!.ToldAt);
    }

    [Fact]
    public void It_is_told_at_once_when_it_becomes_worse()
    {
        Lag(0, 10);
        Round(0);
        Round(10);

        _groups["g3"] = _groups["g3"] with { Lag = 2_000_000, TimeLagMs = 600_000 };
        Round(20);

        Assert.Equal((Severity.Critical, Start.AddSeconds(20)), (Storm!.Last.Severity, Storm.Last.Storm!.ToldAt));
        Assert.Contains("worst: g3 (2,000,000 messages behind)", Storm.Last.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void It_ends_a_minute_after_few_are_left_and_these_go_on()
    {
        Lag(0, 10);
        Round(0);
        Round(10);
        Well(0, 8);
        Round(20);
        Round(141);
        Round(142);
        Assert.NotNull(Storm);
        Round(202);

        Assert.Null(Storm);
        Assert.Equal("202 Resolved", _told[^1]);
        Assert.Equal(2, _state.All.Count(anomaly => anomaly is { Key.Kind: ConsumerLagDetector.Name, State: AnomalyState.Active }));
    }

    [Fact]
    public void A_group_that_begins_long_after_is_told_by_itself_and_a_second_wave_is_not()
    {
        Lag(0, 10);
        Round(0);
        Round(10);
        Lag(10, 1);
        Round(400);
        Assert.False(Storm!.Last.Storm!.Covers(Start.AddSeconds(400)));

        Lag(11, 6);
        Round(430);
        Assert.True(Storm.Last.Storm!.Covers(Start.AddSeconds(430)));
    }

    [Fact]
    public void What_most_of_them_share_is_named()
    {
        Lag(0, 8, "payments", 1, "producer-surge");
        Lag(8, 2, "orders", 0, null);
        Round(0);

        Assert.Contains("In common: topic payments (8 groups); more is written than usual (8 groups).", Storm!.Last.Sentence, StringComparison.Ordinal);
        Lag(8, 2, "payments", 1, null);
        Round(1);
        Assert.Contains("partitions led by broker 2 (10 groups)", Storm.Last.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_off_where_somebody_wants_each_group_told()
    {
        _rule = _rule with { MoreThan = 0 };
        Lag(0, 100);
        Round(0);
        Round(20);

        Assert.Null(Storm);
        Assert.All(_state.All, anomaly => Assert.False(anomaly.Last.IsGrouped));
    }

    [Fact]
    public void A_critical_group_with_a_limit_of_its_own_is_told_by_itself()
    {
        Lag(0, 3);
        _groups["g1"] = _groups["g1"] with { Lag = 50, Alerts = new GroupAlertRule(false, 10) { IsOwn = true }, TimeLagMs = 600_000 };
        _groups["g2"] = _groups["g2"] with { Alerts = new GroupAlertRule(false, 1_000_000) { IsOwn = true } };
        Round(0);

        Assert.Equal([true, false, true], _state.All.OrderBy(anomaly => anomaly.Key.Subject, StringComparer.Ordinal).Select(anomaly => anomaly.Last.IsGrouped));
    }

    [Fact]
    public void It_goes_on_from_what_was_stored()
    {
        Lag(0, 10);
        Round(0);
        Round(10);
        var id = Storm!.Id;
        _state = TrackedAnomalies.Of(_state.All, Start.AddSeconds(15));

        Round(20);

        Assert.Equal(id, Storm!.Id);
        Assert.Equal(["0 Pending", "10 Active"], _told);
    }

    private void Lag(int first, int count, string topic = "orders", int partition = 0, string? cause = null)
    {
        for (var i = first; i < first + count; i++)
        {
            _groups[$"g{i}"] = new GroupJudgement(Status.Crit, "ERR", "as judged", null, false)
            {
                Lag = 1_000 - i,
                BadPartitions = 1,
                Cause = cause,
                Alerts = GroupAlertRule.Usual with { Storm = _rule },
                Trouble = new GroupTrouble("STOP", Start, 0, false, [topic], [new PartitionTrouble(topic, partition, "silent")]),
            };
        }
    }

    private void Well(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            _groups[$"g{i}"] = _groups[$"g{i}"] with { Status = Status.Ok, Lag = 0, Trouble = null };
        }
    }

    private void Round(int seconds)
    {
        var now = Start.AddSeconds(seconds);
        var model = new Picture(3).Partitions("orders: 1 2 3 / 1 2 3", "orders: 2 3 1 / 2 3 1", "payments: 1 2 3 / 1 2 3", "payments: 2 3 1 / 2 3 1").Build();
        model = model with
        {
            Judgements = _groups.ToDictionary(one => one.Key, one => one.Value with { At = now }),
            Samples = [.. model.Samples.Select(one => one with { LastSuccess = now })],
        };
        var step = AnomalyTracker.Next(_state, Detectors.Look(model, _state.All, now), Picture.Cluster, now, () => Guid.CreateVersion7(now));
        _state = step.State;
        _told.AddRange(step.Transitions.Where(one => one.Before != one.Anomaly.State && one.Anomaly.Key.Kind == LagStormDetector.Name).Select(one => $"{seconds} {one.Anomaly.State}"));
    }
}
