using ControlPlane.Engine.Execution;

namespace ControlPlane.Engine.Tests.Execution;

/// <summary>
/// Every execution ends with the plan's lists or the original ones, no throttle of ours left and nobody else disturbed, wherever its
/// process dies and whatever the cluster does meanwhile.
/// </summary>
public sealed class ExecutionSimulationTests
{
    private const int Seeds = 1_000;

    [Fact]
    public void Without_a_crash_every_execution_ends_as_planned_or_as_before()
    {
        var outcomes = Enumerable.Range(0, Seeds).AsParallel().Select(seed => new ExecutionRun(seed, _ => false).Play().State).ToList();

        // A world in which nothing ever succeeds, or nothing ever goes wrong, would prove nothing.
        var moves = outcomes.SelectMany(state => state.Moves).CountBy(move => move.State).ToDictionary();
        Assert.All([MoveState.Done, MoveState.Reverted, MoveState.Failed, MoveState.Dropped], state => Assert.InRange(moves.GetValueOrDefault(state), 50, int.MaxValue));
        Assert.All([ExecutionStage.Done, ExecutionStage.Cancelled, ExecutionStage.Failed], stage => Assert.InRange(outcomes.Count(state => state.Stage == stage), 50, int.MaxValue));
    }

    [Fact]
    public void A_process_that_dies_again_and_again_at_any_step_is_continued() =>
        Parallel.For(0, Seeds, seed =>
        {
            var luck = new Luck(seed);
            new ExecutionRun(seed, _ => luck.Next(100) < 30).Play();
        });

    [Fact]
    public void A_process_that_dies_at_each_single_step_is_continued()
    {
        var deaths = 0;
        Parallel.For(0, Seeds, seed => new ExecutionRun(seed, _ => false, dead =>
        {
            dead.Play();
            Interlocked.Increment(ref deaths);
        }).Play());

        Assert.InRange(deaths, 20 * Seeds, int.MaxValue); // that many steps has an execution at least on the average
    }
}
