using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>Plans in the words of the contract.</summary>
internal static class PlanRows
{
    /// <summary>A plan in a list.</summary>
    /// <param name="stored">The plan and what was decided.</param>
    /// <param name="changes">What changed since it was made; null where that is not known or does not matter any more.</param>
    public static PlanDto Make(StoredPlan stored, IReadOnlyList<string>? changes)
    {
        var isStale = stored.State == PlanState.Stale || (stored.State == PlanState.Proposed && changes is { Count: > 0 });
        return new PlanDto(
            stored.Id,
            stored.Cluster.Value,
            PlanModes.Word(stored.Mode),
            isStale ? "stale" : StateWord(stored.State),
            StatusOf(isStale ? PlanState.Stale : stored.State, stored),
            stored.Hash,
            stored.Sentence,
            stored.Problem ?? (isStale && changes is not null ? string.Join(" ", changes) : null),
            stored.MadeAt,
            stored.MadeBy,
            stored.Anomaly,
            stored.LostBrokers,
            stored.Moves,
            stored.Unplaced,
            stored.Bytes,
            stored.EstimatedSeconds,
            stored.Limits.MovesPerBroker,
            stored.Limits.ThrottleBytesPerSecond,
            stored.IsSound,
            stored.DecidedAt,
            stored.DecidedBy,
            stored.Reason,
            stored.Execution);
    }

    public static PlanDetailDto Detail(StoredPlan stored, RebalancePlan plan, IReadOnlyList<string>? changes) => new(
        Make(stored, changes),
        [.. plan.Brokers.Select(Broker)],
        [.. plan.Risks.Select(risk => new PlanRiskDto(Known.Word(risk.Status), risk.Kind, risk.Sentence))],
        [.. plan.Unplaced.Select(replica => new UnplacedReplicaDto(replica.Topic, replica.Partition, replica.LostBroker, replica.Why))],
        plan.Verdict.Problems,
        OptimizerRows.Findings(plan));

    public static PlannedMoveDto Move(PlannedMove move, int order) => new(
        order,
        move.Topic,
        move.Partition,
        move.Before,
        move.After,
        move.Kind == MoveKind.Dirs ? 0 : move.Bytes,
        ClassWord(move.Class),
        move.Reason,
        move.Goal,
        move.LeaderBefore,
        move.LeaderAfter,
        move.Dirs.IsEmpty ? null : [.. move.Before.Select(broker => move.Dirs.FirstOrDefault(dir => dir.Broker == broker)?.From)],
        move.Dirs.IsEmpty ? null : [.. move.After.Select(broker => move.Dirs.FirstOrDefault(dir => dir.Broker == broker)?.To)],
        move.Kind == MoveKind.Dirs ? move.Bytes : null);

    /// <summary>What is moved of each topic, or onto and off each broker.</summary>
    public static IEnumerable<MoveGroupDto> Groups(RebalancePlan plan, bool byBroker) => byBroker ? ByBroker(plan) : plan.Moves
        .GroupBy(move => move.Topic, StringComparer.Ordinal)
        .Select(topic => new MoveGroupDto(topic.Key, topic.Count(IsCopied), topic.Count(move => !IsCopied(move)), topic.Any(move => move.Bytes is null) ? null : topic.Sum(move => move.Bytes), null));

    private static IEnumerable<MoveGroupDto> ByBroker(RebalancePlan plan)
    {
        var touched = plan.Moves
            .SelectMany(move => IsCopied(move) ? move.Before.Except(move.After).Concat(move.After.Except(move.Before)).Concat(move.Dirs.Select(dir => dir.Broker)).Distinct()
                : new[] { move.LeaderBefore, move.LeaderAfter }.OfType<int>().Distinct(), (move, broker) => (Broker: broker, IsCopy: IsCopied(move)))
            .ToLookup(one => one.Broker);
        return from broker in plan.Brokers
               where touched.Contains(broker.BrokerId)
               let moves = touched[broker.BrokerId].ToArray()
               select new MoveGroupDto(
                   broker.BrokerId.ToString(System.Globalization.CultureInfo.InvariantCulture), moves.Count(move => move.IsCopy), moves.Count(move => !move.IsCopy), broker.BytesToReceive, broker.BytesToSend);
    }

    private static bool IsCopied(PlannedMove move) => move.Before.Length != move.After.Length || move.After.Except(move.Before).Any() || !move.Dirs.IsEmpty;

    public static string StateWord(PlanState state) => state.ToString().ToLowerInvariant();

    private static string ClassWord(MoveClass moveClass) => moveClass switch
    {
        MoveClass.DataAtRisk => "data-at-risk",
        MoveClass.Offline => "offline",
        MoveClass.Rack => "rack",
        MoveClass.Capacity => "capacity",
        MoveClass.Balance => "balance",
        _ => throw new ArgumentOutOfRangeException(nameof(moveClass), moveClass, "Unknown class of move"),
    };

    private static StatusWord StatusOf(PlanState state, StoredPlan plan) => state switch
    {
        PlanState.Failed => StatusWord.Crit,
        PlanState.Stale or PlanState.Cancelled => StatusWord.Warn,
        PlanState.Proposed when !plan.IsSound || plan.Moves == 0 => StatusWord.Crit,
        PlanState.Proposed when plan.Unplaced > 0 => StatusWord.Warn,
        PlanState.Executing or PlanState.Approved => StatusWord.Maint,
        _ => StatusWord.Ok,
    };

    private static BrokerChangeDto Broker(BrokerChange change) => new(
        change.BrokerId, change.Rack, change.IsAlive, Burden(change.Before), Burden(change.After), change.DiskCapacity, change.PeakDiskBytes, change.BytesToReceive, change.BytesToSend);

    private static BrokerBurdenDto Burden(BrokerBurden burden) => new(burden.Replicas, burden.Leaders, burden.DiskBytes, burden.BytesIn);
}
