using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using ControlPlane.Testing;
using ControlPlane.Ui.Tests.Browser;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>A person with a browser in front of the product.</summary>
public sealed class Visitor : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly ProductProcess _product;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    internal Visitor(ProductProcess product, IBrowserContext context, IPage page)
    {
        (_product, _context, Page) = (product, context, page);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Enqueue($"{page.Url}: {message.Text} {message.Location}");
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue($"{page.Url}: {error}");
    }

    public IPage Page { get; }

    /// <summary>What the browser's console called an error, and what threw.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Logs in with the password that the first start printed, and chooses another one.</summary>
    public async Task LogInFirstAsync(string? secret = null)
    {
        secret ??= _product.OneTimePassword;
        Assert.True(secret is not null, $"The first start printed no one-time password:\n{_product.Output}");
        await LogInAsync(secret);
        await Page.ReachEndAsync("/password");
        await Page.Locator("#current").FillAsync(secret);
        await Page.Locator("#next").FillAsync(Password);
        await Page.GetByTestId("password-submit").ClickAsync();
        await InteractiveAsync();
    }

    /// <summary>Fills the log-in form, to which everybody without a session is led.</summary>
    public async Task LogInAsync(string password = Password)
    {
        await Page.GotoAsync("/");
        await Page.ReachEndAsync("/login");
        await Page.Locator("#user").FillAsync("admin");
        await Page.Locator("#password").FillAsync(password);
        await Page.GetByTestId("login-submit").ClickAsync();
    }

    /// <summary>Loads a page and waits until its circuit has taken it over.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await InteractiveAsync();
    }

    public async Task InteractiveAsync() => await Page.WaitForFunctionAsync("() => window.kcpInteractive && document.querySelector('h1')");

    /// <summary>The chip of a broker on the page that is shown now.</summary>
    public ILocator Chip(int broker) =>
        Page.GetByTestId("broker-table").Locator("tr[data-row]").Filter(new() { Has = Page.Locator($"a[href*='/brokers/{broker}']") }).GetByTestId("status");

    /// <summary>Waits, without a reload, until a broker's chip says one of the words; how long it took.</summary>
    public async Task<TimeSpan> UntilChipAsync(int broker, string words, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        await Assertions.Expect(Chip(broker)).ToHaveTextAsync(new Regex($"^\\s*(?:{words})\\s*$", RegexOptions.None, TimeSpan.FromSeconds(1)), new() { Timeout = (float)limit.TotalMilliseconds });
        return watch.Elapsed;
    }

    /// <summary>The page of an execution, without a reload, until it ends so: checked against the plan, nothing to press any more, and no dock.</summary>
    public async Task WatchedToTheEndAsync(string state)
    {
        await Assertions.Expect(Page.GetByTestId("execution-state")).ToHaveTextAsync(state, new() { Timeout = 180_000 });
        await Assertions.Expect(Page.GetByTestId("verification")).ToHaveClassAsync(new Regex("\\bok\\b", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Assertions.Expect(Page.GetByTestId("cancel")).ToHaveCountAsync(0, new() { Timeout = 90_000 });
        await Assertions.Expect(Page.GetByTestId("dock")).ToHaveCountAsync(0, new() { Timeout = 90_000 });
    }

    /// <summary>Keeps what the window shows, where pictures are wanted.</summary>
    public async Task PictureAsync(string name)
    {
        if (Stage.Pictures is { } folder)
        {
            Directory.CreateDirectory(folder);
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") });
        }
    }

    /// <summary>The same on a desk and in a hand, by day and by night.</summary>
    public async Task PicturesAsync(string name)
    {
        if (Stage.Pictures is null)
        {
            return;
        }

        var desk = Page.ViewportSize!;
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await Page.SetViewportSizeAsync(390, 844);
            await PictureAsync($"{name}-390-{scheme}");
            await Page.SetViewportSizeAsync(desk.Width, desk.Height);
            await PictureAsync($"{name}-{desk.Width}-{scheme}");
        }
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
