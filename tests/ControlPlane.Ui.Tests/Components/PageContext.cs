using Bunit;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Layout;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>A visit to pages of the made-up fleet, with a clock and answers that the test can change.</summary>
public abstract class PageContext : BunitContext
{
    private protected PageContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System).AddSingleton(Answers).AddSingleton(_ => new FakeFleet()).AddSingleton<IControlPlaneApi, FakeControlPlaneApi>();
        Services.AddScoped<Loader>().AddScoped<LiveUpdates>().AddScoped<Frame>();
        Services.AddRadzenComponents();
        AddBunitPersistentComponentState();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    internal FakeAnswers Answers { get; } = new();

    protected string Address => Services.GetRequiredService<NavigationManager>().Uri;

    protected IRenderedComponent<TPage> Visit<TPage>(string address, params (string Name, object Value)[] parameters)
        where TPage : IComponent
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        if (Services.GetRequiredService<Frame>() is { Session: null } frame)
        {
            frame.Enter(new("admin", Role.Admin, false, "kcp-1", "0.1.0"), new FakeFleet().Clusters);
        }

        return Render<TPage>(builder =>
        {
            foreach (var (name, value) in parameters)
            {
                builder.TryAdd(name, value);
            }
        });
    }
}
