using System.Collections.Immutable;
using System.Threading.Channels;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>What the sampler is asked to do out of turn.</summary>
/// <param name="Brokers">Brokers to look at; null: a full round of everything.</param>
internal readonly record struct SampleWish(ImmutableArray<int>? Brokers);

/// <summary>
/// One cluster while this process owns it: its connection, its actor, the work on it, and the lease that allows all this.
/// Nothing acts here once <see cref="MayAct"/> is false, whatever the threads were doing.
/// </summary>
internal sealed partial class OwnedCluster : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<SampleWish> _wishes = Channel.CreateBounded<SampleWish>(
        new BoundedChannelOptions(64) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
    private readonly ClusterServices _services;
    private readonly ILogger _logger;
    private volatile ClusterLease _lease;
    private volatile StoredCluster _stored;
    private Task _running = Task.CompletedTask;

    public OwnedCluster(StoredCluster stored, ClusterLease lease, IKafkaCluster kafka, ClusterServices services)
    {
        (_stored, _lease, Kafka, _services, _logger) = (stored, lease, kafka, services, services.Logger);
        Actor = new ClusterActor(stored.Id, Dispatch, services.Time, services.Loggers.CreateLogger<ClusterActor>());
    }

    /// <summary>The actor published another picture. Called on its mailbox: handlers only wake somebody.</summary>
    public event Action<ChangeKind>? Changed;

    public ClusterId Id => _stored.Id;

    public StoredCluster Stored => _stored;

    /// <summary>What its connection was opened with: a row does not show whether they were changed.</summary>
    public ClusterSecrets Secrets { get; init; } = ClusterSecrets.None;

    public IKafkaCluster Kafka { get; }

    public ClusterActor Actor { get; }

    public ClusterLease Lease => _lease;

    /// <summary>Whether the lease certainly still holds, by this process's own monotonic clock.</summary>
    public bool MayAct => !_stopping.IsCancellationRequested && _lease.TimeLeft(_services.Time) > TimeSpan.Zero;

    /// <summary>Cancelled when the cluster is given up or the lease ran out.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public ChannelReader<SampleWish> Wishes => _wishes.Reader;

    public void Start()
    {
        Kafka.ConnectionBroken += OnConnectionBroken;
        _running = Task.WhenAll(
            _services.Work.Select(work => RunAsync(work)).Prepend(Actor.RunAsync(_stopping.Token)));
    }

    public void Renew(ClusterLease lease) => _lease = lease;

    public void Describe(StoredCluster stored) => _stored = stored;

    public void Wish(SampleWish wish) => _wishes.Writer.TryWrite(wish);

    /// <summary>Stops acting at once, without waiting for what runs.</summary>
    public void Stop() => _stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Kafka.ConnectionBroken -= OnConnectionBroken;
        try
        {
            await _running.WaitAsync(StopPatience, _services.Time, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
        }
        catch (TimeoutException)
        {
            LogStuck(Id, StopPatience);
        }

        await Kafka.DisposeAsync();
    }

    private async Task RunAsync(IClusterWork work)
    {
        try
        {
            await work.RunAsync(this, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception ex)
        {
            LogWorkFailed(Id, work.GetType().Name, ex);
        }
    }

    private void OnConnectionBroken(BrokerProbe probe) => Actor.TryPost(new ConnectionBroke(probe, _services.Time.GetUtcNow()));

    private void Dispatch(ClusterEffect effect, ClusterModel model)
    {
        _services.Events.Note(_lease, effect);
        switch (effect)
        {
            case ClusterEffect.CheckBrokers check:
                Wish(new SampleWish(check.BrokerIds));
                break;
            case ClusterEffect.StateChanged:
                _services.Changes.Publish(new ClusterChange(Id, ChangeKind.State, model.Generation));
                Changed?.Invoke(ChangeKind.State);
                break;
            case ClusterEffect.LoadChanged:
                _services.Changes.Publish(new ClusterChange(Id, ChangeKind.Load, model.Generation));
                Changed?.Invoke(ChangeKind.Load);
                break;
            case ClusterEffect.BrokerChanged { Before: BrokerState.Unknown, After: BrokerState.Active } first:
                LogFirstAnswer(Id, first.BrokerId);
                break;
            case ClusterEffect.BrokerChanged broker:
                LogBroker(Id, broker.BrokerId, broker.Before, broker.After, broker.Evidence);
                break;
            case ClusterEffect.HealthChanged health:
                LogHealth(Id, health.Before, health.After.Status, health.After.Sentence);
                break;
            case ClusterEffect.ControllerChanged controller:
                LogController(Id, controller.Before, controller.After);
                break;
            case ClusterEffect.LeadersChanged leaders:
                LogLeaders(Id, leaders.Partitions, leaders.Lost);
                break;
            default:
                throw new InvalidOperationException($"Unhandled cluster effect {effect.GetType().Name}");
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cluster {Cluster}: broker {Broker} answers")]
    private partial void LogFirstAnswer(ClusterId cluster, int broker);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: broker {Broker} went from {Before} to {After}: {Evidence}")]
    private partial void LogBroker(ClusterId cluster, int broker, BrokerState before, BrokerState after, string evidence);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster} went from {Before} to {After}: {Sentence}")]
    private partial void LogHealth(ClusterId cluster, Status before, Status after, string sentence);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: the active controller went from {Before} to {After}")]
    private partial void LogController(ClusterId cluster, int? before, int? after);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cluster {Cluster}: {Partitions} partitions changed their leader, {Lost} of them have none now")]
    private partial void LogLeaders(ClusterId cluster, int partitions, int lost);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: {Work} ended by an error; it starts again when the cluster is claimed anew")]
    private partial void LogWorkFailed(ClusterId cluster, string work, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: work did not stop within {Patience}; its connections are closed under it")]
    private partial void LogStuck(ClusterId cluster, TimeSpan patience);
}

/// <summary>What every owned cluster needs of the process around it.</summary>
internal sealed class ClusterServices(IEnumerable<IClusterWork> work, ChangeHub changes, EventLog events, TimeProvider time, ILoggerFactory loggers)
{
    public IReadOnlyList<IClusterWork> Work { get; } = [.. work];

    public ChangeHub Changes => changes;

    public EventLog Events => events;

    public TimeProvider Time => time;

    public ILoggerFactory Loggers => loggers;

    public ILogger Logger { get; } = loggers.CreateLogger<OwnedCluster>();
}
