using System.Collections.Concurrent;
using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>
/// Runs the optimizer in the background, one run per cluster, where the cluster is owned. The last runs are kept in memory; the plans they make
/// are stored like any other and approved like any other.
/// </summary>
internal sealed class OptimizerRuns(IClusterViews views, OptimizerDesk desk, RunEnd end, TimeProvider time, IHostApplicationLifetime lifetime) : IDisposable
{
    private const int Kept = 20;

    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<ClusterId, Shelf> _shelves = new();

    /// <summary>Begins a run; what it is asked is checked before.</summary>
    public async Task<RunStart> StartAsync(ClusterId cluster, OptimizerAsk ask, string by, CancellationToken cancellationToken)
    {
        if (views.FindLease(cluster) is null)
        {
            return new RunStart.NotOwner();
        }

        if (PlanReadiness.WhyNot(views.Find(cluster), time.GetUtcNow()) is { } why)
        {
            return new RunStart.NotReady(why);
        }

        try
        {
            var picture = views.Find(cluster)!;
            var built = (await desk.BuildAsync(picture, cancellationToken)).Losing(picture, ask.Lost);
            var wish = ask.ResolveOn(built);
            var run = new RunPicture(Guid.CreateVersion7(time.GetUtcNow()), cluster, ask, time.GetUtcNow(), by);
            var shelf = _shelves.GetOrAdd(cluster, _ => new Shelf());
            if (shelf.TryAdd(run) is { } other)
            {
                return new RunStart.OtherRunning(other);
            }

            _ = Task.Run(() => SearchAsync(shelf, run, picture, built, wish), CancellationToken.None);
            return new RunStart.Started(run);
        }
        catch (OptimizerRefusal refusal)
        {
            return new RunStart.Refused(refusal.Field, refusal.Message);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<RunPicture> List(ClusterId cluster) => _shelves.TryGetValue(cluster, out var shelf) ? shelf.All : [];

    public RunPicture? Find(ClusterId cluster, Guid id) => List(cluster).FirstOrDefault(run => run.Id == id);

    /// <summary>Asks the search to end with the best plan until then; false where it is over.</summary>
    public bool Cancel(ClusterId cluster, Guid id) => _shelves.TryGetValue(cluster, out var shelf) && shelf.Cancel(id);

    public void Dispose()
    {
        foreach (var shelf in _shelves.Values)
        {
            shelf.Dispose();
        }
    }

    private async Task SearchAsync(Shelf shelf, RunPicture run, ClusterModel picture, BuiltModel built, OptimizerWish wish)
    {
        using var deadline = new CancellationTokenSource(run.Ask.Deadline, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, shelf.CancellationOf(run.Id), lifetime.ApplicationStopping);
        var began = time.GetTimestamp();
        var told = began;
        var progress = new Progress(figures =>
        {
            var isNew = shelf.Find(run.Id)?.Phases is not [.., var last] || last.Figures.Phase != figures.Phase;
            shelf.Change(run.Id, one => one.With(figures, time.GetElapsedTime(began)));
            if (isNew || time.GetElapsedTime(told) >= TellEvery)
            {
                told = time.GetTimestamp();
                views.Announce(run.Cluster, ChangeKind.Plans);
            }
        });
        var ended = await end.OfAsync(run, () => desk.Search(picture, built, wish, run, progress, ending.Token), () => shelf.IsCancelled(run.Id));
        shelf.Change(run.Id, one => ended with { Phases = one.Phases, FinishedAt = time.GetUtcNow() });
        views.Announce(run.Cluster, ChangeKind.Plans);
    }

    /// <summary>Told on the thread of the search, in order; System.Progress would not keep the order.</summary>
    private sealed class Progress(Action<OptimizerProgress> tell) : IProgress<OptimizerProgress>
    {
        public void Report(OptimizerProgress value) => tell(value);
    }

    /// <summary>The runs of one cluster.</summary>
    private sealed class Shelf : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly List<RunPicture> _runs = [];
        private CancellationTokenSource _cancel = new();
        private CancellationToken _cancelled; // still asked for when the source is gone

        public IReadOnlyList<RunPicture> All
        {
            get
            {
                lock (_lock)
                {
                    return [.. _runs];
                }
            }
        }

        /// <summary>The run in the way, or null where the new one has begun.</summary>
        public RunPicture? TryAdd(RunPicture run)
        {
            lock (_lock)
            {
                if (_runs.Find(one => one.State == RunState.Running) is { } other)
                {
                    return other;
                }

                _runs.Insert(0, run);
                _runs.RemoveRange(Math.Min(Kept, _runs.Count), Math.Max(0, _runs.Count - Kept));
                _cancel = new CancellationTokenSource();
                _cancelled = _cancel.Token;
                return null;
            }
        }

        public RunPicture? Find(Guid id) => All.FirstOrDefault(run => run.Id == id);

        public CancellationToken CancellationOf(Guid id)
        {
            lock (_lock)
            {
                return _runs is [var newest, ..] && newest.Id == id ? _cancelled : new CancellationToken(canceled: true);
            }
        }

        public bool IsCancelled(Guid id) => CancellationOf(id).IsCancellationRequested;

        public bool Cancel(Guid id)
        {
            CancellationTokenSource? cancel = null;
            lock (_lock)
            {
                cancel = _runs is [{ State: RunState.Running } newest, ..] && newest.Id == id ? _cancel : null;
            }

            cancel?.Cancel();
            return cancel is not null;
        }

        public void Dispose() => _cancel.Dispose();

        public void Change(Guid id, Func<RunPicture, RunPicture> change)
        {
            lock (_lock)
            {
                var at = _runs.FindIndex(run => run.Id == id);
                if (at >= 0)
                {
                    _runs[at] = change(_runs[at]);
                }
            }
        }
    }
}
