using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Execution;

/// <summary>Reads of a cluster what an execution has to know now; no more, because it is read each second.</summary>
internal static class ObservationReader
{
    /// <summary>Pending moves that are looked at ahead of their turn.</summary>
    private const int Ahead = 200;

    private static readonly TimeSpan Elections = TimeSpan.FromMinutes(1);

    /// <summary>Null where the cluster did not answer: then nothing is decided.</summary>
    public static async Task<ClusterObservation?> ReadAsync(
        IKafkaOperations kafka, ExecutionState state, IReadOnlySet<ThrottleKey> owedElsewhere, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var watched = Watched(state, now);
        var ledger = state.Throttles.Values.Where(throttle => throttle.IsOpen).Select(throttle => throttle.Key).ToHashSet();
        var topics = watched.Select(move => move.Plan.Topic).Concat(ledger.Select(key => key.Topic).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        if (await kafka.DescribeTopicsAsync(topics, cancellationToken) is not { } picture
            || await kafka.ListReassignmentsAsync(cancellationToken) is not { } ongoing) // after the topics: see ClusterObservation
        {
            return null;
        }

        var keys = ledger.Concat(Wanted(state, watched))
            .Where(key => key.Topic is { } topic ? picture.Topics.ContainsKey(topic) : picture.Alive.Contains(key.Broker!.Value)).ToHashSet();
        return new ClusterObservation(now)
        {
            KafkaClusterId = picture.KafkaClusterId,
            Alive = picture.Alive,
            Topics = picture.Topics,
            MissingTopics = picture.Missing,
            Ongoing = ongoing,
            Throttles = keys.Count == 0 ? new Dictionary<ThrottleKey, string?>() : await kafka.FetchThrottlesAsync(keys, cancellationToken),
            OwedElsewhere = owedElsewhere,
        };
    }

    /// <summary>Brokers and partitions whose sizes tell how far the copies are.</summary>
    public static async Task<ReplicaSizes?> ReadSizesAsync(IKafkaOperations kafka, ExecutionState state, IReadOnlySet<int> alive, CancellationToken cancellationToken)
    {
        var moves = state.Moves.Where(move => move.IsInFlight || (move.State == MoveState.Pending && !state.IsPauseAsked) || IsToBeVerified(state, move)).Take(Ahead).ToList();
        var brokers = moves.SelectMany(move => move.Plan.Kind == MoveKind.Dirs ? move.Plan.Dirs.Select(dir => dir.Broker) : move.Adding).Where(alive.Contains).ToHashSet();
        return brokers.Count == 0 ? null : await kafka.FetchSizesAsync(brokers, [.. moves.Select(move => (move.Plan.Topic, move.Plan.Partition))], cancellationToken);
    }

    private static bool IsToBeVerified(ExecutionState state, ExecutionMove move) =>
        state.Stage is ExecutionStage.CleaningUp or ExecutionStage.Verifying && move.Plan.Kind == MoveKind.Dirs && move.State is MoveState.Done or MoveState.Reverted;

    private static List<ExecutionMove> Watched(ExecutionState state, DateTimeOffset now) => state.Stage switch
    {
        ExecutionStage.Verifying => [.. state.Moves.Where(move => move.State is MoveState.Done or MoveState.Reverted)],
        ExecutionStage.CleaningUp when state.Throttles.Values.All(throttle => !throttle.IsOpen) => [.. state.Moves.Where(move => move.State is MoveState.Done or MoveState.Reverted)],
        ExecutionStage.Preparing or ExecutionStage.Moving =>
        [
            .. state.Moves.Where(move => move.IsInFlight || move.FinishedAt > now - Elections),
            .. state.Moves.Where(move => move.State == MoveState.Pending).OrderBy(move => move.Plan.Class == MoveClass.DataAtRisk ? 0 : 1).Take(Ahead),
        ],
        _ => [],
    };

    private static IEnumerable<ThrottleKey> Wanted(ExecutionState state, List<ExecutionMove> watched)
    {
        if (state.Limits.ThrottleBytesPerSecond is null || state.Stage > ExecutionStage.Moving)
        {
            yield break;
        }

        foreach (var move in watched.Where(move => move.State == MoveState.Pending && move.Adding.Any()))
        {
            yield return new(move.Plan.Topic, null, ThrottleKey.LeaderReplicas);
            yield return new(move.Plan.Topic, null, ThrottleKey.FollowerReplicas);
            foreach (var broker in move.Plan.Before)
            {
                yield return new(null, broker, ThrottleKey.LeaderRate);
            }

            foreach (var broker in move.Adding)
            {
                yield return new(null, broker, ThrottleKey.FollowerRate);
            }
        }
    }
}
