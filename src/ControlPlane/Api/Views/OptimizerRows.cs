using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Analyzer;
using ControlPlane.Api.Answers;
using ControlPlane.Contracts;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Api.Views;

/// <summary>Runs of the optimizer and what they find, in the words of the contract.</summary>
internal static class OptimizerRows
{
    public static OptimizerRunDto Run(RunPicture run)
    {
        var last = run.Phases is [.., var newest] ? newest.Figures : null;
        return new OptimizerRunDto(
            run.Id,
            run.Cluster.Value,
            PlanModes.Word(PlanModes.Of(run.Ask.Wish.Mode)),
            StateWord(run.State),
            StatusOf(run),
            run.Sentence,
            last?.Phase,
            last?.Round,
            last is null ? null : Known.Rate(last.Cost),
            last?.BrokersOutside,
            last?.Moves,
            last?.Bytes,
            [.. run.Phases.Select(phase => new OptimizerPhaseDto(
                phase.Figures.Phase, phase.Figures.Round, phase.Figures.Cost, phase.Figures.BrokersOutside, phase.Figures.Moves, phase.Figures.Bytes, phase.Since.TotalSeconds))],
            run.StartedAt,
            run.StartedBy,
            run.FinishedAt,
            run.Ask.Deadline.TotalSeconds,
            run.IsPlanStored ? run.Plan?.Id : null,
            run.Plan is { } plan ? OutcomeWord(plan.Outcome) : null,
            Proofs(run.Plan?.Proofs ?? []),
            Request(run.Ask.Request));
    }

    /// <summary>Null for a plan that the optimizer did not make.</summary>
    public static PlanFindingsDto? Findings(RebalancePlan plan) => plan.Request is not { } request ? null : new PlanFindingsDto(
        OutcomeWord(plan.Outcome),
        plan.IsCut,
        plan.ReplicaMoves,
        plan.LeaderMoves,
        plan.Bytes,
        plan.DirBytes,
        plan.Bound is { } bound ? new LowerBoundDto((long)bound.Bytes, bound.Moves) : null,
        Goals(plan.Goals),
        Loads(plan.Lanes, hasCpu: false, hasNetwork: !plan.Brokers.Any(broker => broker.Before.BytesIn is null)),
        Proofs(plan.Proofs),
        plan.Notes,
        plan.SearchSeconds,
        Request(request));

    public static IReadOnlyList<GoalOutcomeDto> Goals(ImmutableArray<GoalOutcome> goals) =>
        [.. goals.Select(goal => new GoalOutcomeDto(goal.Goal, goal.IsHard, goal.Unit, goal.ViolatedBefore, goal.ViolatedAfter, goal.DistanceBefore, goal.DistanceAfter))];

    public static IReadOnlyList<InfeasibilityProofDto> Proofs(ImmutableArray<InfeasibilityProof> proofs) =>
        [.. proofs.Select(proof => new InfeasibilityProofDto(proof.Constraint, Known.Rate(proof.Missing), proof.Sentence, proof.Remedy is { } remedy ? Remedy(remedy) : null))];

    public static RemedyDto Remedy(Remedy remedy) => new(remedy.Kind, remedy.Count, Known.Rate(remedy.TypicalCapacity), remedy.IsConstructed, remedy.Sentence);

    /// <summary>What is not measured is unknown, not zero.</summary>
    public static BrokerLoadsDto Loads(ImmutableArray<BrokerLanes> brokers, bool hasCpu, bool hasNetwork) => new(
        [.. brokers.Select(broker => new BrokerPlaceDto(broker.BrokerId, broker.Rack, broker.State))],
        [.. Enumerable.Range(0, Lane.Count).Select(lane => LaneOf(brokers, lane, lane == Lane.Cpu ? hasCpu : lane is Lane.Disk or Lane.Replicas or Lane.Leaders || hasNetwork))]);

    public static string OutcomeWord(OutcomeKind outcome) => outcome switch
    {
        OutcomeKind.Ok => "ok",
        OutcomeKind.Infeasible => "infeasible",
        OutcomeKind.NotFound => "not-found",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Unknown outcome"),
    };

    public static string StateWord(RunState state) => state.ToString().ToLowerInvariant();

    private static LaneLoadsDto LaneOf(ImmutableArray<BrokerLanes> brokers, int lane, bool isMeasured) => new(
        LoadWords.All[lane],
        LoadWords.UnitOf(lane),
        [.. brokers.Select(broker => isMeasured ? broker.Before[lane] : (double?)null)],
        [.. brokers.Select(broker => isMeasured ? broker.After[lane] : (double?)null)],
        [.. brokers.Select(broker => Known.Rate(broker.Capacity[lane]))],
        [.. brokers.Select(broker => Known.Rate(broker.Limit[lane]))],
        [.. brokers.Select(broker => isMeasured ? Known.Rate(broker.Low[lane]) : null)],
        [.. brokers.Select(broker => isMeasured ? Known.Rate(broker.High[lane]) : null)]);

    private static CreatePlanRequest Request(string json) =>
        JsonSerializer.Deserialize(json, Answer.TypeInfo<CreatePlanRequest>()) ?? throw new InvalidDataException("A kept request is empty.");

    private static StatusWord StatusOf(RunPicture run) => run.State switch
    {
        RunState.Running => StatusWord.Maint,
        RunState.Failed or RunState.Refused => StatusWord.Crit,
        _ when run.Plan is null or { Verdict.IsSound: false } => StatusWord.Crit,
        _ when run.Plan is not { Outcome: OutcomeKind.Ok } => StatusWord.Crit,
        _ when run.Plan.IsCut || run.Plan.Goals.Any(goal => goal.ViolatedAfter > 0) => StatusWord.Warn,
        _ => StatusWord.Ok,
    };
}
