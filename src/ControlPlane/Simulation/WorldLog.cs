namespace ControlPlane.Simulation;

/// <summary>
/// Writes down each command before it is done: one whose answer was lost may have been done, as with a real cluster, and one that was
/// answered is never forgotten. It is done again at the time it was written down, milliseconds before it was done.
/// </summary>
internal sealed class WorldLog(Func<DateTimeOffset, WorldCommand, CancellationToken, Task> append) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>For a world that nobody builds again.</summary>
    public static WorldLog None() => new((_, _, _) => Task.CompletedTask);

    /// <summary>Builds a world again.</summary>
    public static SimulatedKafka Replay(SimulationSpec spec, DateTimeOffset began, IEnumerable<(DateTimeOffset At, WorldCommand Command)> commands)
    {
        var kafka = SimulatedKafka.Create(spec, began);
        foreach (var (at, command) in commands)
        {
            kafka.AdvanceTo(at);
            try
            {
                command.ApplyTo(kafka);
            }
            catch (ArgumentException)
            {
                // It named a broker or a group that there is not, and was refused then, too.
            }
        }

        return kafka;
    }

    /// <summary>One command at a time, so that they are done in the order in which they are stored.</summary>
    public async Task<string?[]> DoAsync(WorldCommand command, TimeProvider time, Func<WorldCommand, Task<string?[]>> apply, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await append(time.GetUtcNow(), command, cancellationToken);
            return await apply(command);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
