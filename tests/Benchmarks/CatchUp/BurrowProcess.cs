using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Testing;

namespace ControlPlane.Benchmarks.CatchUp;

/// <summary>Burrow as Debian packages it, reading the same topic from the beginning. It needs a ZooKeeper to start.</summary>
internal sealed class BurrowProcess : IAsyncDisposable
{
    /// <summary>Where the binary is: BURROW, or on the PATH.</summary>
    private static readonly string[] Places = [Environment.GetEnvironmentVariable("BURROW") ?? "", "/usr/bin/burrow", "/usr/bin/Burrow"];

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _http;

    private BurrowProcess(Process process, DirectoryInfo folder, HttpClient http) => (_process, _folder, _http) = (process, folder, http);

    public int ProcessId => _process.Id;

    public static string? Binary => Array.Find(Places, File.Exists);

    public static async Task<BurrowProcess> StartAsync(string bootstrapServers, string zooKeeper, CancellationToken cancellationToken)
    {
        var port = LoopbackPorts.Free(1)[0];
        var folder = Directory.CreateTempSubdirectory("kcp-burrow-");
        var config = string.Create(CultureInfo.InvariantCulture, $"""
            [general]
            pidfile="{folder.FullName}/burrow.pid"
            [logging]
            level="warn"
            [zookeeper]
            servers=[ "{zooKeeper}" ]
            [client-profile.bench]
            client-id="burrow"
            kafka-version="2.0.0"
            [cluster.bench]
            class-name="kafka"
            servers=[ "{bootstrapServers}" ]
            client-profile="bench"
            [consumer.bench]
            class-name="kafka"
            cluster="bench"
            servers=[ "{bootstrapServers}" ]
            client-profile="bench"
            start-latest=false
            [httpserver.default]
            address="127.0.0.1:{port}"
            [storage.default]
            class-name="inmemory"
            intervals=10
            min-distance=0
            [evaluator.default]
            class-name="caching"
            expire-cache=1
            """);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "burrow.toml"), config, cancellationToken);
        var start = new ProcessStartInfo(Binary!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add("--config-dir");
        start.ArgumentList.Add(folder.FullName);
        var process = Process.Start(start) ?? throw new InvalidOperationException("Burrow did not start");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new BurrowProcess(process, folder, new HttpClient(new SocketsHttpHandler(), disposeHandler: true) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) });
    }

    /// <summary>The newest offset that it knows of a group, of the partition that is behind most; null while it knows none.</summary>
    public async Task<long?> NewestAsync(string group, CancellationToken cancellationToken)
    {
        try
        {
            await using var answer = await _http.GetStreamAsync($"/v3/kafka/bench/consumer/{group}", cancellationToken);
            using var body = await JsonDocument.ParseAsync(answer, default, cancellationToken);
            return body.RootElement.GetProperty("topics").EnumerateObject().SelectMany(topic => topic.Value.EnumerateArray())
                .Min(partition => partition.GetProperty("offsets").EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object).Max(one => (long?)one.GetProperty("offset").GetInt64()));
        }
        catch (Exception ex) when (ex is HttpRequestException or JsonException or KeyNotFoundException or TaskCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return _process.HasExited ? throw new InvalidOperationException($"Burrow ended with {_process.ExitCode}", ex) : null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
