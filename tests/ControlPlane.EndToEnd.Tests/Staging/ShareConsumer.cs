using System.Diagnostics;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests.Staging;

/// <summary>Kafka's own console share consumer, until disposed: librdkafka has none.</summary>
internal sealed class ShareConsumer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _config;

    private ShareConsumer(Process process, string config) => (_process, _config) = (process, config);

    public static ShareConsumer Start(string bootstrapServers, string topic, string group, IEnumerable<KeyValuePair<string, string>> config)
    {
        var file = Path.GetTempFileName();
        File.WriteAllLines(file, config.Select(pair => $"{pair.Key}={pair.Value}"));
        var libraries = Path.Combine(KafkaDistribution.Find("4.3.1"), "libs", "*");
        var start = new ProcessStartInfo("java",
        [
            "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", libraries, "org.apache.kafka.tools.consumer.ConsoleShareConsumer",
            "--bootstrap-server", bootstrapServers, "--topic", topic, "--group", group, "--command-config", file,
        ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("java did not start");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine(); // a full pipe would stop it
        process.BeginErrorReadLine();
        return new ShareConsumer(process, file);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(_config);
    }
}
