using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Engine.Tests.Anomalies;

public sealed class AnomalyTrackerTests
{
    [Theory] // one letter a step of three seconds: x seen, - gone, ? can't be judged. Expected: step:state, in order
    [InlineData("held for 15 s", "xxxxxxxx", "0:pending 5:active")]
    [InlineData("a flap that ends while pending is never told", "xxx-----------", "0:pending 10:resolved")]
    [InlineData("a flap in between begins the hold anew", "xxx-xxxxxx", "0:pending 9:active")]
    [InlineData("over after 20 s without a break", "xxxxxx-----------", "0:pending 5:active 13:resolved")]
    [InlineData("back within the hysteresis: the same anomaly", "xxxxxx------x-----------", "0:pending 5:active 20:resolved")]
    [InlineData("back after it: another anomaly", "xxxxxx-----------xxxxxx", "0:pending 5:active 13:resolved 17:pending 22:active")]
    [InlineData("unjudged while pending: not told", "xxx????????????", "0:pending 4:changed")]
    [InlineData("unjudged while active: not resolved", "xxxxxx?????????????????", "0:pending 5:active 9:changed")]
    [InlineData("unjudged in between begins the clearing anew", "xxxxxx------?------x", "0:pending 5:active 12:changed 19:changed")]
    [InlineData("never seen", "----????", "")]
    public void The_life_of_an_anomaly_follows_what_rounds_see(string why, string rounds, string expected)
    {
        var told = new List<string>();
        var (state, step) = (TrackedAnomalies.None, 0);
        foreach (var letter in rounds)
        {
            var next = Step(state, letter, step);
            told.AddRange(next.Transitions.Select(one => $"{step}:{(one.Before == one.Anomaly.State ? "changed" : one.Anomaly.State.ToString().ToLowerInvariant())}"));
            (state, step) = (next.State, step + 1);
        }

        Assert.True(expected == string.Join(' ', told), $"{why}: expected {expected}, got {string.Join(' ', told)}");
    }

    [Fact]
    public void What_the_cluster_itself_proves_is_not_held()
    {
        var state = Next(TrackedAnomalies.None, 0, [Seen(1)]).State;
        var step = Next(state, 1, [Seen(1) with { IsProven = true }]);

        Assert.Equal((AnomalyState.Active, AnomalyState.Pending), (Assert.Single(step.Transitions).Anomaly.State, step.Transitions[0].Before));
        Assert.Equal(At(0), Next(TrackedAnomalies.None, 0, [Seen(1) with { IsProven = true }]).Due);
    }

    [Fact]
    public void A_new_anomaly_after_a_resolved_one_has_a_new_id()
    {
        var ids = Play("xxxxxx-----------xxxxxx").Select(one => one.Anomaly.Id).Distinct().ToList();

        Assert.Equal(2, ids.Count);
    }

    [Fact]
    public void Since_never_moves_forward_and_the_widest_reach_is_kept()
    {
        var wide = Seen(1) with { Since = At(-5), Blast = new BlastRadius(3, 2, 10, 1, [], ["t"], ["g"]) };
        var narrow = Seen(1) with { Since = At(4), Blast = new BlastRadius(0, 4, 1, 1, [], ["t"], null) };
        var state = Next(TrackedAnomalies.None, 0, [wide]).State;
        var anomaly = Assert.Single(Next(state, 1, [narrow]).State.All);

        Assert.Equal(At(-5), anomaly.Last.Since);
        Assert.Equal(At(0), anomaly.FirstSeen);
        Assert.Equal((3, 4, 10), (anomaly.Worst.Offline, anomaly.Worst.UnderMinInSync, anomaly.Worst.UnderReplicated));
        Assert.Equal(["g"], anomaly.Worst.Groups!.Value);
        Assert.Equal(narrow.Blast, anomaly.Last.Blast);
    }

    [Theory]
    [InlineData("the same", 100, 100, false)]
    [InlineData("a few fewer", 100, 95, false)]
    [InlineData("a tenth", 100, 90, true)]
    [InlineData("the first", 0, 1, true)]
    [InlineData("the last", 1, 0, true)]
    public void Only_news_is_a_change(string why, int before, int after, bool isNews)
    {
        var state = Next(TrackedAnomalies.None, 0, [Lost(before)]).State;
        var later = Next(state, 20, [Lost(after)]).State; // active now, told with this number
        state = Next(later, 40, [Lost(before)]).State;
        var step = Next(state, 60, [Lost(after)]);

        Assert.True(isNews == !step.Transitions.IsEmpty, why);
    }

    [Fact]
    public void A_change_within_ten_seconds_waits_for_its_time()
    {
        var state = Next(TrackedAnomalies.None, 0, [Lost(1)]).State;
        var early = Next(state, 3, [Lost(50)]);
        Assert.Empty(early.Transitions);
        Assert.Equal(At(10), early.Due);
    }

    [Fact]
    public void Due_is_when_the_hold_ends() => Assert.Equal(At(15), Next(TrackedAnomalies.None, 0, [Seen(1)]).Due);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_comes_the_invariants_hold(int seed)
    {
        var random = new Random(seed);
        var state = TrackedAnomalies.None;
        var stored = new Dictionary<Guid, Anomaly>();
        var seconds = 0.0;
        for (var step = 0; step < 300; step++)
        {
            seconds += random.Next(1, 8);
            var seen = Enumerable.Range(1, 4).Where(_ => random.Next(3) > 0).Select(broker => Lost(random.Next(20), broker)).ToImmutableArray();
            ImmutableArray<Unjudged> unjudged = random.Next(4) switch { 0 => [new Unjudged(null, "stale")], 1 => [new Unjudged("broker 2", "unknown")], _ => [] };
            var before = state;
            var next = AnomalyTracker.Next(state, Round(random.Next(10) == 0 ? [] : seen, unjudged), Picture.Cluster, At(seconds), Guid.NewGuid);
            state = next.State;
            foreach (var transition in next.Transitions)
            {
                AssertFollows(stored, transition);
                stored[transition.Anomaly.Id] = transition.Anomaly;
            }

            var open = stored.Values.Where(anomaly => anomaly.State is not AnomalyState.Resolved).ToList();
            Assert.Equal(open.Count, open.Select(anomaly => anomaly.Key).Distinct().Count());
            Assert.Equal(open.Select(Identity).Order(), state.All.Select(Identity).Order()); // replayed from the store: the same
            Assert.All(state.All, anomaly => Assert.True(Reaches(anomaly.Worst, before.Open.GetValueOrDefault(anomaly.Key)?.Now is { } was && was.Id == anomaly.Id ? was.Worst : anomaly.Last.Blast)));
        }

    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_restart_at_any_moment_changes_no_identity(int seed)
    {
        var random = new Random(seed);
        var (state, stored) = (TrackedAnomalies.None, new Dictionary<Guid, Anomaly>());
        for (var step = 0; step < 200; step++)
        {
            if (random.Next(5) == 0)
            {
                state = TrackedAnomalies.Of(stored.Values, At(2 * step));
            }

            var before = state.All;
            var next = Step(state, "xxx-?"[random.Next(5)], step);
            state = next.State;
            foreach (var transition in next.Transitions)
            {
                AssertFollows(stored, transition);
                stored[transition.Anomaly.Id] = transition.Anomaly;
            }

            foreach (var (was, now) in before.Join(state.All, one => one.Key, one => one.Key, (was, now) => (was, now)))
            {
                Assert.Equal(was.Id, now.Id);
                Assert.True(now.Last.Since <= was.Last.Since);
                Assert.Equal(was.FirstSeen, now.FirstSeen);
            }
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 25)];

    private static DateTimeOffset At(double seconds) => Picture.Now.AddSeconds(seconds);

    private static Detection Seen(int broker) => new(new AnomalyKey(BrokerDownDetector.Name, $"broker {broker}"), Severity.Error, $"Broker {broker} is down.", At(0))
    {
        BrokerId = broker,
        Blast = new BlastRadius(0, 0, 0, 0, [], [], []),
    };

    private static Detection Lost(int partitions, int broker = 1) =>
        Seen(broker) with { Sentence = $"Broker is down: {partitions} lost.", Blast = new BlastRadius(0, 0, partitions, 1, [], ["t"], []) };

    private static DetectionRound Round(ImmutableArray<Detection> seen, ImmutableArray<Unjudged> unjudged)
    {
        ImmutableArray<Detection> judged = [.. seen.Where(one => !unjudged.Any(not => not.Subject is null || not.Subject == one.Key.Subject))];
        return new DetectionRound(ImmutableDictionary<string, Verdict>.Empty.Add(BrokerDownDetector.Name, new Verdict(judged, unjudged)));
    }

    private static TrackerStep Next(TrackedAnomalies state, double seconds, ImmutableArray<Detection> seen) =>
        AnomalyTracker.Next(state, Round(seen, []), Picture.Cluster, At(seconds), Guid.NewGuid);

    private static TrackerStep Step(TrackedAnomalies state, char letter, int step) => AnomalyTracker.Next(
        state,
        letter switch { 'x' => Round([Seen(1)], []), '?' => Round([], [new Unjudged(null, "stale")]), _ => Round([], []) },
        Picture.Cluster,
        At(3 * step),
        Guid.NewGuid);

    private static List<AnomalyTransition> Play(string rounds)
    {
        var (state, told) = (TrackedAnomalies.None, new List<AnomalyTransition>());
        for (var step = 0; step < rounds.Length; step++)
        {
            var next = Step(state, rounds[step], step);
            state = next.State;
            told.AddRange(next.Transitions);
        }

        return told;
    }

    private static void AssertFollows(Dictionary<Guid, Anomaly> stored, AnomalyTransition transition)
    {
        var now = transition.Anomaly;
        if (transition.Before is null)
        {
            Assert.DoesNotContain(now.Id, stored.Keys);
            Assert.Equal(AnomalyState.Pending, now.State);
            return;
        }

        var was = stored[now.Id];
        Assert.Equal(transition.Before, was.State);
        Assert.NotEqual(AnomalyState.Resolved, was.State);
        Assert.True(now.State >= was.State);
        Assert.Equal((was.FirstSeen, was.Key), (now.FirstSeen, now.Key));
        if (now.State is AnomalyState.Active && was.State is AnomalyState.Pending)
        {
            Assert.True(now.ActiveAt - now.FirstSeen >= new BrokerDownDetector().Hold);
        }

        Assert.Equal(now.State is AnomalyState.Resolved, now.ResolvedAt is not null);
    }

    private static string Identity(Anomaly anomaly) => $"{anomaly.Id} {anomaly.Key} {anomaly.State} {anomaly.FirstSeen:O} {anomaly.ActiveAt:O}";

    private static bool Reaches(BlastRadius worst, BlastRadius other) => (worst.UnderReplicated ?? -1) >= (other.UnderReplicated ?? -1) && worst.TopicCount >= other.TopicCount;
}
