using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ControlPlane.Testing;

/// <summary>One real Kafka process, a broker or the controller, and what can be done to it.</summary>
public sealed class RealKafkaNode
{
    private const int SignalTerminate = 15;
    private const int SignalStop = 19;
    private const int SignalContinue = 18;

    private readonly KafkaLaunch _launch;
    private readonly Action<int> _started;
    private Process? _process;
    private long _logMark;

    internal RealKafkaNode(int id, KafkaLaunch launch, Action<int> started)
    {
        Id = id;
        _launch = launch;
        _started = started;
    }

    public int Id { get; }

    /// <summary>Client port; of the controller, its quorum port.</summary>
    public int Port => _launch.Port;

    public string Endpoint => $"127.0.0.1:{Port}";

    public string LogFile => _launch.LogFile;

    public IReadOnlyList<string> LogDirs => _launch.LogDirs;

    public bool IsRunning => _process is { HasExited: false };

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException($"Node {Id} was never started");

    /// <summary>kill -9: the crash of a process or its host.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        Running().Kill();
        await Running().WaitForExitAsync(cancellationToken);
    }

    /// <summary>SIGTERM: a controlled shutdown, which moves leaders away first.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        BeginStop();
        await Running().WaitForExitAsync(cancellationToken);
    }

    public void BeginStop() => Signal(SignalTerminate);

    /// <summary>SIGSTOP: the sockets stay open and nobody answers.</summary>
    public void Pause() => Signal(SignalStop);

    public void Continue() => Signal(SignalContinue);

    /// <summary>A setting that holds from the next start on.</summary>
    public void Configure(string key, string value) => File.AppendAllLines(_launch.PropertiesFile, [$"{key}={value}"]); // the last line of a key wins

    /// <summary>Starts it again on the same port and directories; returns once it serves.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
        {
            await StopAsync(cancellationToken);
        }

        Start();
        await WaitUntilStartedAsync(TimeSpan.FromSeconds(180), cancellationToken);
    }

    internal void Start()
    {
        _logMark = File.Exists(LogFile) ? new FileInfo(LogFile).Length : 0;
        _process = Process.Start(_launch.StartInfo()) ?? throw new InvalidOperationException($"Node {Id} did not start");
        _started(_process.Id);
    }

    internal async Task WaitUntilStartedAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!LogSinceStart().Contains(_launch.StartedMark, StringComparison.Ordinal))
        {
            if (!IsRunning || clock.Elapsed > timeout)
            {
                var why = IsRunning ? $"is not ready after {clock.Elapsed.TotalSeconds:0} s" : "ended while starting";
                throw new KafkaStartException($"Kafka node {Id} {why}. End of {LogFile}:\n{Tail(LogSinceStart())}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    internal void KillQuietly()
    {
        if (IsRunning)
        {
            _process!.Kill();
            _process.WaitForExit(TimeSpan.FromSeconds(60));
        }

        _process?.Dispose();
        _process = null;
    }

    /// <summary>SIGTERM for a JVM that is no node.</summary>
    internal static void Terminate(int pid) => _ = SendSignal(pid, SignalTerminate); // it may just have ended

    private static string Tail(string text) => text.Length <= 3_000 ? text : text[^3_000..];

    private string LogSinceStart()
    {
        if (!File.Exists(LogFile))
        {
            return "";
        }

        using var file = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(_logMark, SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private Process Running() => _process ?? throw new InvalidOperationException($"Node {Id} is not running");

    private void Signal(int signal)
    {
        if (SendSignal(ProcessId, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} to node {Id} (pid {ProcessId}) failed, errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
