using ControlPlane.Engine.Model;
using ControlPlane.Kafka.Connections;

namespace ControlPlane.Connectivity;

/// <summary>
/// Hands what the network has spent to the rounds that spent it: each round takes everything since the last taking. Where rounds
/// overlap one may carry the other's bytes, but the sum over all rounds is exact.
/// </summary>
internal sealed class CostMeter(NetworkCounters counters)
{
    private readonly Lock _lock = new();
    private SampleCost _taken;

    public SampleCost Take()
    {
        lock (_lock)
        {
            var total = new SampleCost(counters.Requests, counters.BytesSent, counters.BytesReceived);
            var since = new SampleCost(total.Requests - _taken.Requests, total.BytesSent - _taken.BytesSent, total.BytesReceived - _taken.BytesReceived);
            _taken = total;
            return since;
        }
    }
}
