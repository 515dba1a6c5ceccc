using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using Microsoft.Extensions.Options;

namespace ControlPlane.Sampling;

/// <summary>Asks each owned cluster, kind by kind in its own rhythm, and posts what comes back to the cluster's actor.</summary>
internal sealed class ClusterSampler(IOptions<SamplingOptions> options, SamplingMetrics metrics, TimeProvider time, ILoggerFactory loggers) : IClusterWork
{
    public Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        var context = new SamplerContext(cluster, options.Value, metrics, time, loggers.CreateLogger<ClusterSampler>());
        var topics = new TopicSweep(options.Value.TopicsPerConfigRound);
        var kafka = cluster.Kafka;
        SampleLoop[] loops =
        [
            Loop(SampleKind.Topology, token => kafka.FetchTopologyAsync(token)),
            Loop(SampleKind.Liveness, token => kafka.ProbeAsync(context.Reachable(), token)),
            Loop(SampleKind.Quorum, token => kafka.FetchQuorumAsync(token)),
            Loop(SampleKind.Reassignments, token => kafka.FetchReassignmentsAsync(token)),
            new OffsetsLoop(context),
            Loop(SampleKind.Groups, token => kafka.FetchGroupsAsync(token)),
            new LogDirLoop(context),
            Loop(SampleKind.BrokerConfigs, token => kafka.FetchBrokerConfigsAsync(context.Answering(), token)),
            new IdentityLoop(context),
            new TopicConfigLoop(context, topics),
        ];
        var checks = new BrokerChecks(context, [.. loops]);
        return Task.WhenAll(loops.Select(loop => loop.RunAsync(stopping)).Append(checks.RunAsync(stopping)));

        SampleLoop Loop<T>(SampleKind kind, Func<CancellationToken, Task<Sampled<T>>> fetch)
            where T : class
            => new SampleLoop<T>(context, kind, fetch);
    }
}

/// <summary>What all loops of one cluster share.</summary>
internal sealed partial class SamplerContext(
    OwnedCluster cluster, SamplingOptions options, SamplingMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>Longer than any usual broker.session.timeout.ms.</summary>
    private static readonly TimeSpan FencePatience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _hasTopology = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One topology at a time: it is the dearest of the frequent questions.</summary>
    public SemaphoreSlim TopologyTurn { get; } = new(1, 1);

    public OwnedCluster Cluster => cluster;

    public SamplingOptions Options => options;

    public TimeProvider Time => time;

    /// <summary>Completes once there is a picture with brokers: before, nobody knows whom to ask.</summary>
    public Task WaitForTopologyAsync(CancellationToken cancellationToken) => _hasTopology.Task.WaitAsync(cancellationToken);

    /// <summary>Runs one round within its time limit; a failure to do so is a sample that says so.</summary>
    public async Task<Sampled<T>?> FetchAsync<T>(SampleKind kind, Func<CancellationToken, Task<Sampled<T>>> fetch, CancellationToken stopping)
        where T : class
    {
        using var activity = SamplingMetrics.Traces.StartActivity($"sample {Kinds.Name(kind)}");
        activity?.SetTag("cluster", cluster.Id.Value);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var patience = kind == SampleKind.Liveness ? options.ProbeTimeout : options.RoundTimeout;
        limit.CancelAfter(patience);
        var began = time.GetTimestamp();
        Sampled<T> sample;
        try
        {
            sample = await fetch(limit.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            var failure = new SampleFailure(null, Kinds.Name(kind), FailureKind.TimedOut, $"The cluster did not answer within {patience.TotalSeconds:0.#} s. Check the network and the load of its brokers, or raise Sampling:RoundTimeout.");
            sample = new Sampled<T>(time.GetUtcNow(), null, [failure]) { Took = time.GetElapsedTime(began) };
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            LogFetchFailed(cluster.Id, kind, ex);
            var failure = new SampleFailure(null, Kinds.Name(kind), FailureKind.Error, $"Sampling failed inside the product ({ex.GetType().Name}: {ex.Message}). The log has the details; please report it.");
            sample = new Sampled<T>(time.GetUtcNow(), null, [failure]) { Took = time.GetElapsedTime(began) };
        }

        metrics.Count(cluster.Id, kind, sample);
        return cluster.MayAct ? sample : null;
    }

    public async Task PostAsync<T>(SampleKind kind, TimeSpan interval, Sampled<T> sample, CancellationToken stopping)
        where T : class
    {
        await cluster.Actor.PostAsync(new SampleTaken<T>(kind, interval, sample), stopping);
        if (sample.Value is TopologySample { Brokers.IsEmpty: false } && !_hasTopology.Task.IsCompleted)
        {
            await WaitForModelAsync(stopping);
            _hasTopology.TrySetResult();
        }
    }

    /// <summary>Brokers with a known address, dead ones too: that they answer again is the news.</summary>
    public IReadOnlyList<ObservedBroker> Reachable() =>
    [
        .. Brokers()
            .Where(broker => broker is { Host: not null, Port: not null })
            .Select(broker => new ObservedBroker(broker.Id, broker.Host!, broker.Port!.Value, broker.Rack, broker.IsFenced)),
    ];

    /// <summary>Node ids of the brokers that can be asked for more than a sign of life.</summary>
    public IReadOnlyList<int> Answering() =>
    [
        .. Brokers()
            .Where(broker => broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown
                || (broker.State is BrokerState.Unknown && broker.Host is not null)) // not probed yet
            .Select(broker => broker.Id),
    ];

    /// <summary>
    /// A broker died just now and the controller has not fenced it yet. When it does, the partitions lose their replicas and leaders there:
    /// that is what everybody waits to see.
    /// </summary>
    public bool AwaitsFence()
    {
        var since = time.GetUtcNow() - FencePatience;
        return Brokers().Any(broker => broker is { State: BrokerState.Down or BrokerState.Unresponsive, IsFenced: false } && broker.Since > since);
    }

    private ImmutableArray<Broker> Brokers() => cluster.Actor.Model?.Brokers ?? [];

    /// <summary>The mailbox needs a moment to turn the first topology into a picture.</summary>
    private async Task WaitForModelAsync(CancellationToken stopping)
    {
        while (Brokers().IsEmpty)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, stopping);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: sampling of {Kind} failed by an error of this product")]
    private partial void LogFetchFailed(ClusterId cluster, SampleKind kind, Exception exception);
}
