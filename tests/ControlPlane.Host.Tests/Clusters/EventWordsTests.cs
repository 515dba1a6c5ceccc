using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Clusters;

/// <summary>What is noted of events, before any of it is stored.</summary>
public sealed class EventWordsTests
{
    [Fact]
    public void More_than_there_is_room_for_forgets_the_oldest_and_counts_them()
    {
        var log = new EventLog(new ProcessIdentity(), TimeProvider.System);

        EventWriterTests.Note(log, new ClusterLease(new ClusterId("c"), Guid.NewGuid(), 1, default, 0), 0, EventLog.Capacity + 10);

        Assert.Equal(10, log.Forgotten);
        Assert.True(log.Noted.TryRead(out var oldest));
        Assert.Equal("broker 10", oldest.Event.Subject);
    }

    [Theory]
    [MemberData(nameof(Sentences))]
    public void An_event_says_what_became_of_what(ClusterEffect effect, string? kind, string? sentence)
    {
        var words = EventWords.Of(effect);

        Assert.Equal((kind, sentence), (words?.Kind, words?.Sentence));
    }

    public static TheoryData<ClusterEffect, string?, string?> Sentences() => new()
    {
        { new ClusterEffect.BrokerChanged(3, BrokerState.Active, BrokerState.Down, "connection refused."), "broker", "Broker 3 is down, was up: connection refused." },
        { new ClusterEffect.BrokerChanged(3, BrokerState.Unknown, BrokerState.Down, "refused"), "broker", "Broker 3 is down: refused." },
        { new ClusterEffect.BrokerChanged(3, BrokerState.Unknown, BrokerState.Active, "answers"), null, null },
        { new ClusterEffect.ControllerChanged(3, 1), "controller", "Controller 1 is active, was 3." },
        { new ClusterEffect.ControllerChanged(3, null), "controller", "The cluster has no active controller; it was 3." },
        { new ClusterEffect.ControllerChanged(null, 2), "controller", "Controller 2 is active; there was none before." },
        { new ClusterEffect.LeadersChanged(1, 0), "leaders", "1 partition changed its leader." },
        { new ClusterEffect.LeadersChanged(12, 3), "leaders", "12 partitions changed their leader, 3 of them have none now." },
        { new ClusterEffect.StateChanged(), null, null },
        { new ClusterEffect.LoadChanged(), null, null },
    };
}
