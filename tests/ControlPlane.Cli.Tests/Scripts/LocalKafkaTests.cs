using System.Diagnostics;
using System.Text.Json;

namespace ControlPlane.Cli.Tests.Scripts;

/// <summary>The brokers of ./run --local-kafka and the load on them, for real.</summary>
[Collection(HeavyCollection.Name)]
public sealed class LocalKafkaTests
{
    private static readonly Dictionary<string, string?> Environment = [];

    [Fact]
    public async Task Four_brokers_start_bear_a_load_survive_a_crash_and_stop_without_a_trace()
    {
        using var data = new DataFolder();
        try
        {
            Succeeded(await Repository.RunAsync("eng/local-kafka.sh", Environment, TimeSpan.FromSeconds(300), "start", "--data", data.Path));
            var bootstrap = await File.ReadAllTextAsync(Path.Combine(data.Path, "kafka", "bootstrap"), TestContext.Current.CancellationToken);

            var load = await KcpRun.OfAsync(TimeSpan.FromSeconds(180), [], "load", "--bootstrap-server", bootstrap, "--topics", "2", "--rf", "3", "--rate", "50", "--duration", "12", "--output", "json");
            Assert.True(load.ExitCode == 0, load.Out + load.Error);
            var total = JsonDocument.Parse(load.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
            Assert.True(total.GetProperty("isFinal").GetBoolean());
            Assert.Equal(0, total.GetProperty("failed").GetInt64());
            Assert.InRange(total.GetProperty("acknowledged").GetInt64(), 50, 650);
            Assert.True(total.GetProperty("consumed").GetInt64() > 0, load.Out);
            Assert.True(total.GetProperty("p99Ms").GetDouble() > 0, load.Out);

            using (var victim = Process.GetProcessById(await PidAsync(data, 2)))
            {
                victim.Kill();
                await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            Assert.Contains("broker 2    pid down", (await StatusAsync(data)).Out, StringComparison.Ordinal);
            Succeeded(await Repository.RunAsync("eng/local-kafka.sh", Environment, TimeSpan.FromSeconds(300), "start", "2", "--data", data.Path));
            Assert.DoesNotContain("down", (await StatusAsync(data)).Out, StringComparison.Ordinal);
        }
        finally
        {
            await Repository.RunAsync("eng/local-kafka.sh", Environment, TimeSpan.FromSeconds(180), "stop", "--data", data.Path);
        }

        Assert.Equal(5, (await StatusAsync(data)).Out.Split("pid down").Length - 1);
    }

    private static Task<ScriptRun> StatusAsync(DataFolder data) => Repository.RunAsync("eng/local-kafka.sh", Environment, "status", "--data", data.Path);

    private static async Task<int> PidAsync(DataFolder data, int broker) =>
        int.Parse((await File.ReadAllTextAsync(Path.Combine(data.Path, "kafka", $"{broker}.pid"), TestContext.Current.CancellationToken)).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static void Succeeded(ScriptRun run) => Assert.True(run.ExitCode == 0, run.Error);
}
