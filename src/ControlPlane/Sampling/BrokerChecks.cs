using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Sampling;

/// <summary>
/// Looks out of turn: at brokers that a connection break or a missed answer has put in doubt, and at everything when a person
/// asks. Who leads what is read along with the probe, because that tells a controlled shutdown from a crash.
/// </summary>
internal sealed class BrokerChecks(SamplerContext context, IReadOnlyList<SampleLoop> loops)
{
    /// <summary>A verdict waits this long for the topology, and no longer.</summary>
    private static readonly TimeSpan TopologyPatience = TimeSpan.FromMilliseconds(1500);

    public async Task RunAsync(CancellationToken stopping)
    {
        var wishes = context.Cluster.Wishes;
        while (await wishes.WaitToReadAsync(stopping))
        {
            var brokers = new HashSet<int>();
            while (wishes.TryRead(out var wish))
            {
                if (wish.Brokers is { } doubtful)
                {
                    brokers.UnionWith(doubtful);
                }
                else
                {
                    foreach (var loop in loops)
                    {
                        loop.Nudge();
                    }
                }
            }

            if (brokers.Count > 0)
            {
                await CheckAsync(brokers, stopping);
            }
        }
    }

    private async Task CheckAsync(HashSet<int> ids, CancellationToken stopping)
    {
        var brokers = context.Reachable().Where(broker => ids.Contains(broker.Id)).ToList();
        var probing = context.FetchAsync(SampleKind.Liveness, token => context.Cluster.Kafka.ProbeAsync(brokers, token), stopping);
        await ReadTopologyAsync(stopping);
        if (await probing is { } sample)
        {
            await context.Cluster.Actor.PostAsync(new BrokersChecked(sample), stopping);
        }
    }

    private async Task ReadTopologyAsync(CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(TopologyPatience);
        try
        {
            await context.TopologyTurn.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return;
        }

        try
        {
            var sample = await context.Cluster.Kafka.FetchTopologyAsync(limit.Token);
            if (sample.Value is not null && context.Cluster.MayAct)
            {
                var interval = loops.First(loop => loop.Kind == SampleKind.Topology).Interval;
                await context.PostAsync(SampleKind.Topology, interval, sample, stopping);
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // the rounds go on; this look came too early
        }
        finally
        {
            context.TopologyTurn.Release();
        }
    }
}
