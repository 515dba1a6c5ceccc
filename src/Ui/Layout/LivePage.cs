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
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource _visit = new();
    private IDisposable? _subscription;
    private string? _shown;
    private string? _shownCluster;
    private bool _isRenewing;
    private bool _isFollowing;
    private LiveKinds _due;

    /// <summary>Empty on pages of the fleet. The router gives null where another address of the same page names a cluster.</summary>
    [Parameter] public string Cluster { get; set => field = value ?? ""; } = "";

    [Inject] protected IControlPlaneApi Api { get; set; } = null!;

    [Inject] protected LiveUpdates Live { get; set; } = null!;

    [Inject] protected Loader Loader { get; set; } = null!;

    [Inject] protected Frame Frame { get; set; } = null!;

    [Inject] protected NavigationManager Navigation { get; set; } = null!;

    [Inject] protected IJSRuntime Js { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    /// <summary>Whether rates, sizes or lag are on the page; where not, it is left alone when only these changed.</summary>
    protected virtual bool ShowsLoad => true;

    /// <summary>While a renewal is due to changed numbers alone: what has none, such as configs, need not be fetched.</summary>
    protected bool IsLoadOnly { get; private set; }

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
            (_shownCluster, _subscription) = (Cluster, Live.On(Cluster.Length == 0 ? null : Cluster, FollowAsync));
        }
    }

    /// <summary>Loads one part; the name must differ between the parts of a page.</summary>
    /// <param name="isHandedOver">Whether an answer is small enough for the page to carry it to its circuit; null: always.</param>
    protected Task<LoadState<T>> FetchAsync<T>(string name, LoadState<T> before, Func<CancellationToken, Task<T>> fetch, CancellationToken visit, Func<T, bool>? isHandedOver = null)
        where T : class =>
        Loader.TryAsync($"{name}|{Frame.Path}", before, RendererInfo.IsInteractive, fetch, visit, isHandedOver);

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

    /// <summary>
    /// Renews the page for live changes: at most four times a second, never while the visitor selects text, has a dialog or menu open or looks
    /// elsewhere, and always once more for what changed meanwhile, so that the last state is shown.
    /// </summary>
    private Task FollowAsync(LiveKinds kinds) => InvokeAsync(async () =>
    {
        _due |= ShowsLoad ? kinds : kinds & ~LiveKinds.Load;
        if (_isFollowing)
        {
            return; // the one that runs takes this change too
        }

        _isFollowing = true;
        try
        {
            while (_due != LiveKinds.None && !_gone.IsCancellationRequested)
            {
                await FollowOnceAsync();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or JSDisconnectedException or ObjectDisposedException)
        {
            // The visitor left.
        }
        finally
        {
            _isFollowing = false;
        }
    });

    private async Task FollowOnceAsync()
    {
        while (await Js.InvokeAsync<bool>("kcp.stillHeld", _gone.Token))
        {
            // The browser answers once the page is free, or after some seconds that it is still held.
        }

        if (_isRenewing)
        {
            await Task.Delay(LiveUpdates.Throttle, Time, _gone.Token); // the answer on its way may be older than this change
            return;
        }

        (var due, _due) = (_due, LiveKinds.None);
        var began = Time.GetTimestamp();
        IsLoadOnly = due == LiveKinds.Load;
        try
        {
            await RenewAsync();
        }
        finally
        {
            IsLoadOnly = false;
        }

        if (_due != LiveKinds.None && LiveUpdates.Throttle - Time.GetElapsedTime(began) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, Time, _gone.Token);
        }
    }

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
        _gone.Cancel();
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
                (_visit, IsLoadOnly) = (new(), false);
                StateHasChanged();
                return LoadForAsync(_visit.Token); // same object, other filter, order or range
            });
        }
    }
}
