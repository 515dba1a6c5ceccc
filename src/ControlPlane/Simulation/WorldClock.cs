namespace ControlPlane.Simulation;

/// <summary>Virtual time: jumps from one due event to the next. Events of the same moment run in the order they were scheduled.</summary>
internal sealed class WorldClock(DateTimeOffset start)
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _scheduled;

    public DateTimeOffset Start { get; } = start;

    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>How far the advance that runs will go; periodic work takes longer steps when it is far.</summary>
    public DateTimeOffset Horizon { get; private set; } = start;

    public void Schedule(TimeSpan after, Action action) => ScheduleAt(Now + after, action);

    public void ScheduleAt(DateTimeOffset at, Action action) => _events.Enqueue(action, (at.UtcTicks, _scheduled++));

    /// <summary>A clock that went back changes nothing: virtual time only goes on.</summary>
    public void AdvanceTo(DateTimeOffset to)
    {
        Horizon = to > Now ? to : Now;
        while (_events.TryPeek(out var action, out var due) && due.At <= to.UtcTicks)
        {
            _events.Dequeue();
            if (due.At > Now.UtcTicks)
            {
                Now = new DateTimeOffset(due.At, TimeSpan.Zero);
            }

            action();
        }

        if (to > Now)
        {
            Now = to;
        }
    }
}
