using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace ControlPlane.Ui.Layout;

/// <summary>A part of the frame: drawn anew when the address, the visitor or the fleet changes.</summary>
public abstract class FramePart : ComponentBase, IDisposable
{
    [Inject] protected Frame Frame { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    protected override void OnInitialized()
    {
        Frame.Changed += Redraw;
        Navigation.LocationChanged += OnLocationChanged;
    }

    /// <summary>The address changed; what was copied from it is copied anew.</summary>
    protected virtual void OnMoved()
    {
    }

    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        Frame.Changed -= Redraw;
        Navigation.LocationChanged -= OnLocationChanged;
    }

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(() =>
    {
        OnMoved();
        StateHasChanged();
    });
}
