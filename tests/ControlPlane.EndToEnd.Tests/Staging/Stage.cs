using System.Collections.Concurrent;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Stage))]
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>
/// Stories mostly wait, so two run at a time; three keep two cores busy and take longer. Every class is in one of two rows that take about as long,
/// because xunit promises no order in which it begins collections.
/// </summary>
public static class Row
{
    public const string Incidents = "incidents";
    public const string Others = "others";
}

/// <summary>
/// What all stories share: a database server, and a browser for each collection of them. What is missing on this machine skips the tests that need it, with the
/// reason; with CI set they fail.
/// </summary>
public sealed class Stage : IAsyncLifetime
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // By collection: those that run at the same time do not wait for each other's pages, and Playwright's objects are made for one thread at a time.
    private readonly ConcurrentDictionary<string, Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>>> _browsers = new(StringComparer.Ordinal);
    private PostgresServer? _postgres;
    private int _databases;
    private string? _missing;

    public static bool IsStrict => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    /// <summary>Folder for screenshots; null: none are taken.</summary>
    public static string? Pictures => Environment.GetEnvironmentVariable("KCP_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    public PostgresServer Postgres => _postgres ?? throw Missing(_missing!);

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(90_000); // Playwright's own 5 s are little where two stories share two cores
        try
        {
            _postgres = await PostgresServer.StartNewAsync(CancellationToken.None);
        }
        catch (PostgresMissingException ex)
        {
            _missing = ex.Message;
        }
    }

    public Task<string> NewDatabaseAsync(CancellationToken cancellationToken) =>
        Postgres.CreateDatabaseAsync($"story_{Interlocked.Increment(ref _databases)}", template: null, cancellationToken);

    /// <summary>A browser window that nobody used before.</summary>
    public async Task<Visitor> VisitAsync(ProductProcess product, bool isDark = false, int width = 1280, int height = 800)
    {
        var collection = TestContext.Current.TestCollection?.UniqueID ?? throw new InvalidOperationException("A window is opened by a test");
        var (_, browser) = await _browsers.GetOrAdd(collection, _ => new(OpenBrowserAsync)).Value;
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = product.Address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(90_000);
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
        foreach (var opened in _browsers.Values.Where(one => one is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }))
        {
            var (playwright, browser) = await opened.Value;
            await browser.DisposeAsync();
            playwright.Dispose();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> OpenBrowserAsync()
    {
        var executable = Environment.GetEnvironmentVariable("KCP_CHROMIUM") ?? Array.Find(Browsers, File.Exists)
            ?? throw Missing("No Chromium found: install the Debian package chromium, or name a browser with KCP_CHROMIUM.");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        });
        return (playwright, browser);
    }
}
