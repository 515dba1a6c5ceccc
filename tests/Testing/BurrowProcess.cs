using System.Diagnostics;

namespace ControlPlane.Testing;

/// <summary>The real Burrow as Debian packages it, watching one cluster. It comes from PATH, or is taken out of the package without installing anything.</summary>
public sealed class BurrowProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private BurrowProcess(Process process, string folder, int port)
    {
        (_process, _folder) = (process, folder);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(20) };
    }

    public HttpClient Http { get; }

    public int ProcessId => _process.Id;

    /// <summary>The program, or a sentence about why it is not here.</summary>
    public static async Task<(string? Program, string Missing)> FindAsync(CancellationToken cancellationToken)
    {
        var cache = Environment.GetEnvironmentVariable("KCP_CACHE") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "kcp");
        var unpacked = Path.Combine(cache, "burrow", "usr", "bin", "Burrow");
        var candidates = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "Burrow")).Append(unpacked);
        if (candidates.FirstOrDefault(File.Exists) is { } found)
        {
            return (found, "");
        }

        Directory.CreateDirectory(Path.Combine(cache, "burrow"));
        using var fetch = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cd \"$1\" && timeout 60 apt-get -q download burrow && dpkg-deb -x burrow_*.deb . && rm -f burrow_*.deb", "fetch", Path.Combine(cache, "burrow")])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = await fetch.StandardOutput.ReadToEndAsync(cancellationToken) + await fetch.StandardError.ReadToEndAsync(cancellationToken);
        await fetch.WaitForExitAsync(cancellationToken);
        return File.Exists(unpacked) ? (unpacked, "") : (null, $"There is no Burrow to compare with: it is not on PATH, and the Debian package 'burrow' could not be fetched ({said.Trim()}). Install it: apt-get install burrow");
    }

    /// <summary>Starts it on a cluster whose ZooKeeper it borrows: this version does not start without one.</summary>
    public static async Task<BurrowProcess> StartAsync(string program, BurrowConfig config, CancellationToken cancellationToken)
    {
        var (folder, port) = (Directory.CreateTempSubdirectory("kcp-burrow-").FullName, LoopbackPorts.Free(1)[0]);
        await File.WriteAllTextAsync(Path.Combine(folder, "burrow.toml"), config.Toml(port), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, BurrowConfig.Template), "{}", cancellationToken);
        var start = new ProcessStartInfo(program, ["--config-dir", folder]) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new BurrowProcess(process, folder, port);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
