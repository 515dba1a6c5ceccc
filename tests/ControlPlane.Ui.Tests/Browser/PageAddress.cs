using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace ControlPlane.Ui.Tests.Browser;

/// <summary>
/// Waits for addresses by asking the browser again and again. Playwright's own WaitForURL compares first and subscribes then, on another thread
/// than the one that takes the browser's events: a change between the two is lost, and it waits for ever.
/// </summary>
internal static class PageAddress
{
    private const float Patience = 30_000;

    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    /// <summary>Until the address holds this text.</summary>
    public static Task ReachAsync(this IPage page, string part) =>
        Assertions.Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(part), RegexOptions.None, MatchLimit), new() { Timeout = Patience });

    /// <summary>Until the address, without its query, ends with this path.</summary>
    public static Task ReachEndAsync(this IPage page, string path) =>
        Assertions.Expect(page).ToHaveURLAsync(new Regex($"{Regex.Escape(path)}(?:\\?.*)?$", RegexOptions.None, MatchLimit), new() { Timeout = Patience });

    /// <summary>Until the address no longer holds this text.</summary>
    public static Task LeaveAsync(this IPage page, string part) =>
        Assertions.Expect(page).Not.ToHaveURLAsync(new Regex(Regex.Escape(part), RegexOptions.None, MatchLimit), new() { Timeout = Patience });
}
