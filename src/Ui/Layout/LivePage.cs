using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace ControlPlane.Ui.Layout;

/// <summary>
/// A page that shows live data: it loads when its address changes, renews itself on the beat and when its cluster changes, and drops answers
/// that arrive after the visitor went on.
/// </summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private CancellationTokenSource _visit = new();
    private IDisposable? _subscription;
    private string? _shown;
    private string? _shownCluster;
    private bool _isRenewing;

    [Parameter] public string Cluster { get; set; } = "";

    [Inject] protected IControlPlaneApi Api { get; set; } = null!;

    [Inject] protected LiveUpdates Live { get; set; } = null!;

    [Inject] protected Loader Loader { get; set; } = null!;

    [Inject] protected Frame Frame { get; set; } = null!;

    [Inject] protected NavigationManager Navigation { get; set; } = null!;

    [Inject] protected IJSRuntime Js { get; set; } = null!;

    /// <summary>Fetches everything the page shows, in parallel; reads the address anew each time.</summary>
    protected abstract Task LoadAsync(CancellationToken visit);

    /// <summary>Forgets what belongs to the object shown before; called when the path changes, not for a filter.</summary>
    protected virtual void Reset()
    {
    }

    protected override void OnInitialized()
    {
        Navigation.LocationChanged += OnLocationChanged;
        Frame.Changed += Redraw; // who the visitor is decides which buttons work
    }

    protected override async Task OnParametersSetAsync()
    {
        if (!string.Equals(Frame.Path, _shown, StringComparison.Ordinal))
        {
            await StartVisitAsync();
        }
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            Frame.Beat += RenewAsync; // only in the circuit: a prerendered page never renews itself
        }

        if (RendererInfo.IsInteractive && !string.Equals(_shownCluster, Cluster, StringComparison.Ordinal))
        {
            _subscription?.Dispose();
            (_shownCluster, _subscription) = (Cluster, Live.On(Cluster.Length == 0 ? null : Cluster, RenewAsync));
        }
    }

    /// <summary>Loads one part; the name must differ between the parts of a page.</summary>
    protected Task<LoadState<T>> FetchAsync<T>(string name, LoadState<T> before, Func<CancellationToken, Task<T>> fetch, CancellationToken visit)
        where T : class =>
        Loader.TryAsync($"{name}|{Frame.Path}", before, RendererInfo.IsInteractive, fetch, visit);

    /// <summary>The same hour a day earlier, to compare with; it hardly changes, so it is fetched every ten minutes.</summary>
    protected Task<LoadState<HistoryDto>> YesterdayAsync(LoadState<HistoryDto> before, IReadOnlyList<string> metrics, string item, CancellationToken visit)
    {
        if (before.Value is not null && Frame.Now - before.LoadedAt < TimeSpan.FromMinutes(10))
        {
            return Task.FromResult(before);
        }

        var middle = Frame.Now.AddDays(-1);
        var query = new HistoryQuery(metrics, [item], middle.AddMinutes(-30), middle.AddMinutes(30), Points: 12);
        return FetchAsync("yesterday", before, token => Api.GetHistoryAsync(Cluster, query, token), visit);
    }

    protected Task RetryAsync() => RenewAsync();

    /// <summary>Loads again without a skeleton: what is shown stays until the answer is there.</summary>
    protected Task RenewAsync() => InvokeAsync(async () =>
    {
        if (_isRenewing)
        {
            return; // a slow answer must not queue up behind the beat
        }

        _isRenewing = true;
        try
        {
            await LoadForAsync(_visit.Token);
        }
        finally
        {
            _isRenewing = false;
        }
    });

    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        Navigation.LocationChanged -= OnLocationChanged;
        Frame.Changed -= Redraw;
        Frame.Beat -= RenewAsync;
        _subscription?.Dispose();
        _visit.Cancel(); // not disposed: a queued update may still ask for its token
    }

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private Task StartVisitAsync()
    {
        _visit.Cancel(); // answers for the previous object must not land on this page
        (_visit, _shown) = (new(), Frame.Path);
        Reset();
        return LoadForAsync(_visit.Token);
    }

    private async Task LoadForAsync(CancellationToken visit)
    {
        await LoadAsync(visit);
        if (!visit.IsCancellationRequested)
        {
            StateHasChanged();
        }
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        if (string.Equals(Frame.Path, _shown, StringComparison.Ordinal))
        {
            _ = InvokeAsync(() =>
            {
                _visit.Cancel(); // the answer for the last letter of a filter must not overtake the one for this letter
                _visit = new();
                StateHasChanged();
                return LoadForAsync(_visit.Token); // same object, other filter, order or range
            });
        }
    }
}
