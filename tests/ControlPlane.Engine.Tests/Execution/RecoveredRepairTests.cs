using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Tests.Execution;

/// <summary>A repair approved before the controller has noticed the death looks like one that is no longer needed.</summary>
public sealed class RecoveredRepairTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
    private static readonly PlannedMove Repair = new("orders", Guid.Empty, 0, [1, 2, 3], [1, 2, 4], 100, MoveClass.Offline, "test");

    [Fact]
    public void A_death_that_is_noticed_late_is_repaired_all_the_same()
    {
        var state = Look(Moving(), 0, inSync: [1, 2, 3], alive: [1, 2, 3, 4]);
        Assert.Equal((MoveState.Pending, DoubtKind.Unexpected), (state.Moves[0].State, state.Moves[0].Doubt!.Kind));
        state = Look(state, 9, inSync: [1, 2, 3], alive: [1, 2, 3, 4]);
        Assert.Equal(MoveState.Pending, state.Moves[0].State);

        state = Look(state, 12, inSync: [1, 2], alive: [1, 2, 4]); // fenced

        Assert.Equal(MoveState.Submitted, state.Moves[0].State);
    }

    [Theory]
    [InlineData(29, MoveState.Pending)]
    [InlineData(30, MoveState.Dropped)]
    public void A_broker_that_is_really_back_needs_no_repair(int seconds, MoveState expected)
    {
        var state = Look(Moving(), 0, inSync: [1, 2, 3], alive: [1, 2, 3, 4]);

        state = Look(state, seconds, inSync: [1, 2, 3], alive: [1, 2, 3, 4]);

        Assert.Equal(expected, state.Moves[0].State);
    }

    private static ExecutionState Moving() => ExecutionState.Of([Repair], new ExecutionLimits(1, null), null).Apply(new ExecutionEvent.Prepared(Start));

    private static ExecutionState Look(ExecutionState state, int seconds, ImmutableArray<int> inSync, HashSet<int> alive) =>
        ExecutionMachine.Decide(state, new ExecutionInput.Observed(new ClusterObservation(Start.AddSeconds(seconds))
        {
            Alive = alive,
            Topics = new Dictionary<string, ObservedTopic> { ["orders"] = new(Guid.Empty, new Dictionary<int, ObservedPartition> { [0] = new([1, 2, 3], inSync, 1) }) },
            MissingTopics = new HashSet<string>(),
            Ongoing = new Dictionary<(string, int), ObservedReassignment>(),
            Throttles = new Dictionary<ThrottleKey, string?>(),
        }), ExecutionPolicy.Default, Start.AddSeconds(seconds)).Events.Aggregate(state, (now, change) => now.Apply(change));
}
