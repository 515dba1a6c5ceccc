using Microsoft.Playwright;

namespace ControlPlane.Ui.Tests.Browser;

[CollectionDefinition(nameof(Chromium))]
public sealed class ChromiumCollection : ICollectionFixture<Chromium>;

/// <summary>One host and one browser for all browser tests, which take turns; skipped with the reason where there is no Chromium.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _visit;

    internal Serving.UiHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await Serving.UiHost.StartAsync(new FakeFleet(clusters: 200));
        var executable = Environment.GetEnvironmentVariable("KCP_CHROMIUM") ?? Array.Find(Places, File.Exists);
        if (executable is not null)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = executable,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
            });
        }
    }

    /// <summary>A fresh visit: no cookies, no cache. Ends the one before, whose pages would go on renewing themselves.</summary>
    public async Task<IPage> VisitAsync(int width, bool isDark)
    {
        Assert.SkipWhen(_browser is null, "No Chromium found: install the package chromium, or set KCP_CHROMIUM.");
        if (_visit is not null)
        {
            await _visit.CloseAsync();
        }

        _visit = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = width < 768 ? 844 : 900 }, ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light, BaseURL = Host.Address, ReducedMotion = ReducedMotion.Reduce });
        _visit.SetDefaultTimeout(30_000);
        return await _visit.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await Host.DisposeAsync();
    }
}

internal static class Circuit
{
    /// <summary>The circuit has taken the page over: from here on buttons work.</summary>
    public static Task InteractiveAsync(this IPage page) => page.WaitForFunctionAsync("() => window.Blazor && document.querySelector('.topbar') && window.kcpInteractive");
}
