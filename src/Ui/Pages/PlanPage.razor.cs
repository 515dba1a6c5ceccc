using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace ControlPlane.Ui.Pages;

/// <summary>One plan: what it would do, to which broker, what is risky about it, and the yes or no to exactly this plan.</summary>
public sealed partial class PlanPage
{
    /// <summary>The loads of more brokers than this are fetched again rather than carried by the page.</summary>
    private const int ManyBrokers = 400;

    private LoadState<PlanDetailDto> _plan = new();
    private LoadState<Page<PlannedMoveDto>> _moves = new();
    private LoadState<Page<MoveGroupDto>> _groups = new();
    private string? _by;

    [Parameter] public Guid Id { get; set; }

    [Inject] private DialogService Dialogs { get; set; } = null!;

    private string Command => $"kcp plan show {Cluster} {Id:D}";

    /// <summary>The throttle that was chosen for the approval, in bytes a second; null: the plan's own.</summary>
    private long? Asked => _plan.Value?.Plan.State == "proposed" ? Price.Read(Frame.Get("throttle")) : null;

    /// <summary>A plan shows the loads it was made from, not those of now.</summary>
    protected override bool ShowsLoad => false;

    protected override void Reset() => (_plan, _moves, _groups) = (new(), new(), new());

    protected override async Task LoadAsync(CancellationToken visit)
    {
        var plan = FetchAsync("plan", _plan, token => Api.GetPlanAsync(Cluster, Id, token), visit, answer => answer.Findings is null || answer.Findings.Loads.Brokers.Count <= ManyBrokers);
        if (PlanMoves.GroupOf(Frame) is { } by)
        {
            var query = DataTable<MoveGroupDto>.QueryOf(Frame, "g.");
            _groups = await FetchAsync($"groups.{by}", by == _by ? _groups : new(), token => Api.GetMoveGroupsAsync(Cluster, Id, by, query, token), visit);
            _by = by;
        }
        else
        {
            var query = Narrowed(DataTable<PlannedMoveDto>.QueryOf(Frame, "m."));
            _moves = await FetchAsync("moves", _moves, token => Api.GetPlannedMovesAsync(Cluster, Id, query, token), visit);
        }

        _plan = await plan;
    }

    /// <summary>The moves of the topic or the broker that the address names, or all.</summary>
    private ListQuery Narrowed(ListQuery query) => query with { Filters = new Dictionary<string, string?>(StringComparer.Ordinal) { ["topic"] = Frame.Get("m.topic"), ["broker"] = Frame.Get("m.broker") } };

    internal static string Short(Guid id) => id.ToString("D")[..8];

    /// <summary>While one still decides, what the plan leaves undone counts as much as its state.</summary>
    private StatusWord Verdict => _plan.Value is not { } detail ? StatusWord.Unknown
        : detail is { Plan.State: "proposed", Findings: { } found } && Show.Severity(PlanSentences.StatusOf(found)) > Show.Severity(detail.Plan.Status) ? PlanSentences.StatusOf(found) : detail.Plan.Status;

    private string? Refusal(PlanDto plan) => Frame.Denied(Role.Operator)
        ?? (!plan.IsSound ? "The check of this plan found it not sound; see what it says below" : plan.Moves == 0 ? "There is nothing to move" : null);

    private async Task ApproveAsync(PlanDto plan)
    {
        var asked = Asked is { } other && other != (plan.ThrottleBytesPerSecond ?? 0) ? Asked : null;
        var seconds = asked is { } chosen ? Price.Seconds(_plan.Value!, chosen) : plan.EstimatedSeconds;
        var question = new AskQuestion(
            "Approve this plan",
            $"{What(plan)} and {Show.Bytes(plan.Bytes)} copied between the brokers of {Frame.NameOf(Cluster)}{(seconds is not null ? $", which takes about {Show.Duration(seconds)}" : "")}.",
            _plan.Value?.Findings is { ReplicaMoves: 0, LeaderMoves: > 0 and var leaders } ? $"Change {Show.Plural(leaders, "leader")}" : $"Move {Show.Plural(_plan.Value?.Findings?.ReplicaMoves ?? plan.Moves, "replica")}",
            (_, reason) => Api.ApprovePlanAsync(Cluster, plan.Id, new(plan.Hash, reason, null, asked), CancellationToken.None))
        {
            Lines =
            [
                $"plan      {plan.Id:D}",
                $"hash      {plan.Hash}",
                $"throttle  {Words.Throttle(asked ?? plan.ThrottleBytesPerSecond)}{(asked is null ? "" : $", not {Words.Throttle(plan.ThrottleBytesPerSecond)} as planned")}",
                $"at a time {Show.Plural(plan.MovesPerBroker, "move")} per broker",
                $"unplaced  {Show.Plural(plan.Unplaced, "replica")}",
            ],
        };
        if (await question.AskAsync(Dialogs))
        {
            await Frame.BeatAsync();
        }
    }

    private string What(PlanDto plan) => _plan.Value?.Findings is { } found
        ? $"{Show.Plural(found.ReplicaMoves, "replica")} will be moved, {Show.Plural(found.LeaderMoves, "leadership")} changed"
        : $"{Show.Plural(plan.Moves, "replica")} will be moved";

    private async Task DiscardAsync(PlanDto plan)
    {
        var question = new AskQuestion("Discard this plan", "It can no longer be approved. Nothing in Kafka changes; another plan can be made at any time.", "Discard the plan",
            (_, reason) => Api.DiscardPlanAsync(Cluster, plan.Id, new(reason), CancellationToken.None));
        if (await question.AskAsync(Dialogs))
        {
            await Frame.BeatAsync();
        }
    }

    private async Task AgainAsync(PlanDto plan)
    {
        if (await PlanForm.AskAsync(Dialogs, Cluster, plan.AnomalyId, plan.LostBrokers) is { } made)
        {
            Frame.Go(Frame.Link("c", Cluster, "plans", made.ToString("D")));
        }
    }
}
