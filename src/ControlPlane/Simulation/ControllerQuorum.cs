using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>Three controllers on nodes of their own, as KRaft recommends. The metadata log grows by a no-op record every half second.</summary>
internal sealed class ControllerQuorum(WorldState world)
{
    public const int FirstId = 3_001;
    private const int Voters = 3;

    private int _leader;

    public int LeaderId => FirstId + _leader;

    public int Epoch { get; private set; } = 1;

    /// <summary>The active controller steps down and the next voter takes over.</summary>
    public void MoveLeader()
    {
        _leader = (_leader + 1) % Voters;
        Epoch++;
        world.MetadataRecords++;
    }

    public QuorumSample Describe()
    {
        var end = LogEndOffset;
        var voters = Enumerable.Range(0, Voters).Select(voter => Replica(FirstId + voter, end, voter == _leader)).ToImmutableArray();
        var observers = world.Brokers
            .Where(broker => !broker.IsFenced || broker.IsServing)
            .Select(broker => Replica(broker.Id, end, isLeader: false))
            .ToImmutableArray();
        return new QuorumSample("kraft", LeaderId, Epoch, voters, observers);
    }

    private long LogEndOffset => world.MetadataRecords + (long)((world.Now - world.Clock.Start).TotalSeconds * 2) + (world.Partitions.Count * 2L);

    private QuorumReplica Replica(int id, long end, bool isLeader)
    {
        if (isLeader)
        {
            return new QuorumReplica(id, end, 0, world.Now);
        }

        if (world.HasBroker(id) && !world.Broker(id).IsServing)
        {
            // Not fenced yet, so it fell silent within the session timeout; how far behind it is, is at most what that time wrote.
            var silent = (long)(BrokerLives.SessionTimeout.TotalSeconds * 2);
            return new QuorumReplica(id, Math.Max(0, end - silent), silent, world.Now - BrokerLives.SessionTimeout);
        }

        var lag = SeededRandom.Noise(world.Spec.Seed, id, world.Now.ToUnixTimeSeconds()) < 0.2 ? 1 : 0;
        return new QuorumReplica(id, end - lag, lag, world.Now.AddMilliseconds(-250 * lag));
    }
}
