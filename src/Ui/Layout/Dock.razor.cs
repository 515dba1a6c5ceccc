using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Format;
using Microsoft.AspNetCore.Components;

namespace ControlPlane.Ui.Layout;

/// <summary>The execution that runs, of whichever cluster; that of the cluster one looks at comes first.</summary>
public sealed partial class Dock
{
    private LoadState<Page<ExecutionDto>> _executions = new();
    private List<ExecutionDto> _open = [];
    private IDisposable? _subscription;
    private Guid? _chosen;
    private bool _isGone;

    [Inject] private Loader Loader { get; set; } = null!;

    [Inject] private LiveUpdates Live { get; set; } = null!;

    [Inject] private IControlPlaneApi Api { get; set; } = null!;

    private ExecutionDto? Shown => _open.Find(run => run.Id == _chosen)
        ?? _open.Find(run => string.Equals(run.Cluster, Frame.Cluster, StringComparison.Ordinal))
        ?? _open.FirstOrDefault();

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            Frame.Beat += RenewAsync;
            _subscription = Live.On(null, kinds => kinds == LiveKinds.Load ? Task.CompletedTask : RenewAsync()); // progress comes with the beat and with its own events
        }
    }

    public override void Dispose()
    {
        _isGone = true;
        Frame.Beat -= RenewAsync;
        _subscription?.Dispose();
        base.Dispose();
    }

    private void Next() => _chosen = _open[(_open.IndexOf(Shown!) + 1) % _open.Count].Id;

    private Task RenewAsync() => InvokeAsync(async () =>
    {
        await LoadAsync();
        if (!_isGone)
        {
            StateHasChanged();
        }
    });

    private async Task LoadAsync()
    {
        var query = new ListQuery(Limit: 50); // those under way come first
        _executions = await Loader.TryAsync("frame.executions", _executions, RendererInfo.IsInteractive, token => Api.GetExecutionsAsync(null, query, token), CancellationToken.None);
        _open = [.. (_executions.Value?.Items ?? []).Where(Progress.IsOpen)];
    }
}
