using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ControlPlane.Ui.Layout;

/// <summary>
/// Focuses the heading of a page that was gone to, so that it is read out. Unlike <see cref="Microsoft.AspNetCore.Components.Routing.FocusOnNavigate"/>
/// it leaves the focus to a visitor who has begun to type meanwhile: the browser decides, because only it knows.
/// </summary>
public sealed class Arrival : ComponentBase
{
    private Type? _shown;

    [Parameter, EditorRequired] public Type Page { get; set; } = null!;

    [Inject] private IJSRuntime Js { get; set; } = null!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Page != _shown)
        {
            _shown = Page;
            await Js.InvokeVoidAsync("kcp.arrive");
        }
    }
}
