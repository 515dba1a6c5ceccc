using System.Globalization;
using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Connections;

namespace ControlPlane.Benchmarks.Polling;

/// <summary>65,184 groups and 2,495 partitions polled from brokers that speak Kafka's protocol: how long, how much memory, and what it costs the coordinators.</summary>
internal static class PollingFigures
{
    private const string Cluster = "polled";

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var brokers = await CoordinatorProcess.StartAsync(cancellationToken);
        var settings = new KafkaConnectionSettings { BootstrapServers = brokers.BootstrapServers.Split(','), ClusterTag = Cluster };
        await using var kafka = new RealKafkaCluster(settings, new KafkaNetworkOptions());
        var poller = new Poller(kafka);
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, cancellationToken);
        var idle = await brokers.ReportAsync(cancellationToken);

        var cold = await poller.SweepAsync(cancellationToken);
        await brokers.TellAsync("move", cancellationToken);
        var warm = await poller.SweepAsync(cancellationToken);
        var busy = await brokers.ReportAsync(cancellationToken);
        var polled = Stopclock.PeakWorkingSet();
        var judged = poller.Judge();
        var whole = Stopclock.PeakWorkingSet();

        await brokers.TellAsync("slow 10", cancellationToken);
        var slow = await poller.SweepAsync(cancellationToken);
        var trouble = await brokers.ReportAsync(cancellationToken);
        return
        [
            new("groups, partitions, brokers; partitions of groups in all", string.Create(CultureInfo.InvariantCulture, $"{FakeGroups.Groups:N0}, {FakeGroups.Partitions:N0}, {FakeCoordinators.Brokers}; {cold.Commits:N0}")),
            new("whole sweep, the first: listing, commits, members, log ends", $"{Report.Seconds(cold.Took)}, CPU {Report.Seconds(cold.Cpu)}", "8 s"),
            new("whole sweep, the second, all commits moved", $"{Report.Seconds(warm.Took)}, CPU {Report.Seconds(warm.Cpu)}", "8 s"),
            new("groups that could not be read", string.Create(CultureInfo.InvariantCulture, $"{cold.Unread + warm.Unread:N0}"), "0"),
            new("requests of both sweeps, bytes received", string.Create(CultureInfo.InvariantCulture, $"{busy.Polls:N0}, {warm.Bytes / 1e6:0} MB")),
            new("peak memory of the process, sweeps only", Report.Megabytes(polled)),
            new("all taken into the store and judged", Report.Seconds(judged)),
            new("peak memory of the process with store and judgements", Report.Megabytes(whole), "1,024 MB"),
            new("requests of ours at one coordinator at once, at most", $"{busy.MostPolls}"),
            new("slowest answer to us", string.Create(CultureInfo.InvariantCulture, $"{busy.SlowestMs:0} ms")),
            new("other clients' commits: median, p99, nobody polling", string.Create(CultureInfo.InvariantCulture, $"{idle.CommitMedianMs:0.0}, {idle.CommitP99Ms:0.0} ms")),
            new("the same while polled", string.Create(CultureInfo.InvariantCulture, $"{busy.CommitMedianMs:0.0}, {busy.CommitP99Ms:0.0} ms")),
            new("coordinators ten times as slow: read in one round, and how long it took", string.Create(CultureInfo.InvariantCulture, $"{FakeGroups.Groups - slow.Unread - slow.Stale:N0} in {Report.Seconds(slow.Took)}")),
            new("at once, slowest answer, other clients' p99 then", string.Create(CultureInfo.InvariantCulture, $"{trouble.MostPolls}, {trouble.SlowestMs:0} ms, {trouble.CommitP99Ms:0.0} ms")),
        ];
    }

    /// <summary>The product's way from brokers to judgements, one round at a time.</summary>
    private sealed class Poller(RealKafkaCluster kafka)
    {
        private readonly EndOffsetStore _ends = new();
        private ClusterState _state = ClusterState.Initial(new ClusterId(Cluster), TimeProvider.System.GetUtcNow());
        private PolledFeed? _feed;
        private LagShard? _shard;

        public async Task<Sweep> SweepAsync(CancellationToken cancellationToken)
        {
            var (clock, began) = (Stopclock.Start(), TimeProvider.System.GetUtcNow());
            Take(SampleKind.Topology, await kafka.FetchTopologyAsync(cancellationToken));
            Take(SampleKind.Offsets, await kafka.FetchOffsetsAsync(_state.Model, null, cancellationToken));
            var sample = await kafka.FetchGroupsAsync(cancellationToken);
            var (took, cpu) = (clock.WallSince, clock.CpuSince);
            Take(SampleKind.Groups, sample);
            var groups = sample.Value?.Groups ?? [];
            return new Sweep(
                took, cpu, groups.Sum(group => (long)(group.Offsets?.Length ?? 0)), FakeGroups.Groups - groups.Count(group => group is { Offsets: not null, Members: not null, Problem: null }),
                groups.Count(group => group.OffsetsAt < began), sample.Cost.BytesReceived);
        }

        public TimeSpan Judge()
        {
            _shard ??= new LagShard(new LagStoreOptions(), _ends);
            _feed ??= new PolledFeed(_ends, _shard);
            var clock = Stopclock.Start();
            _feed.Take(_state.Model);
            var (judge, snapshot, now) = (new GroupJudge(LagPolicy.Usual, TimeSpan.FromMinutes(5)), new LagSnapshot(), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            var judged = new Dictionary<string, GroupJudgement>(StringComparer.Ordinal);
            foreach (var group in _state.Model.Groups ?? [])
            {
                if (_shard.TryRead(group.Id, snapshot))
                {
                    judged[group.Id] = judge.Judge(snapshot, group, _state.Model, now);
                }
            }

            return judged.Count == FakeGroups.Groups ? clock.WallSince : throw new InvalidOperationException($"{judged.Count} groups judged");
        }

        private void Take<T>(SampleKind kind, Sampled<T> sample)
            where T : class => _state = ClusterLogic.Handle(_state, new SampleTaken<T>(kind, TimeSpan.FromSeconds(15), sample), TimeProvider.System.GetUtcNow()).State;
    }

    /// <summary>One sweep over all groups.</summary>
    /// <param name="Took">From the first request to the last answer.</param>
    /// <param name="Cpu">Of this process meanwhile.</param>
    /// <param name="Commits">Partitions of groups.</param>
    /// <param name="Unread">Groups of which something is not known.</param>
    /// <param name="Stale">Groups that were not read in this round.</param>
    /// <param name="Bytes">Received.</param>
    private sealed record Sweep(TimeSpan Took, TimeSpan Cpu, long Commits, int Unread, int Stale, long Bytes);
}
