using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Anomalies;

public sealed class UnderReplicatedDetectorTests
{
    [Theory] // partitions are "topic: replicas / in sync / adding / removing"; expected are "broker=partitions"
    [InlineData("all in sync", "", "t: 1 2 3 / 1 2 3")]
    [InlineData("one replica missing", "2=1", "t: 1 2 3 / 1 3")]
    [InlineData("being added", "", "t: 1 2 3 / 1 2 / 3")]
    [InlineData("one being added, one missing", "2=1", "t: 1 2 3 / 1 / 3")]
    [InlineData("on its way out", "", "t: 1 2 3 / 1 3 / / 2")]
    [InlineData("two brokers, each its own", "2=1 3=1", "a: 1 2 / 1", "b: 1 3 / 1")]
    [InlineData("the broker that misses most takes the shared ones", "2=3", "a: 1 2 / 1", "b: 1 2 3 / 1", "c: 1 2 3 / 1")]
    [InlineData("without a leader", "2=1", "t: 2 /")]
    public void Only_what_nothing_explains_is_reported_by_broker(string why, string expected, params string[] partitions)
    {
        var verdict = new Picture(4).MinInSync(1).Partitions(partitions).Verdict(UnderReplicatedDetector.Name);

        Assert.True(expected == Found(verdict), $"{why}: expected '{expected}', got '{Found(verdict)}'");
        Assert.Empty(verdict.Unjudged);
    }

    [Theory]
    [InlineData(BrokerState.Active, "2=1")]
    [InlineData(BrokerState.Unknown, "2=1")]
    [InlineData(BrokerState.Down, "")]
    [InlineData(BrokerState.Unresponsive, "")]
    [InlineData(BrokerState.Restarting, "")]
    [InlineData(BrokerState.ShuttingDown, "")]
    [InlineData(BrokerState.Starting, "")]
    public void A_known_failure_or_a_controlled_restart_explains_it(BrokerState state, string expected) =>
        Assert.Equal(expected, Found(new Picture(3).Broker(2, state).Partitions("t: 1 2 3 / 1 3").Verdict(UnderReplicatedDetector.Name)));

    [Fact]
    public void What_another_broker_lacks_as_well_is_not_hidden_by_a_dead_one() =>
        Assert.Equal("3=1", Found(new Picture(3).Broker(2, BrokerState.Down).Partitions("a: 1 2 3 / 1", "b: 1 2 / 1").Verdict(UnderReplicatedDetector.Name)));

    [Fact]
    public void While_a_failure_is_still_open_its_broker_may_catch_up()
    {
        var failure = new Detection(new AnomalyKey(BrokerDownDetector.Name, "broker 2"), Severity.Error, "Broker 2 is down.", Picture.Now) { BrokerId = 2 };
        var open = new Anomaly(Guid.NewGuid(), Picture.Cluster, AnomalyState.Active, failure, Picture.Now, Picture.Now, Picture.Now, null, BlastRadius.Unknown);

        Assert.Equal("", Found(new Picture(3).Partitions("t: 1 2 3 / 1 3").Verdict(UnderReplicatedDetector.Name, open)));
        Assert.Equal("2=1", Found(new Picture(3).Partitions("t: 1 2 3 / 1 3").Verdict(UnderReplicatedDetector.Name)));
    }

    [Fact]
    public void An_open_anomaly_keeps_its_broker_as_subject()
    {
        var picture = new Picture(4).MinInSync(1).Partitions("a: 1 2 3 / 1", "b: 1 3 / 1");
        var known = new Detection(new AnomalyKey(UnderReplicatedDetector.Name, "broker 2"), Severity.Warning, "Broker 2 lags.", Picture.Now) { BrokerId = 2 };
        var open = new Anomaly(Guid.NewGuid(), Picture.Cluster, AnomalyState.Active, known, Picture.Now, Picture.Now, Picture.Now, null, BlastRadius.Unknown);

        Assert.Equal("3=2", Found(picture.Verdict(UnderReplicatedDetector.Name)));
        Assert.Equal("2=1 3=1", Found(picture.Verdict(UnderReplicatedDetector.Name, open)));
    }

    [Theory]
    [InlineData(SampleKind.Topology, "the partitions were read 16 s ago")]
    [InlineData(SampleKind.Reassignments, "the running reassignments were read 16 s ago")]
    [InlineData(SampleKind.Liveness, "the brokers' answers were read 16 s ago")]
    public void Nothing_is_judged_from_old_samples(SampleKind kind, string why)
    {
        var verdict = new Picture(3).Partitions("t: 1 2 3 / 1 3").Aged(kind, TimeSpan.FromSeconds(16)).Verdict(UnderReplicatedDetector.Name);

        Assert.Empty(verdict.Detections);
        Assert.Contains(why, Assert.Single(verdict.Unjudged).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_judged_where_reassignments_may_not_be_listed() =>
        Assert.Contains(
            "does not let this product list",
            Assert.Single(new Picture(3).Partitions("t: 1 2 3 / 1 3").WithoutReassignments().Verdict(UnderReplicatedDetector.Name).Unjudged).Why,
            StringComparison.Ordinal);

    [Fact]
    public void Severity_follows_what_is_lost()
    {
        Assert.Equal(Severity.Warning, Assert.Single(new Picture(3).Partitions("t: 1 2 3 / 1 3").Verdict(UnderReplicatedDetector.Name).Detections).Severity);
        Assert.Equal(Severity.Critical, Assert.Single(new Picture(3).Partitions("t: 1 2 / 1").Verdict(UnderReplicatedDetector.Name).Detections).Severity);
    }

    private static string Found(Verdict verdict) =>
        string.Join(' ', verdict.Detections.OrderBy(seen => seen.BrokerId).Select(seen => $"{seen.BrokerId}={seen.Blast.UnderReplicated}"));
}
