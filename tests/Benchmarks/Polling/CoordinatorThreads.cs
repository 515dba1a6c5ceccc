using System.Diagnostics;

namespace ControlPlane.Benchmarks.Polling;

/// <summary>
/// What a coordinator has to give: four threads (group.coordinator.threads of Kafka 4), of which a request holds one for as long as it takes.
/// Other clients commit meanwhile, 200 times a second; how long they wait is what polling costs them.
/// </summary>
internal sealed class CoordinatorThreads(double slowness) : IDisposable
{
    private const int Threads = 4;

    private static readonly TimeSpan CommitTime = TimeSpan.FromMilliseconds(1);

    private readonly SemaphoreSlim _free = new(Threads);
    private readonly Lock _gate = new();
    private readonly List<double> _commits = [];
    private int _polls;

    /// <summary>Requests of the poller here at the same time, at most.</summary>
    public int MostPolls { get; private set; }

    public long Polls { get; private set; }

    public double SlowestMs { get; private set; }

    public double Slowness { get; set; } = slowness;

    /// <summary>A request of the poller: the way here and back takes a millisecond each.</summary>
    public async Task PollAsync(TimeSpan work, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            (MostPolls, Polls) = (Math.Max(MostPolls, ++_polls), Polls + 1);
        }

        var began = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        await WorkAsync(work * Slowness, cancellationToken);
        lock (_gate)
        {
            _polls--;
            SlowestMs = Math.Max(SlowestMs, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    /// <summary>Commits of other clients until cancelled.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var began = Stopwatch.GetTimestamp();
                await WorkAsync(CommitTime, cancellationToken);
                lock (_gate)
                {
                    _commits.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the end
        }
    }

    /// <summary>Latencies of the others' commits since the last taking.</summary>
    public double[] TakeCommits()
    {
        lock (_gate)
        {
            var taken = _commits.ToArray();
            _commits.Clear();
            return taken;
        }
    }

    public void Dispose() => _free.Dispose();

    private async Task WorkAsync(TimeSpan work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            await Task.Delay(work, TimeProvider.System, cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }
}
