using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ControlPlane.Testing;

/// <summary>PostgreSQL can't be started here; the text names what to install.</summary>
public sealed class PostgresMissingException(string message) : Exception(message);

/// <summary>
/// A private PostgreSQL in a temporary folder on a free port of 127.0.0.1. Dies with the test process, however that ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "kcp";
    private const string Password = "kcp-test";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private static readonly string[] Settings =
    [
        "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200",
        "listen_addresses=127.0.0.1", "log_min_messages=warning", "timezone=UTC", "shared_buffers=32MB",
    ];

    private readonly string _binaries;
    private readonly string _folder;
    private readonly Process _watchdog;
    private Process? _postmaster;

    private PostgresServer(string binaries, string folder)
    {
        (_binaries, _folder) = (binaries, folder);
        _watchdog = StartWatchdog(folder);
    }

    public int Port { get; private set; }

    /// <summary>Process id of the running postmaster.</summary>
    public int ProcessId => _postmaster?.Id ?? throw new InvalidOperationException("The server is stopped.");

    private string Data => Path.Combine(_folder, "data");

    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="parent">Where its files go, such as a disk of the test; the system's temporary folder where none is given.</param>
    /// <exception cref="PostgresMissingException">The binaries are missing.</exception>
    public static async Task<PostgresServer> StartNewAsync(CancellationToken cancellationToken, string? parent = null)
    {
        var binaries = FindBinaries();
        var folder = parent is null ? Directory.CreateTempSubdirectory("kcp-postgres-").FullName : Directory.CreateDirectory(Path.Combine(parent, "postgres")).FullName;
        var server = new PostgresServer(binaries, folder);
        try
        {
            var passwordFile = Path.Combine(folder, "password");
            await File.WriteAllTextAsync(passwordFile, Password, cancellationToken);
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("chown", ["-R", "postgres:", folder], cancellationToken);
            }

            await server.RunAsServerUserAsync(
                Path.Combine(binaries, "initdb"),
                ["-D", server.Data, "-U", User, "-E", "UTF8", "--no-locale", "--no-sync", "--auth=scram-sha-256", $"--pwfile={passwordFile}"],
                cancellationToken);
            server.Port = FreePort();
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database = "postgres") =>
        $"Host=127.0.0.1;Port={Port.ToString(CultureInfo.InvariantCulture)};Database={database};Username={User};Password={Password};Timeout=5;Include Error Detail=true";

    /// <summary>Creates an empty database, or a copy of a template to which nobody is connected.</summary>
    public async Task<string> CreateDatabaseAsync(string name, string? template, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE \"{name}\" TEMPLATE \"{template ?? "template1"}\"", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>Starts the stopped or killed server on the same port and data, and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = Settings.Append($"port={Port.ToString(CultureInfo.InvariantCulture)}").Append($"unix_socket_directories={_folder}");
        _postmaster = Start(
            Path.Combine(_binaries, "postgres"), ["-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting })]);
        var log = DrainAsync(_postmaster);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartTimeout);
        while (!await AnswersAsync(limit.Token))
        {
            if (_postmaster.HasExited)
            {
                throw new InvalidOperationException($"postgres ended with {_postmaster.ExitCode}: {await log}");
            }

            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Shuts down cleanly, cutting off the clients.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => EndAsync("INT", cancellationToken);

    /// <summary>As a power cut: every server process dies at once, nothing is written back.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        var workers = await WorkersAsync(cancellationToken);
        await EndAsync("KILL", cancellationToken);
        await SignalAsync("KILL", workers, CancellationToken.None);
    }

    /// <summary>Freezes the server: connections stay open and nothing answers, until <see cref="ResumeAsync"/>.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken) =>
        await SignalAsync("STOP", [ProcessId, .. await WorkersAsync(cancellationToken)], cancellationToken);

    public async Task ResumeAsync(CancellationToken cancellationToken) =>
        await SignalAsync("CONT", [ProcessId, .. await WorkersAsync(cancellationToken)], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _watchdog.StandardInput.Close(); // the watchdog ends the server and removes the folder
        await _watchdog.WaitForExitAsync();
        _watchdog.Dispose();
        _postmaster?.Dispose();
    }

    private static string FindBinaries()
    {
        var candidates = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(Directory.Exists("/usr/lib/postgresql")
                ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
                : []);
        return candidates.FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")))
            ?? throw new PostgresMissingException(
                "PostgreSQL's initdb and postgres are neither on PATH nor under /usr/lib/postgresql. Install the Debian package: apt-get install postgresql");
    }

    private static Process StartWatchdog(string folder)
    {
        // Waits for the end of its input, which comes with the end of this process even when it is killed.
        const string Script = """
            cat > /dev/null
            pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
            if [ -n "$pid" ] && tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF "$1/data"; then
                children=$(ps -o pid= --ppid "$pid")
                kill -KILL $pid $children 2> /dev/null
            fi
            rm -rf "$1" || { sleep 1; rm -rf "$1"; }
            """;
        return StartProcess("/bin/sh", ["-c", Script, "postgres-watchdog", folder], redirectInput: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(string program, IEnumerable<string> arguments) =>
        Environment.IsPrivilegedProcess // PostgreSQL refuses to run as root; setpriv replaces itself, so the process id stays
            ? StartProcess("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. arguments], redirectInput: false)
            : StartProcess(program, arguments, redirectInput: false);

    private static Process StartProcess(string program, IEnumerable<string> arguments, bool redirectInput)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static async Task<string> DrainAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        return await output + await error;
    }

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = StartProcess(program, arguments, redirectInput: false);
        return await FinishAsync(process, program, cancellationToken);
    }

    private static async Task<string> FinishAsync(Process process, string program, CancellationToken cancellationToken)
    {
        var output = await DrainAsync(process).WaitAsync(StartTimeout * 2, cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
    }

    private static async Task SignalAsync(string signal, IReadOnlyList<int> processes, CancellationToken cancellationToken)
    {
        if (processes.Count > 0)
        {
            using var kill = StartProcess("kill", [$"-{signal}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))], redirectInput: false);
            await kill.WaitForExitAsync(cancellationToken); // some may be gone already: no error
        }
    }

    private async Task RunAsServerUserAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        await FinishAsync(process, program, cancellationToken);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<int>> WorkersAsync(CancellationToken cancellationToken)
    {
        using var ps = StartProcess("ps", ["-o", "pid=", "--ppid", ProcessId.ToString(CultureInfo.InvariantCulture)], redirectInput: false);
        var output = await DrainAsync(ps);
        await ps.WaitForExitAsync(cancellationToken);
        return [.. output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
    }

    private async Task EndAsync(string signal, CancellationToken cancellationToken)
    {
        await SignalAsync(signal, [ProcessId], cancellationToken);
        await _postmaster!.WaitForExitAsync(cancellationToken);
        _postmaster.Dispose();
        _postmaster = null;
    }
}
