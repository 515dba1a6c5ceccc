using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Sampling;

/// <summary>Rounds of one kind of sample, one after the other, never two at a time.</summary>
internal abstract class SampleLoop(SamplerContext context, SampleKind kind)
{
    /// <summary>A slow kind comes at most this much later than planned, so that its data never grow stale without bound.</summary>
    private const int MostStretch = 10;

    private static readonly TimeSpan BeforeFence = TimeSpan.FromSeconds(1);

    private readonly Pulse _pulse = new(context.Time);
    private TimeSpan _took;

    public SampleKind Kind => kind;

    protected SamplerContext Context => context;

    /// <summary>What the pages are told: the configured interval, stretched where rounds are slow.</summary>
    public TimeSpan Interval
    {
        get
        {
            var planned = context.Options.IntervalOf(kind);
            // A probe waits for the dead: its length says nothing about the load it makes.
            var needed = kind == SampleKind.Liveness ? planned : _took / context.Options.MaxShare;
            return needed <= planned ? planned : needed < planned * MostStretch ? needed : planned * MostStretch;
        }
    }

    public void Nudge() => _pulse.Nudge();

    public async Task RunAsync(CancellationToken stopping)
    {
        if (kind != SampleKind.Topology)
        {
            await context.WaitForTopologyAsync(stopping);
            await _pulse.WaitAsync(FirstDelay(), stopping);
        }

        while (true)
        {
            var began = context.Time.GetTimestamp();
            var pause = await RoundAsync(stopping);
            var took = context.Time.GetElapsedTime(began);
            await _pulse.WaitAsync(Jittered(pause) - took is { Ticks: > 0 } rest ? rest : TimeSpan.FromMilliseconds(50), stopping);
        }
    }

    /// <summary>One round; returns the time from its beginning to that of the next.</summary>
    protected abstract Task<TimeSpan> RoundAsync(CancellationToken stopping);

    /// <summary>Fetches, posts, and remembers how long it took where it went well.</summary>
    protected async Task<bool> SampleAsync<T>(Func<CancellationToken, Task<Sampled<T>>> fetch, CancellationToken stopping)
        where T : class
    {
        if (await context.FetchAsync(kind, fetch, stopping) is not { } sample)
        {
            return false;
        }

        if (sample.Value is not null && sample.Failures.IsEmpty)
        {
            _took = sample.Took;
        }

        await context.PostAsync(kind, Interval, sample, stopping);
        return sample.Value is not null;
    }

    /// <summary>A second from the last round, or as much more as rounds of this size need.</summary>
    protected TimeSpan Soon()
    {
        var soon = _took / Context.Options.MaxShare is var needed && needed > BeforeFence ? needed : BeforeFence;
        return soon < Interval ? soon : Interval;
    }

    /// <summary>Cheap kinds first, the dear ones when the page is already there.</summary>
    private TimeSpan FirstDelay() => TimeSpan.FromMilliseconds(kind switch
    {
        SampleKind.Liveness => 0,
        SampleKind.Quorum => 50,
        SampleKind.Offsets => 100,
        SampleKind.LogDirs => 200,
        SampleKind.Identity => 300,
        SampleKind.Groups => 400,
        SampleKind.Reassignments => 600,
        SampleKind.TopicConfigs => 800,
        _ => 1_000,
    });

    private TimeSpan Jittered(TimeSpan interval) =>
        interval * (1 + (context.Options.Jitter * ((Random.Shared.NextDouble() * 2) - 1)));
}

/// <summary>The plain case: one question, one answer.</summary>
internal sealed class SampleLoop<T>(SamplerContext context, SampleKind kind, Func<CancellationToken, Task<Sampled<T>>> fetch)
    : SampleLoop(context, kind)
    where T : class
{
    protected override async Task<TimeSpan> RoundAsync(CancellationToken stopping)
    {
        if (Kind != SampleKind.Topology)
        {
            await SampleAsync(fetch, stopping);
            return Interval;
        }

        await Context.TopologyTurn.WaitAsync(stopping);
        try
        {
            await SampleAsync(fetch, stopping);
            return Context.AwaitsFence() ? Soon() : Interval;
        }
        finally
        {
            Context.TopologyTurn.Release();
        }
    }
}

/// <summary>Log ends and starts by need: all partitions at first, and then those that move and are read more often than the others.</summary>
internal sealed class OffsetsLoop(SamplerContext context) : SampleLoop(context, SampleKind.Offsets)
{
    private readonly OffsetRhythm _rhythm = new(new OffsetPace(context.Options.Offsets, context.Options.OffsetsIdle, context.Options.OffsetsUnread));

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stopping)
    {
        await SampleAsync(AskAsync, stopping);
        return Interval;
    }

    private async Task<Sampled<OffsetsSample>> AskAsync(CancellationToken cancellationToken)
    {
        var model = Context.Cluster.Actor.Model!;
        var sample = await Context.Cluster.Kafka.FetchOffsetsAsync(model, _rhythm.Next(model, Context.Time.GetUtcNow()), cancellationToken);
        if (sample.Value is { } value)
        {
            _rhythm.Took(value, sample.At);
        }

        return sample;
    }
}

/// <summary>Log dirs, spread over the interval where a cluster has many brokers.</summary>
internal sealed class LogDirLoop(SamplerContext context) : SampleLoop(context, SampleKind.LogDirs)
{
    private int _next;

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stopping)
    {
        var brokers = Context.Answering();
        var size = Context.Options.BrokersPerLogDirRound;
        var parts = Math.Max(1, (brokers.Count + size - 1) / size);
        _next = _next >= parts ? 0 : _next;
        var part = brokers.Skip(_next++ * size).Take(size).ToList();
        await SampleAsync(token => Context.Cluster.Kafka.FetchLogDirsAsync(part, token), stopping);
        return Interval / parts;
    }
}

/// <summary>The cluster's identity: once it is connected and seldom after, but soon again where it could not be told.</summary>
internal sealed class IdentityLoop(SamplerContext context) : SampleLoop(context, SampleKind.Identity)
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(15);

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stopping) =>
        await SampleAsync(Context.Cluster.Kafka.IdentifyAsync, stopping) || Interval < TryAgain ? Interval : TryAgain;
}

/// <summary>Topic configs in parts: all topics once per interval, new topics at once.</summary>
internal sealed class TopicConfigLoop(SamplerContext context, TopicSweep sweep) : SampleLoop(context, SampleKind.TopicConfigs)
{
    private static readonly TimeSpan BetweenParts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookForNew = TimeSpan.FromSeconds(15);

    private DateTimeOffset _sweptAt = DateTimeOffset.MinValue;

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stopping)
    {
        var table = Context.Cluster.Actor.Model!.Partitions;
        var isDue = Context.Time.GetUtcNow() - _sweptAt >= Interval;
        var topics = sweep.Next(table, isDue);
        if (topics.Count > 0)
        {
            await SampleAsync(token => Context.Cluster.Kafka.FetchTopicConfigsAsync(topics, token), stopping);
        }

        if (isDue && sweep.IsDone)
        {
            _sweptAt = Context.Time.GetUtcNow();
        }

        return isDue && !sweep.IsDone ? BetweenParts : LookForNew < Interval ? LookForNew : Interval;
    }
}

/// <summary>Which topics to ask for next: through all of them in order, part by part; between two sweeps only those not known yet.</summary>
internal sealed class TopicSweep(int size)
{
    private string? _after;

    /// <summary>The last part reached the end of the list.</summary>
    public bool IsDone => _after is null;

    public IReadOnlyList<string> Next(PartitionTable table, bool isDue)
    {
        if (!isDue)
        {
            return [.. table.TopicName.Where((_, topic) => table.TopicMinInSync[topic] < 0).Take(size)];
        }

        // By name and not by index: topics come and go while a sweep is under way.
        var first = _after is null ? 0 : Array.BinarySearch(table.TopicName, _after, StringComparer.Ordinal) is >= 0 and var at ? at + 1 : ~Array.BinarySearch(table.TopicName, _after, StringComparer.Ordinal);
        var part = table.TopicName.Skip(first).Take(size).ToList();
        _after = first + part.Count < table.TopicCount ? part[^1] : null;
        return part;
    }
}
