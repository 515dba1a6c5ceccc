using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Execution;

namespace ControlPlane.Host.Tests.Execution;

public sealed class ProgressMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
    private static readonly ExecutionState Running = Of(MoveState.Running, MoveState.Running);

    [Fact]
    public void The_rate_is_what_the_replicas_grew_between_two_readings()
    {
        var meter = new ProgressMeter();
        meter.Measure(Running, Sizes(100, 0), Start);
        Assert.Null(meter.Progress.BytesPerSecond);

        meter.Measure(Running, Sizes(300, 200), Start.AddSeconds(2));

        Assert.Equal(200, meter.Progress.BytesPerSecond);
        Assert.Equal(500, meter.Progress.BytesDone);
        Assert.Equal(7.5, meter.Progress.EtaSeconds);
    }

    [Fact]
    public void A_move_that_ends_between_two_readings_is_no_rate_of_one_byte_a_second()
    {
        var (meter, sizes) = (new ProgressMeter(), Sizes(1000, 200)); // as an owner finds it that has just taken over
        meter.Measure(Running, sizes, Start);

        meter.Measure(Of(MoveState.Done, MoveState.Running), sizes, Start.AddSeconds(1));

        Assert.Equal(1200, meter.Progress.BytesDone);
        Assert.Null(meter.Progress.BytesPerSecond);
        Assert.Null(meter.Progress.EtaSeconds);
        meter.Measure(Of(MoveState.Done, MoveState.Running), Sizes(1000, 200), Start.AddSeconds(2));
        Assert.Equal(0, meter.Progress.BytesPerSecond); // nothing grew: a measured standstill, without an end in sight
        Assert.Null(meter.Progress.EtaSeconds);
    }

    [Fact]
    public void Without_readings_the_rate_is_forgotten()
    {
        var meter = new ProgressMeter();
        meter.Measure(Running, Sizes(100, 0), Start);
        meter.Measure(Running, Sizes(300, 0), Start.AddSeconds(2));

        meter.Measure(Running, null, Start.AddSeconds(30));

        Assert.Null(meter.Progress.BytesPerSecond);
        Assert.Equal(300, meter.Progress.BytesDone);
    }

    private static ExecutionState Of(params MoveState[] states)
    {
        var state = ExecutionState.Of([.. states.Select((_, partition) => new PlannedMove("orders", Guid.Empty, partition, [1, 2], [3, 2], 1000, MoveClass.Balance, "test"))], new ExecutionLimits(1, null), null);
        return state with { Moves = [.. state.Moves.Select((move, order) => move with { State = states[order] })] };
    }

    private static ReplicaSizes Sizes(long first, long second) =>
        new(new Dictionary<(string, int, int), long> { [("orders", 0, 3)] = first, [("orders", 1, 3)] = second }, new Dictionary<int, long>());
}
