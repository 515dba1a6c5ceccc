using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Anomalies;

/// <summary>Looks at one cluster: at once when its state changed, once a second when only numbers did, and when a hold ends.</summary>
internal sealed partial class DetectionRounds(OwnedCluster cluster, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>Samples age also while none arrives.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Pulse _pulse = new(time);
    private TrackedAnomalies _state = TrackedAnomalies.None;
    private ClusterModel? _seen;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    public UnstoredTransitions Unstored { get; } = new();

    public void Continue(IReadOnlyList<Anomaly> stored) => _state = TrackedAnomalies.Of(stored, time.GetUtcNow());

    /// <summary>Until stopped.</summary>
    /// <param name="publish">Called with what is open after each round.</param>
    public async Task RunAsync(Action<IReadOnlyList<Anomaly>> publish, CancellationToken stopping)
    {
        publish(_state.All);
        cluster.Changed += OnChanged;
        try
        {
            var isUrgent = true;
            while (true)
            {
                if (cluster.MayAct && cluster.Actor.Model is { } model && (isUrgent || !ReferenceEquals(model, _seen) || Now >= _next))
                {
                    TryLook(model);
                    publish(_state.All);
                }

                var wait = _next - Now;
                isUrgent = await _pulse.WaitAsync(wait < Pace && wait > TimeSpan.Zero ? wait : Pace, stopping);
            }
        }
        finally
        {
            cluster.Changed -= OnChanged;
        }
    }

    // PostgreSQL keeps microseconds: what is continued from there must be what was stored.
    private DateTimeOffset Now => time.GetUtcNow() is var now ? now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)) : default;

    /// <summary>A picture that a detector can't cope with must not end the watch: the next one may be judged again.</summary>
    private void TryLook(ClusterModel model)
    {
        try
        {
            Look(model);
        }
        catch (Exception ex)
        {
            (_seen, _next) = (model, Now + LongestPause);
            LogRoundFailed(cluster.Id, model.Generation, ex);
        }
    }

    private void Look(ClusterModel model)
    {
        var now = Now;
        var round = Detectors.Look(model, _state.All, now);
        var step = AnomalyTracker.Next(_state, round, cluster.Id, now, () => Guid.CreateVersion7(now));
        (_state, _seen) = (step.State, model);
        _next = step.Due is { } due && due < now + LongestPause ? due : now + LongestPause;
        Unstored.Add(step.Transitions);
    }

    private void OnChanged(ChangeKind kind)
    {
        if (kind is ChangeKind.State)
        {
            _pulse.Nudge();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: looking for anomalies in picture {Generation} failed; what is open stays as it is")]
    private partial void LogRoundFailed(ClusterId cluster, long generation, Exception exception);
}
