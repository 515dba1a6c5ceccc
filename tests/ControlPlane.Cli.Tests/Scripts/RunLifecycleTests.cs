using System.Diagnostics;
using System.Net.Sockets;

namespace ControlPlane.Cli.Tests.Scripts;

/// <summary>./run from first start to last stop, with the real product and its own PostgreSQL.</summary>
[Collection(HeavyCollection.Name)]
public sealed class RunLifecycleTests
{
    private const string OneTimePassword = "One-time password";

    [Fact]
    public async Task It_starts_survives_a_kill_starts_again_without_a_build_and_leaves_nothing_running()
    {
        using var data = new DataFolder();
        var environment = new Dictionary<string, string?> { ["XDG_STATE_HOME"] = Path.Combine(data.Path, "state"), ["KCP_DATABASE"] = null };
        var port = FakeApi.FreePort();
        string[] args = ["--data", Path.Combine(data.Path, "data"), "--port", $"{port}", "--no-demo"];

        await using (var first = await RunningProduct.StartAsync(environment, TimeSpan.FromMinutes(10), args))
        {
            Assert.Contains(OneTimePassword, first.Said, StringComparison.Ordinal);
            Assert.Contains($"http://127.0.0.1:{port}", first.Said, StringComparison.Ordinal);
            var status = await KcpRun.OfAsync(new Dictionary<string, string> { ["XDG_STATE_HOME"] = Path.Combine(data.Path, "state") }, "status", "--output", "json");
            Assert.True(status.ExitCode == 0, status.Error);
            Assert.Equal("[]\n", status.Out);
            using var run = Process.GetProcessById(first.Pid);
            run.Kill(); // its children live on, and are found by the next start
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await using (var second = await RunningProduct.StartAsync(environment, TimeSpan.FromMinutes(4), args))
        {
            Assert.Contains("that an interrupted run left behind", second.Said, StringComparison.Ordinal);
            Assert.DoesNotContain(OneTimePassword, second.Said, StringComparison.Ordinal); // the first start's admin is still there
            Assert.Equal(143, await second.StopAsync("TERM"));
        }

        var begun = Stopwatch.StartNew();
        await using (var third = await RunningProduct.StartAsync(environment, TimeSpan.FromMinutes(4), args))
        {
            // Under 10 s on a machine that does nothing else; a build, which is what must not happen again, takes longer than this.
            TestContext.Current.SendDiagnosticMessage($"third start ready after {begun.Elapsed.TotalSeconds:0.0} s");
            Assert.DoesNotContain("Building", third.Said, StringComparison.Ordinal);
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(60), $"took {begun.Elapsed.TotalSeconds:0.0} s:\n{third.Said}");
            Assert.DoesNotContain("left behind", third.Said, StringComparison.Ordinal);
            await third.StopAsync("TERM");
            Assert.Contains("Stopped. Everything is kept in", third.Said, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        });
        Assert.False(File.Exists(Path.Combine(data.Path, "data", "postgres", "postmaster.pid")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(data.Path, "state"), "*.json", SearchOption.AllDirectories));
    }
}

/// <summary>Tests that take both cores: one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HeavyCollection
{
    public const string Name = "heavy";
}
