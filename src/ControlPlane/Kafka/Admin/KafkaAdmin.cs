using System.Collections.Concurrent;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>How patient reads are. Requests that change something are never repeated, whatever stands here.</summary>
public sealed record KafkaAdminOptions
{
    /// <summary>A read that fails in a way that may pass is repeated within this time. Zero: one attempt.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Brokers asked at the same time.</summary>
    public int Parallelism { get; init; } = 32;
}

/// <summary>
/// Asks and changes a Kafka cluster over our own protocol client. Each request goes to the node that answers it; fan-outs
/// return answers and failures together. Safe for concurrent use.
/// </summary>
public sealed partial class KafkaAdmin(KafkaNetwork network, KafkaAdminOptions? options = null)
{
    private const int ServerHeadStartMs = 3_000; // the broker's own timeout comes first, and says more than ours

    private readonly KafkaAdminOptions _options = options ?? new KafkaAdminOptions();

    public KafkaNetwork Network => network;

    private int ServerTimeoutMs => (int)Math.Max(1_000, network.Settings.RequestTimeout.TotalMilliseconds - ServerHeadStartMs);

    /// <summary>Repeats a read while its failure may pass and there is time; fresh metadata before each new attempt.</summary>
    private async Task<T> ReadAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        var begun = network.Time.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await attempt();
            }
            catch (KafkaClientException ex) when (ex.IsRetriable)
            {
                var pause = (ex as KafkaConnectionException)?.RetryAfter ?? BackOff.Default.DelayAfter(failures, 0.5);
                if (network.Time.GetElapsedTime(begun) + pause > _options.RetryFor)
                {
                    throw;
                }

                await Task.Delay(pause, network.Time, cancellationToken);
                await PrepareRetryAsync(ex, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Sends to the controller. NOT_CONTROLLER, or a node that could not be reached at all, means that nothing was done, so that
    /// another one may be asked: the node that metadata named can have died since.
    /// </summary>
    private async Task<TResponse> SendToControllerAsync<TResponse>(
        IKafkaRequest<TResponse> request, Func<TResponse, (ErrorCode Code, string? Message)> error, RequestLane lane, CancellationToken cancellationToken)
    {
        var begun = network.Time.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            await KnowControllerAsync(cancellationToken);
            var pause = BackOff.Default.DelayAfter(failures, 0.5);
            var mayRetry = network.Time.GetElapsedTime(begun) + pause <= _options.RetryFor;
            try
            {
                var response = await network.SendToControllerAsync(request, lane, cancellationToken);
                var (code, message) = error(response);
                if (code == ErrorCode.None)
                {
                    return response;
                }

                network.Counters.AnsweredWithError(request.Api.Key, code);
                if (code != ErrorCode.NotController || !mayRetry)
                {
                    throw AdminErrors.Of(code, message, ControllerNode(), request.Api.Key);
                }
            }
            catch (KafkaConnectionException ex) when (ex is { OutcomeUnknown: false, IsRetriable: true } && mayRetry)
            {
                // not a byte of the request has left us
            }

            await Task.Delay(pause, network.Time, cancellationToken);
            await RefreshAsync(cancellationToken);
        }
    }

    /// <summary>Asks brokers in parallel. A failure of one is its result, not that of all.</summary>
    private async Task<BrokerResults<T>> EachAsync<T>(
        IReadOnlyCollection<int> brokerIds, Func<int, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var values = new ConcurrentDictionary<int, T>();
        var failures = new ConcurrentDictionary<int, KafkaClientException>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(brokerIds.Distinct(), parallel, async (id, stop) =>
        {
            try
            {
                values[id] = await ask(id, stop);
            }
            catch (KafkaClientException ex)
            {
                failures[id] = ex;
            }
        });
        return new BrokerResults<T>(values, failures);
    }

    private async Task<IReadOnlyCollection<int>> BrokerIdsAsync(CancellationToken cancellationToken)
    {
        await KnowClusterAsync(cancellationToken);
        return [.. network.Topology.Brokers.Keys];
    }

    private async Task KnowClusterAsync(CancellationToken cancellationToken)
    {
        if (network.Topology.Brokers.Count == 0)
        {
            await RefreshAsync(cancellationToken);
        }
    }

    /// <summary>Waits, within the patience of reads, for a cluster that is just electing its controller.</summary>
    private async Task KnowControllerAsync(CancellationToken cancellationToken)
    {
        var begun = network.Time.GetTimestamp();
        for (var attempt = 1; network.Topology.ControllerId is null; attempt++)
        {
            var pause = BackOff.Default.DelayAfter(attempt, 0.5);
            if (attempt > 1 && network.Time.GetElapsedTime(begun) + pause > _options.RetryFor)
            {
                return; // the network says that there is none
            }

            if (attempt > 1)
            {
                await Task.Delay(pause, network.Time, cancellationToken);
            }

            await RefreshAsync(cancellationToken);
        }
    }

    private Task RefreshAsync(CancellationToken cancellationToken) => FetchMetadataAsync([], cancellationToken);

    private async Task PrepareRetryAsync(KafkaClientException cause, CancellationToken cancellationToken)
    {
        if (cause is KafkaException { ErrorCode: ErrorCode.NotController or ErrorCode.NotLeaderOrFollower or ErrorCode.ListenerNotFound, Api: not ApiKey.Metadata })
        {
            await RefreshAsync(cancellationToken);
        }
    }

    private void ThrowIfError(ErrorCode code, string? message, int? brokerId, ApiKey api)
    {
        if (code != ErrorCode.None)
        {
            network.Counters.AnsweredWithError(api, code);
            throw AdminErrors.Of(code, message, Node(brokerId), api);
        }
    }

    private KafkaNode ControllerNode() => Node(network.Topology.ControllerId);

    private KafkaNode Node(int? brokerId) =>
        brokerId is { } id && network.Topology.Brokers.TryGetValue(id, out var node)
            ? node
            : new KafkaNode(brokerId, KafkaEndpoint.TryParse(network.Settings.BootstrapServers[0], out var endpoint, out _) ? endpoint : default);
}
