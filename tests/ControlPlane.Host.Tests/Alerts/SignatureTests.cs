using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using ControlPlane.Alerts;
using ControlPlane.Host.Tests.Architecture;

namespace ControlPlane.Host.Tests.Alerts;

/// <summary>The signature is what the page for people who write receivers says, by a program that is not ours.</summary>
public sealed partial class SignatureTests
{
    [Fact]
    public async Task The_line_of_the_page_prints_the_signature_that_is_sent()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(SourceTree.FindRoot(AppContext.BaseDirectory), "src", "ControlPlane", "Alerts", "README.md"), TestContext.Current.CancellationToken);
        var line = Line().Match(page);
        Assert.True(line.Success, "The page has no openssl line.");
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", line.Groups["command"].Value]) { UseShellExecute = false, RedirectStandardOutput = true })!;

        var printed = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, shell.ExitCode);
        var expected = "v1=" + printed.Trim().Split(' ')[^1]; // some versions print a name before it
        Assert.Equal(expected, WebhookChannel.Sign(line.Groups["secret"].Value, line.Groups["time"].Value, Encoding.UTF8.GetBytes(line.Groups["body"].Value)));
    }

    [GeneratedRegex(@"^    (?<command>printf '%s\.%s' (?<time>\d+) '(?<body>[^']+)' \| openssl .*-hmac '(?<secret>[^']+)'.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Line();
}
