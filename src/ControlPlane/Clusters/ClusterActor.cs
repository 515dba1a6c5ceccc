using System.Threading.Channels;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Clusters;

/// <summary>Owns all mutable state of one Kafka cluster. Handles one message at a time, in arrival order.</summary>
internal sealed partial class ClusterActor(ClusterId id, Action<ClusterEffect, ClusterModel> dispatch, TimeProvider time, ILogger<ClusterActor> logger)
{
    public const int MailboxSize = 256;

    private readonly Channel<ClusterMessage> _mailbox = Channel.CreateBounded<ClusterMessage>(
        new BoundedChannelOptions(MailboxSize) { SingleReader = true }); // full: senders wait
    private ClusterState _state = ClusterState.Initial(id, time.GetUtcNow()); // only RunAsync touches it
    private volatile ClusterModel? _model;

    /// <summary>The latest published picture, immutable; null before the first message.</summary>
    public ClusterModel? Model => _model;

    public ValueTask PostAsync(ClusterMessage message, CancellationToken cancellationToken) =>
        _mailbox.Writer.WriteAsync(message, cancellationToken);

    /// <summary>For evidence that comes from any thread: dropped where the mailbox is full, the next round tells the same.</summary>
    public bool TryPost(ClusterMessage message) => _mailbox.Writer.TryWrite(message);

    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var message in _mailbox.Reader.ReadAllAsync(stopping))
        {
            try
            {
                Handle(message);
            }
            catch (Exception ex)
            {
                LogMessageFailed(id, message.GetType().Name, ex); // a bad message must not stop the cluster
            }
        }
    }

    private void Handle(ClusterMessage message)
    {
        var step = ClusterLogic.Handle(_state, message, time.GetUtcNow()); // pure: every decision
        (_state, _model) = (step.State, step.State.Model);
        foreach (var effect in step.Effects)
        {
            dispatch(effect, step.State.Model); // I/O runs outside the mailbox; its outcome returns as a message
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster} failed to handle {Message}")]
    private partial void LogMessageFailed(ClusterId cluster, string message, Exception exception);
}
