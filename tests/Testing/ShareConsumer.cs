using System.Diagnostics;
using System.Text;

namespace ControlPlane.Testing;

/// <summary>Kafka's own console share consumer, until disposed, when it acknowledges and leaves: librdkafka has none.</summary>
public sealed class ShareConsumer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _config;

    private readonly StringBuilder _output = new();

    private ShareConsumer(Process process, string config)
    {
        (_process, _config) = (process, config);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine(); // a full pipe would stop it
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static ShareConsumer Start(string bootstrapServers, string topic, string group, IEnumerable<KeyValuePair<string, string>> config)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
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
        return new ShareConsumer(process, file);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            RealKafkaNode.Terminate(_process.Id); // it acknowledges what it has, and leaves
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(_config);
    }
}
