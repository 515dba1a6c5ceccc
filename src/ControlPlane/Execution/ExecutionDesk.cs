using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;

namespace ControlPlane.Execution;

/// <summary>An execution as its owner knows it at this moment.</summary>
internal sealed record LiveExecution(Guid Id, ExecutionState State, ExecutionProgress Progress);

/// <summary>What became of a command.</summary>
internal abstract record CommandAnswer
{
    private CommandAnswer()
    {
    }

    public sealed record Taken(ExecutionState State) : CommandAnswer;

    public sealed record Refused(string Why) : CommandAnswer;

    /// <summary>Nobody in this process works on that execution.</summary>
    public sealed record NotHere : CommandAnswer;
}

/// <summary>A command on its way to the runner of its cluster.</summary>
internal sealed record CommandLetter(Guid Execution, ExecutionCommand Command, TaskCompletionSource<CommandAnswer> Answer);

/// <summary>Where API and runners meet: commands in, live state out. One mailbox per cluster.</summary>
internal sealed class ExecutionDesk(TimeProvider time)
{
    private readonly ConcurrentDictionary<ClusterId, ExecutionMailbox> _boxes = new();

    public IEnumerable<(ClusterId Cluster, LiveExecution Live)> Live =>
        _boxes.SelectMany(pair => pair.Value.Live, (pair, live) => (pair.Key, live));

    public LiveExecution? Find(ClusterId cluster, Guid execution) =>
        _boxes.TryGetValue(cluster, out var box) ? box.Live.FirstOrDefault(live => live.Id == execution) : null;

    public ExecutionMailbox Open(ClusterId cluster) => _boxes[cluster] = new ExecutionMailbox(time);

    public void Close(ClusterId cluster, ExecutionMailbox box)
    {
        _boxes.TryRemove(KeyValuePair.Create(cluster, box));
        box.Close();
    }

    /// <summary>Ends when the command is stored in the journal, or is not.</summary>
    public async Task<CommandAnswer> SendAsync(ClusterId cluster, Guid execution, ExecutionCommand command, CancellationToken cancellationToken)
    {
        if (!_boxes.TryGetValue(cluster, out var box) || box.Live.All(live => live.Id != execution))
        {
            return new CommandAnswer.NotHere();
        }

        var letter = new CommandLetter(execution, command, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return box.TryPost(letter) ? await letter.Answer.Task.WaitAsync(cancellationToken) : new CommandAnswer.NotHere();
    }
}

/// <summary>The mailbox of one cluster's runner.</summary>
internal sealed class ExecutionMailbox(TimeProvider time)
{
    private const int Size = 64;

    private readonly Channel<CommandLetter> _letters = Channel.CreateBounded<CommandLetter>(new BoundedChannelOptions(Size) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private volatile IReadOnlyList<LiveExecution> _live = [];

    public Pulse Pulse { get; } = new(time);

    public IReadOnlyList<LiveExecution> Live => _live;

    public void Publish(IReadOnlyList<LiveExecution> live) => _live = live;

    public bool TryPost(CommandLetter letter)
    {
        var posted = _letters.Writer.TryWrite(letter);
        Pulse.Nudge();
        return posted;
    }

    public bool TryTake(out CommandLetter letter) => _letters.Reader.TryRead(out letter!);

    public void Close()
    {
        _letters.Writer.TryComplete();
        while (_letters.Reader.TryRead(out var letter))
        {
            letter.Answer.TrySetResult(new CommandAnswer.NotHere());
        }
    }
}
