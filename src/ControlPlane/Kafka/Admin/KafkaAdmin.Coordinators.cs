using System.Collections.Concurrent;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

public sealed partial class KafkaAdmin
{
    private const int KeysPerLookup = 500;
    private const int CoordinatorAttempts = 3;

    private readonly CoordinatorCache _coordinators = new();
    private readonly ConcurrentDictionary<(int BrokerId, ApiKey Api), CoordinatorPace> _paces = new();

    /// <summary>
    /// The coordinators of groups, from the cache where known. On a cluster without __consumer_offsets the question itself
    /// makes the broker create that topic: ask only about groups that exist.
    /// </summary>
    public async Task<GroupResults<int>> FetchCoordinatorsAsync(IReadOnlyCollection<string> groups, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        var failures = new Dictionary<string, KafkaClientException>(StringComparer.Ordinal);
        foreach (var chunk in groups.Distinct(StringComparer.Ordinal).Where(IsUnknown).Chunk(KeysPerLookup))
        {
            try
            {
                var request = new FindCoordinatorRequest(CoordinatorKeyType.Group, chunk);
                var response = await ReadAsync(() => network.SendToAnyAsync(request, RequestLane.Look, cancellationToken), cancellationToken);
                foreach (var answer in response.Coordinators)
                {
                    if (answer.ErrorCode == ErrorCode.None)
                    {
                        found[answer.Key] = answer.NodeId;
                        _coordinators.Remember(answer.Key, answer.NodeId);
                    }
                    else
                    {
                        failures[answer.Key] = AdminErrors.Of(answer.ErrorCode, answer.ErrorMessage, Node(null), ApiKey.FindCoordinator, $"group {answer.Key}");
                    }
                }
            }
            catch (KafkaClientException ex)
            {
                Array.ForEach(chunk, group => failures[group] = ex);
            }
        }

        return new GroupResults<int>(found, failures);

        bool IsUnknown(string group)
        {
            if (_coordinators.Find(group) is { } known)
            {
                found[group] = known;
                return false;
            }

            return true;
        }
    }

    /// <summary>Asks each group's coordinator, some groups to a request; where a group has moved, looks it up anew and asks again.</summary>
    private async Task<GroupResults<T>> ByCoordinatorAsync<T>(
        ApiKey api,
        IReadOnlyCollection<string> groups,
        Func<int, string[], CancellationToken, Task<GroupAnswers<T>>> ask,
        CancellationToken cancellationToken)
    {
        var values = new ConcurrentDictionary<string, T>(StringComparer.Ordinal);
        var failures = new ConcurrentDictionary<string, KafkaClientException>(StringComparer.Ordinal);
        HashSet<string> open = [.. groups];
        for (var attempt = 1; attempt <= CoordinatorAttempts && open.Count > 0; attempt++)
        {
            if (attempt > 1)
            {
                await Task.Delay(BackOff.Default.DelayAfter(attempt, 0.5), network.Time, cancellationToken);
                await RefreshAsync(cancellationToken); // a coordinator may be a broker that was not there before
            }
            else
            {
                await KnowClusterAsync(cancellationToken);
            }

            failures = new(failures.Where(pair => !open.Contains(pair.Key)), StringComparer.Ordinal);
            var coordinators = await FetchCoordinatorsAsync(open, cancellationToken);
            foreach (var (group, failure) in coordinators.Failures)
            {
                failures[group] = failure;
            }

            await AskAllAsync(api, coordinators.Values, ask, values, failures, cancellationToken);
            open = [.. open.Where(group => failures.TryGetValue(group, out var failure) && MayHaveMoved(failure))];
        }

        return new GroupResults<T>(values, failures);
    }

    /// <summary>All coordinators at once, each one request after the other, as large and as often as it bears.</summary>
    private async Task AskAllAsync<T>(
        ApiKey api,
        IReadOnlyDictionary<string, int> coordinators,
        Func<int, string[], CancellationToken, Task<GroupAnswers<T>>> ask,
        ConcurrentDictionary<string, T> values,
        ConcurrentDictionary<string, KafkaClientException> failures,
        CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(coordinators.GroupBy(pair => pair.Value, pair => pair.Key), parallel, async (broker, stop) =>
        {
            var (groups, pace, at) = (broker.ToArray(), _paces.GetOrAdd((broker.Key, api), _ => new CoordinatorPace()), 0);
            var sizes = Array.ConvertAll(groups, _coordinators.PartitionsOf);
            while (at < groups.Length)
            {
                var batch = groups.AsSpan(at, pace.Next(sizes.AsSpan(at))).ToArray();
                at += batch.Length;
                await AskOneAsync(broker.Key, batch, pace, stop);
                if (at < groups.Length && pace.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(pace.Pause, network.Time, stop);
                }
            }
        });

        async Task AskOneAsync(int brokerId, string[] batch, CoordinatorPace pace, CancellationToken stop)
        {
            var begun = network.Time.GetTimestamp();
            try
            {
                var answers = await ask(brokerId, batch, stop);
                pace.Answered(batch.Length, answers.Elements, network.Time.GetElapsedTime(begun), answers.ThrottleTimeMs > 0);
                foreach (var answer in answers.Groups)
                {
                    if (answer.Error == ErrorCode.None)
                    {
                        values[answer.GroupId] = answer.Value;
                    }
                    else
                    {
                        Fail(answer.GroupId, AdminErrors.Of(answer.Error, answer.Message, Node(brokerId), api, $"group {answer.GroupId}"));
                    }
                }
            }
            catch (KafkaClientException ex)
            {
                pace.Failed(network.Time.GetElapsedTime(begun));
                Array.ForEach(batch, group => Fail(group, ex));
            }
        }

        void Fail(string group, KafkaClientException failure)
        {
            failures[group] = failure;
            if (MayHaveMoved(failure))
            {
                _coordinators.Forget(group);
            }
        }
    }

    private static bool MayHaveMoved(KafkaClientException failure) => failure switch
    {
        KafkaException { ErrorCode: ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable or ErrorCode.CoordinatorLoadInProgress or ErrorCode.BrokerNotAvailable } => true,
        KafkaConnectionException connection => connection.IsRetriable,
        _ => false,
    };

    /// <summary>What a coordinator said about one group.</summary>
    private readonly record struct GroupAnswer<T>(string GroupId, ErrorCode Error, string? Message, T Value);

    /// <summary>One answer about several groups; <paramref name="Elements"/> is how much it held, partitions or members.</summary>
    private sealed record GroupAnswers<T>(IReadOnlyCollection<GroupAnswer<T>> Groups, int Elements, int ThrottleTimeMs);
}
