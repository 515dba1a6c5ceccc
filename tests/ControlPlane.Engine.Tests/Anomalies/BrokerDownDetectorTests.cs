using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Anomalies;

public sealed class BrokerDownDetectorTests
{
    [Theory]
    [InlineData("answers", BrokerState.Active, false, false)]
    [InlineData("refuses connections", BrokerState.Down, true, false)]
    [InlineData("hangs", BrokerState.Unresponsive, true, false)]
    [InlineData("is stopped in a controlled way", BrokerState.ShuttingDown, false, false)]
    [InlineData("is expected back", BrokerState.Restarting, false, false)]
    [InlineData("comes up, not admitted yet", BrokerState.Starting, false, true)]
    [InlineData("was never asked", BrokerState.Unknown, false, true)]
    public void Only_brokers_that_fail_are_reported(string why, BrokerState state, bool reported, bool unjudged)
    {
        var verdict = new Picture(3).Broker(2, state).Verdict(BrokerDownDetector.Name);

        Assert.True(verdict.Detections.Any(seen => seen.Key.Subject == "broker 2") == reported, why);
        Assert.True(verdict.Unjudged.Any(one => one.Subject == "broker 2") == unjudged, why);
        Assert.DoesNotContain(verdict.Detections, seen => seen.BrokerId != 2);
    }

    [Theory]
    [InlineData("nothing lost yet", Severity.Error, 0, 0, 0, "no partition has lost a replica so far", "t: 1 2 3 / 1 2 3")]
    [InlineData("a replica lost", Severity.Error, 0, 0, 2, "2 partitions under-replicated", "t: 1 2 3 / 1 3", "t: 2 1 3 / 1 3")]
    [InlineData("under min ISR", Severity.Critical, 0, 1, 1, "1 partition under min ISR, 1 partition under-replicated", "t: 1 2 / 1")]
    [InlineData("no leader left", Severity.Critical, 1, 1, 1, "1 partition offline, 1 partition under min ISR", "t: 2 /")]
    [InlineData("another broker's trouble", Severity.Error, 0, 0, 0, "no partition has lost a replica so far", "t: 1 3 / 1")]
    public void Severity_and_numbers_follow_what_its_replicas_were_needed_for(
        string why, Severity severity, int offline, int underMin, int underReplicated, string sentence, params string[] partitions)
    {
        var seen = Assert.Single(new Picture(3).Broker(2, BrokerState.Down, isFenced: true).Partitions(partitions).Verdict(BrokerDownDetector.Name).Detections);

        Assert.True(severity == seen.Severity, why);
        Assert.Equal((offline, underMin, underReplicated), (seen.Blast.Offline, seen.Blast.UnderMinInSync, seen.Blast.UnderReplicated));
        Assert.StartsWith("Broker 2 (rack r2) is down: ", seen.Sentence, StringComparison.Ordinal);
        Assert.Contains(sentence, seen.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_evidence_names_connection_controller_and_the_others()
    {
        var seen = Assert.Single(new Picture(3).Broker(2, BrokerState.Down, isFenced: true, secondsAgo: 7).Verdict(BrokerDownDetector.Name).Detections);

        Assert.Equal(Picture.Now.AddSeconds(-7), seen.Since);
        Assert.Contains(seen.Evidence, one => one is { What: "connection", Value: "connection refused" } && one.At == Picture.Now);
        Assert.Contains(seen.Evidence, one => one.What == "controller" && one.Value.StartsWith("has fenced", StringComparison.Ordinal));
        Assert.Contains(seen.Evidence, one => one is { What: "address", Value: "b2.example:9092" });
        Assert.Contains(seen.Evidence, one => one is { What: "other brokers", Value: "2 of 3 brokers of the cluster answer" });
    }

    [Fact]
    public void Nothing_is_judged_from_old_answers_or_when_nobody_answers()
    {
        var stale = new Picture(3).Broker(2, BrokerState.Down).Aged(SampleKind.Liveness, TimeSpan.FromSeconds(16)).Verdict(BrokerDownDetector.Name);
        var never = new Picture(3).Broker(2, BrokerState.Down).Aged(SampleKind.Liveness, null).Verdict(BrokerDownDetector.Name);
        var unreachable = new Picture(2).Broker(1, BrokerState.Unresponsive).Broker(2, BrokerState.Down).Verdict(BrokerDownDetector.Name);

        foreach (var (verdict, why) in new[] { (stale, "16 s ago"), (never, "never read"), (unreachable, "no broker of the cluster answers") })
        {
            Assert.Empty(verdict.Detections);
            var unjudged = Assert.Single(verdict.Unjudged);
            Assert.Null(unjudged.Subject);
            Assert.Contains(why, unjudged.Why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void With_old_partitions_the_reach_is_unknown_and_the_severity_stays()
    {
        var picture = new Picture(3).Broker(2, BrokerState.Down).Partitions("t: 1 2 / 1");
        var before = Assert.Single(picture.Verdict(BrokerDownDetector.Name).Detections);
        var open = new Anomaly(Guid.NewGuid(), Picture.Cluster, AnomalyState.Active, before, Picture.Now, Picture.Now, Picture.Now, null, before.Blast);

        var seen = Assert.Single(picture.Aged(SampleKind.Topology, TimeSpan.FromMinutes(1)).Verdict(BrokerDownDetector.Name, open).Detections);

        Assert.Equal(Severity.Critical, seen.Severity);
        Assert.Null(seen.Blast.UnderReplicated);
        Assert.Contains("not known", seen.Sentence, StringComparison.Ordinal);
        Assert.Contains(seen.Evidence, one => one.What == "blast radius");
    }
}
