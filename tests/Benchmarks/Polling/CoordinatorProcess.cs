using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Benchmarks.Polling;

/// <summary>How the coordinators fared, in their own process.</summary>
/// <param name="MostPolls">Requests of ours at one coordinator at the same time, at most.</param>
/// <param name="Polls">Requests of ours in all.</param>
/// <param name="SlowestMs">The slowest answer to us.</param>
/// <param name="CommitMedianMs">How long other clients' commits took.</param>
/// <param name="CommitP99Ms">The same, of a hundred the slowest.</param>
internal sealed record CoordinatorReport(int MostPolls, long Polls, double SlowestMs, double CommitMedianMs, double CommitP99Ms);

/// <summary>The fake brokers as a process of their own, so that memory and time of ours are ours.</summary>
internal sealed class CoordinatorProcess : IAsyncDisposable
{
    private readonly Process _process;

    private CoordinatorProcess(Process process) => _process = process;

    public string BootstrapServers { get; private set; } = "";

    public static async Task<CoordinatorProcess> StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(CoordinatorProcess).Assembly.Location);
        }

        start.ArgumentList.Add("polling-brokers");
        var coordinators = new CoordinatorProcess(Process.Start(start) ?? throw new InvalidOperationException("The fake brokers did not start"));
        coordinators.BootstrapServers = await coordinators.ReadAsync(cancellationToken);
        return coordinators;
    }

    public async Task<string> TellAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Latencies are those since the last report.</summary>
    public async Task<CoordinatorReport> ReportAsync(CancellationToken cancellationToken)
    {
        var words = (await TellAsync("report", cancellationToken)).Split(' ');
        double Number(int at) => double.Parse(words[at], CultureInfo.InvariantCulture);
        return new CoordinatorReport((int)Number(0), (long)Number(1), Number(2), Number(3), Number(4));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close(); // it ends with its input
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The fake brokers have ended");
}
