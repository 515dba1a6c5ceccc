using System.Diagnostics;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Prometheus' own judgement of what /metrics says.</summary>
internal static class Promtool
{
    public static async Task CheckAsync(string metrics)
    {
        var token = TestContext.Current.CancellationToken;
        var promtool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(promtool is null && Environment.GetEnvironmentVariable("CI") is null, "promtool is not on PATH. Install the Debian package: apt-get install prometheus");
        using var process = Process.Start(new ProcessStartInfo(promtool!, ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteAsync(metrics);
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync(token) + await process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        Assert.True(process.ExitCode == 0, said);
    }
}
