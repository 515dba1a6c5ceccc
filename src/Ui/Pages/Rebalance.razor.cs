using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using Microsoft.AspNetCore.Components;

namespace ControlPlane.Ui.Pages;

/// <summary>
/// Asks the optimizer for a plan and watches it search. The form and the search watched are in the address: other pages lead here with a
/// filled form, and a link shows the same search to a colleague.
/// </summary>
public sealed partial class Rebalance
{
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(500);

    private LoadState<Page<OptimizerRunDto>> _runs = new();
    private LoadState<OptimizerRunDto> _run = new();
    private RebalanceEdit _edit = new();
    private string? _filled;
    private Guid? _watched;
    private Guid? _asked; // asked here just now: may have ended before it could be watched
    private readonly CancellationTokenSource _leaving = new();

    [Inject] private TimeProvider Clock { get; set; } = null!;

    /// <summary>The search that is shown; null where none is.</summary>
    private Guid? RunId => Guid.TryParse(Frame.Get("run"), out var id) ? id : null;

    private string ModelAddress(bool isAnonymous) => $"/api/v1/clusters/{Uri.EscapeDataString(Cluster)}/model{(isAnonymous ? "?anonymise=true" : "")}";

    protected override bool ShowsLoad => false;

    protected override void Reset() => (_runs, _run, _filled) = (new(), new(), null);

    protected override async Task LoadAsync(CancellationToken visit)
    {
        Fill();
        var query = Pager.QueryOf(Frame);
        var runs = FetchAsync("runs", _runs, token => Api.GetOptimizerRunsAsync(Cluster, query, token), visit);
        if (RunId is { } id)
        {
            var before = _run.Value?.Id == id ? _run : new();
            _run = await FetchAsync("run", before, token => Api.GetOptimizerRunAsync(Cluster, id, token), visit);
            if (_run.Value?.State == "running" && RendererInfo.IsInteractive && _watched != id)
            {
                _watched = id;
                _ = InvokeAsync(() => WatchAsync(id, _leaving.Token));
            }
            else if (_asked == id)
            {
                OpenPlan(id);
            }
        }

        _runs = await runs;
    }

    public override void Dispose()
    {
        _leaving.Cancel();
        base.Dispose();
    }

    /// <summary>The address fills the form when it comes from elsewhere; it must not undo what was typed since.</summary>
    private void Fill()
    {
        var read = RebalanceEdit.Read(Frame.Get);
        var text = string.Join('\n', read.Address());
        if (text != _filled)
        {
            (_edit, _filled) = (read, text);
        }
    }

    private void Follow(OptimizerRunDto run)
    {
        (_run, _asked) = (new(run, null, Frame.Now), run.Id);
        _filled = string.Join('\n', _edit.Address());
        Frame.Set([.. _edit.Address(), ("run", run.Id.ToString("D"))]);
    }

    /// <summary>A search takes seconds: it is watched twice a second until it ends, and then leads to its plan.</summary>
    private async Task WatchAsync(Guid id, CancellationToken leaving)
    {
        try
        {
            while (RunId == id && _run is { Problem: null, Value.State: "running" })
            {
                await Task.Delay(Watch, Clock, leaving);
                _run = await FetchAsync("run", _run, token => Api.GetOptimizerRunAsync(Cluster, id, token), leaving);
                StateHasChanged();
            }

            if (!OpenPlan(id))
            {
                await RenewAsync(); // the list of searches has one more that ended
            }
        }
        catch (OperationCanceledException)
        {
            // The visitor went on.
        }
        finally
        {
            _watched = null;
        }
    }

    /// <summary>Leads to the plan of a search that found all it was asked for; what it left open is to be read here.</summary>
    private bool OpenPlan(Guid id)
    {
        if (RunId != id || _run.Value is not { PlanId: { } plan, State: "done", Outcome: "ok" })
        {
            return false;
        }

        _asked = null;
        Frame.Go(Frame.Link("c", Cluster, "plans", plan.ToString("D")));
        return true;
    }
}
