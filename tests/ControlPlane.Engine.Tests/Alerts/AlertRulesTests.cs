using System.Text;
using System.Text.Json;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Alerts;

public sealed class AlertRulesTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ClusterId Prod = new("prod");

    [Theory]
    [InlineData(null, AnomalyState.Pending, false, null)]
    [InlineData(null, AnomalyState.Active, true, AlertEvent.Trigger)]
    [InlineData(AnomalyState.Pending, AnomalyState.Active, true, AlertEvent.Trigger)]
    [InlineData(AnomalyState.Active, AnomalyState.Active, true, null)]
    [InlineData(AnomalyState.Pending, AnomalyState.Resolved, false, null)]
    [InlineData(AnomalyState.Active, AnomalyState.Resolved, true, AlertEvent.Resolve)]
    [InlineData(AnomalyState.Resolved, AnomalyState.Resolved, true, null)]
    public void Only_beginning_and_end_of_what_was_active_are_told(AnomalyState? before, AnomalyState state, bool wasActive, AlertEvent? expected) =>
        Assert.Equal(expected, AlertRules.EventOf(new AnomalyTransition(Down() with { State = state, ActiveAt = wasActive ? At : null }, before)));

    [Fact]
    public void The_key_is_the_same_for_every_occurrence_and_differs_by_what_the_trouble_is()
    {
        var key = AlertRules.DedupKey(Prod, new AnomalyKey("broker-down", "broker 4"));

        Assert.Equal("kcp:prod:broker-down:8f2d6f7d0d3d4f1e".Length, key.Length);
        Assert.StartsWith("kcp:prod:broker-down:", key, StringComparison.Ordinal);
        Assert.Equal(key, AlertRules.DedupKey(Prod, Down().Key));
        Assert.NotEqual(key, AlertRules.DedupKey(Prod, new AnomalyKey("broker-down", "broker 5")));
        Assert.NotEqual(key, AlertRules.DedupKey(new ClusterId("test"), new AnomalyKey("broker-down", "broker 4")));
        Assert.InRange(AlertRules.DedupKey(new ClusterId(new string('a', 63)), new AnomalyKey(new string('k', 500), new string('s', 500))).Length, 1, 255);
    }

    [Theory]
    [InlineData(Severity.Warning, null, true)]
    [InlineData(Severity.Error, null, true)]
    [InlineData(Severity.Critical, null, false)]
    [InlineData(Severity.Info, "prod", true)]
    [InlineData(Severity.Info, "test", false)]
    public void A_target_wants_what_is_urgent_enough_and_of_its_clusters(Severity from, string? cluster, bool expected)
    {
        var target = new AlertTarget(Guid.NewGuid(), AlertTargetKind.Webhook, true, from, cluster is null ? null : [cluster]);

        Assert.Equal(expected, target.Wants(Down()));
        Assert.False((target with { IsEnabled = false }).Wants(Down()));
    }

    [Theory]
    [InlineData("", ResolveFate.Unneeded)]
    [InlineData("queued", ResolveFate.Superseded)]
    [InlineData("queued?", ResolveFate.Send)]
    [InlineData("delivering", ResolveFate.Send)]
    [InlineData("delivered", ResolveFate.Send)]
    [InlineData("failed", ResolveFate.Unneeded)]
    [InlineData("failed?", ResolveFate.Send)]
    [InlineData("superseded", ResolveFate.Unneeded)]
    [InlineData("failed queued", ResolveFate.Superseded)]
    [InlineData("failed delivered", ResolveFate.Send)]
    [InlineData("delivered queued", ResolveFate.Send)]
    public void A_resolve_is_sent_only_after_a_trigger_that_may_be_known(string triggers, ResolveFate expected)
    {
        SentTrigger[] sent = [.. triggers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => new SentTrigger(Guid.NewGuid(), Enum.Parse<DeliveryState>(word.TrimEnd('?'), ignoreCase: true), word.EndsWith('?')))];

        var (fate, overtaken) = Superseding.OnResolve(sent);

        Assert.Equal(expected, fate);
        Assert.Equal(fate == ResolveFate.Superseded ? sent.Count(one => one.State == DeliveryState.Queued) : 0, overtaken.Length);
    }

    [Fact]
    public void PagerDuty_gets_its_fields_within_their_limits_and_no_key_before_it_is_sent()
    {
        var loud = Down() with { Last = Down().Last with { Sentence = string.Concat(Enumerable.Repeat("\U0001F4A5", 2000)) } };
        var made = AlertPayloads.Of(AlertTargetKind.PagerDuty, AlertEvent.Trigger, loud, "https://kafka.example.com/");
        var body = JsonDocument.Parse(made.Body).RootElement;

        Assert.InRange(body.GetProperty("payload").GetProperty("summary").GetString()!.Length, 1000, 1024);
        Assert.DoesNotContain('\uFFFD', made.Summary);
        Assert.Equal(("error", "prod/broker-4"), (body.GetProperty("payload").GetProperty("severity").GetString(), body.GetProperty("payload").GetProperty("source").GetString()));
        Assert.Equal($"https://kafka.example.com/c/prod/incidents/{loud.Id}", body.GetProperty("links")[0].GetProperty("href").GetString());
        Assert.False(body.TryGetProperty("routing_key", out _));
        Assert.Equal("k", JsonDocument.Parse(PagerDutyPayload.WithKey(made.Body, "k")).RootElement.GetProperty("routing_key").GetString());
        Assert.Equal(made.DedupKey, AlertPayloads.Of(AlertTargetKind.PagerDuty, AlertEvent.Resolve, loud, "").DedupKey);
    }

    [Theory]
    [InlineData(AlertTargetKind.PagerDuty)]
    [InlineData(AlertTargetKind.Webhook)]
    public void Details_that_would_make_a_message_too_large_are_left_out_and_said_to_be(AlertTargetKind kind)
    {
        var wide = Down() with { Last = Down().Last with { Evidence = [.. Enumerable.Range(0, 60).Select(number => new Evidence($"{number}", new string('x', 10_000), At))] } };

        var body = AlertPayloads.Of(kind, AlertEvent.Trigger, wide, "").Body;

        Assert.InRange(Encoding.UTF8.GetByteCount(body), 1, 512_000);
        Assert.Contains("left out", body, StringComparison.Ordinal);
    }

    private static Anomaly Down() => new(
        new Guid("018f4a3e-0000-7000-8000-000000000001"), Prod, AnomalyState.Active,
        new Detection(new AnomalyKey("broker-down", "broker 4"), Severity.Error, "Broker 4 is down.", At), At, At, At, null, BlastRadius.Unknown);

    [Fact]
    public void A_test_of_PagerDuty_has_an_end_under_the_same_key_and_one_of_a_webhook_has_none()
    {
        var target = Guid.NewGuid();
        var test = AlertPayloads.Test(AlertTargetKind.PagerDuty, target, "on-call", DateTimeOffset.UnixEpoch);

        var end = AlertPayloads.TestEnd(AlertTargetKind.PagerDuty, target, "on-call")!;

        Assert.Equal((AlertEvent.Resolve, test.DedupKey), (end.Event, end.DedupKey));
        Assert.Equal($$"""{"event_action":"resolve","dedup_key":"{{test.DedupKey}}"}""", end.Body);
        Assert.Null(AlertPayloads.TestEnd(AlertTargetKind.Webhook, target, "hook"));
    }
}
