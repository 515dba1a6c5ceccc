using System.Diagnostics;

namespace ControlPlane.Testing;

/// <summary>
/// Kills a cluster's processes and deletes its folder when this test process ends, however it ends: a small shell waits for
/// the end of a pipe that only we hold open. (A death signal of the kernel is tied to the thread that started the child, and
/// pool threads come and go.)
/// </summary>
internal sealed class ProcessReaper : IAsyncDisposable
{
    // Each line of input is a pid. A pid is killed only while its command line still names our folder: numbers are used again.
    private const string Script = """
        trap '' INT TERM HUP
        pids=
        while read -r pid; do pids="$pids $pid"; done
        for pid in $pids; do
          if tr '\0' ' ' 2>/dev/null < /proc/$pid/cmdline | grep -qF "$1"; then kill -9 $pid 2>/dev/null; fi
        done
        n=0
        while [ -e "$1" ] && [ $n -lt 50 ]; do rm -rf "$1" 2>/dev/null || sleep 0.1; n=$((n+1)); done
        """;

    private readonly Process _shell;
    private bool _disposed;

    public ProcessReaper(string folder)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in (string[])["-c", Script, "kcp-test-reaper", folder])
        {
            start.ArgumentList.Add(argument);
        }

        _shell = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start");
        _shell.StandardInput.AutoFlush = true;
    }

    public void Watch(int pid) => _shell.StandardInput.WriteLine(pid);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _shell.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _shell.WaitForExitAsync(deadline.Token);
        _shell.Dispose();
    }
}
