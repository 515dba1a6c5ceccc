using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Stage))]
[assembly: CollectionBehavior(DisableTestParallelization = true)] // they measure seconds on few cores

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>
/// What all stories share: a database server and a browser. What is missing on this machine skips the tests that need it, with the
/// reason; with CI set they fail.
/// </summary>
public sealed class Stage : IAsyncLifetime
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private PostgresServer? _postgres;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private int _databases;
    private string? _missing;

    public static bool IsStrict => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    /// <summary>Folder for screenshots; null: none are taken.</summary>
    public static string? Pictures => Environment.GetEnvironmentVariable("KCP_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    public PostgresServer Postgres => _postgres ?? throw Missing(_missing!);

    public async ValueTask InitializeAsync()
    {
        try
        {
            _postgres = await PostgresServer.StartNewAsync(CancellationToken.None);
        }
        catch (PostgresMissingException ex)
        {
            _missing = ex.Message;
        }

        var executable = Environment.GetEnvironmentVariable("KCP_CHROMIUM") ?? Array.Find(Browsers, File.Exists);
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

    public Task<string> NewDatabaseAsync(CancellationToken cancellationToken) =>
        Postgres.CreateDatabaseAsync($"story_{Interlocked.Increment(ref _databases)}", template: null, cancellationToken);

    /// <summary>A browser window that nobody used before.</summary>
    public async Task<Visitor> VisitAsync(ProductProcess product, bool isDark = false, int width = 1280, int height = 800)
    {
        var browser = _browser ?? throw Missing("No Chromium found: install the Debian package chromium, or name a browser with KCP_CHROMIUM.");
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = product.Address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(30_000);
        return new Visitor(product, context, await context.NewPageAsync());
    }

    /// <summary>Skips the running test, or fails it where nothing may be missing.</summary>
    public static Exception Missing(string reason)
    {
        Assert.SkipUnless(IsStrict, reason);
        return new InvalidOperationException(reason);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
