using System.Collections.Concurrent;
using System.Diagnostics;

namespace ControlPlane.Cli.Tests.Scripts;

/// <summary>A ./run that is under way, with what it has said so far.</summary>
internal sealed class RunningProduct : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private RunningProduct(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public string Said => string.Join('\n', _lines);

    public int Pid => _process.Id;

    public static async Task<RunningProduct> StartAsync(IReadOnlyDictionary<string, string?> environment, TimeSpan patience, params string[] args)
    {
        var run = new RunningProduct(Repository.Start("run", environment, args));
        try
        {
            await Task.WhenAny(run._ready.Task, run._process.WaitForExitAsync(TestContext.Current.CancellationToken)).WaitAsync(patience, TestContext.Current.CancellationToken);
            Assert.True(run._ready.Task.IsCompleted, run.Said);
            return run;
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine(run.Said);
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>As Ctrl+C does it, or as kill does; gives the exit code.</summary>
    public async Task<int> StopAsync(string signal)
    {
        using (var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{_process.Id}"]))!)
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(180), TestContext.Current.CancellationToken);
        await _reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken); // its last words may come after its end
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(180), CancellationToken.None);
        }

        await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None)); // orphans may hold the pipes open
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _lines.Enqueue(line);
            if (line.Contains("Stop: Ctrl+C", StringComparison.Ordinal))
            {
                _ready.TrySetResult();
            }
        }
    }
}
