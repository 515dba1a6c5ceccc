using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Engine.Tests.Execution;

/// <summary>When a throttle counts as gone: at once where Kafka took its removal, later where something may still arrive.</summary>
public sealed class ThrottleCleanupTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
    private static readonly ThrottleKey Key = new(null, 1, ThrottleKey.LeaderRate);

    [Theory]
    [InlineData("removal taken", 2, true)]
    [InlineData("removal not answered", 2, false)]
    [InlineData("removal not answered", 11, true)]
    [InlineData("setting not answered", 2, false)]
    [InlineData("setting not answered", 11, true)]
    [InlineData("taken over", 2, false)]
    [InlineData("taken over", 12, true)]
    [InlineData("never seen standing", 2, false)]
    [InlineData("never seen standing", 11, true)]
    public void A_throttle_counts_as_gone_when_nothing_sent_can_arrive_any_more(string what, int seconds, bool isGone)
    {
        var state = Standing(what);
        if (what != "never seen standing")
        {
            var removal = Decide(state, Look("1000000"), 1);
            state = Apply(state, removal);
            var effect = Assert.IsType<ExecutionEffect.AlterThrottles>(Assert.Single(removal.Effects));
            var kind = what == "removal not answered" ? AnswerKind.Unknown : AnswerKind.Accepted;
            state = Apply(state, Decide(state, new ExecutionInput.ThrottlesAltered(effect.Changes, [new ThrottleAnswer(Key, kind, null)]), 1));
        }

        state = what == "taken over" ? Apply(state, Decide(state, new ExecutionInput.TookOver("other"), 1)) : state;
        state = Apply(state, Decide(state, Look(null), seconds));

        Assert.Equal(isGone, state.Throttles[Key].State == ThrottleState.Restored);
        Assert.Equal(isGone, state.IsEnded);
    }

    private static ExecutionState Standing(string what)
    {
        var state = ExecutionState.Of([], new ExecutionLimits(1, 1_000_000), null)
            .Apply(new ExecutionEvent.Prepared(Start))
            .Apply(new ExecutionEvent.ThrottlesRecorded(Start, [new ThrottleNote(Key, ["1000000"], null)]));
        state = what == "setting not answered" ? state.Apply(new ExecutionEvent.ThrottlesUnanswered(Start.AddSeconds(1), [Key])) : state;
        state = what == "never seen standing" ? state : state.Apply(new ExecutionEvent.ThrottlesSet(Start, [Key]));
        return state.Apply(new ExecutionEvent.CleanupBegan(Start));
    }

    private static ExecutionInput.Observed Look(string? value) => new(new ClusterObservation(Start)
    {
        Alive = new HashSet<int> { 1 },
        Topics = new Dictionary<string, ObservedTopic>(),
        MissingTopics = new HashSet<string>(),
        Ongoing = new Dictionary<(string, int), ControlPlane.Engine.Sampling.ObservedReassignment>(),
        Throttles = new Dictionary<ThrottleKey, string?> { [Key] = value },
    });

    private static ExecutionDecision Decide(ExecutionState state, ExecutionInput input, int seconds) =>
        ExecutionMachine.Decide(state, input, ExecutionPolicy.Default, Start.AddSeconds(seconds));

    private static ExecutionState Apply(ExecutionState state, ExecutionDecision decision) =>
        decision.Events.Aggregate(state, (now, change) => now.Apply(change));
}
