using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>
/// One consumer group. Its committed offsets are closed forms of the log ends at its last commit: a steady lag that sways a little,
/// and after a stop a catch-up at a multiple of the produce rate.
/// </summary>
internal sealed class SimulatedGroup
{
    /// <summary>session.timeout.ms of clients: a consumer that is just gone is missed after this.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(45);

    public static readonly TimeSpan Rebalance = TimeSpan.FromSeconds(3);

    /// <summary>How much faster than its producers a group reads while it is behind.</summary>
    public const double CatchUpSpeed = 3;

    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(5);

    private readonly WorldState _world;
    private readonly double _lagSeconds;
    private readonly double _phaseSeconds;
    private readonly double[] _resumedAt;
    private readonly double[] _resumedEnd;
    private readonly double[] _integrals = new double[LoadWaves.Profiles];
    private ImmutableArray<CommittedOffset> _frozen;
    private int _incarnation;

    /// <summary>A group whose members are all there and keep up.</summary>
    /// <param name="lagSeconds">Typical lag while it keeps up, in seconds of production.</param>
    /// <param name="phaseSeconds">When within the commit interval it commits.</param>
    public SimulatedGroup(WorldState world, GroupSpec spec, double lagSeconds, double phaseSeconds)
    {
        (_world, Spec, _lagSeconds, _phaseSeconds) = (world, spec, lagSeconds, phaseSeconds);
        (_resumedAt, _resumedEnd) = (new double[spec.Partitions.Length], new double[spec.Partitions.Length]);
        Array.Fill(_resumedAt, double.PositiveInfinity);
        Members = spec.Members;
    }

    public GroupSpec Spec { get; }

    public bool IsConsuming { get; private set; } = true;

    public string State { get; private set; } = "Stable";

    public ImmutableArray<GroupMember> Members { get; private set; }

    /// <summary>Deleted with all it committed; its consumers may come back and begin anew.</summary>
    public bool IsDeleted => State == "Dead";

    /// <summary>The consumers die: commits end now, the coordinator misses the members after their session timeout.</summary>
    public bool Stop()
    {
        if (!IsConsuming)
        {
            return false;
        }

        _frozen = Committed();
        IsConsuming = false;
        After(SessionTimeout, () => (State, Members) = ("Empty", []));
        return true;
    }

    /// <summary>The consumers come back, rebalance, and go on where they had committed.</summary>
    public bool Start()
    {
        if (IsConsuming)
        {
            return false;
        }

        (State, Members) = (Spec.Type == "consumer" ? "Assigning" : "PreparingRebalance", Spec.Members);
        After(Rebalance, Resume);
        return true;
    }

    public ImmutableArray<CommittedOffset> Committed()
    {
        if (!IsConsuming)
        {
            return _frozen;
        }

        _world.Log.IntegralsAt(LastCommit(), _integrals);
        var layout = _world.Partitions.Layout;
        var offsets = ImmutableArray.CreateBuilder<CommittedOffset>(Spec.Partitions.Length);
        for (var i = 0; i < Spec.Partitions.Length; i++)
        {
            var partition = Spec.Partitions[i];
            offsets.Add(new(layout.TopicName[layout.Topic[partition]], layout.NumberOf(partition), Position(i)));
        }

        return offsets.MoveToImmutable();
    }

    /// <summary>OffsetCommit of somebody who is no member: null or Kafka's error name.</summary>
    public string? Commit(int partition, long offset)
    {
        if (State != "Empty")
        {
            return "UNKNOWN_MEMBER_ID";
        }

        var layout = _world.Partitions.Layout;
        var commit = new CommittedOffset(layout.TopicName[layout.Topic[partition]], layout.NumberOf(partition), offset);
        var at = IndexOf(commit.Topic, commit.Partition);
        _frozen = at < 0 ? _frozen.Add(commit) : _frozen.SetItem(at, commit);
        return null;
    }

    /// <summary>OffsetDelete: null or Kafka's error name. Who has members reads all its topics here.</summary>
    public string? Forget(string topic, int partition)
    {
        if (IsConsuming || State != "Empty")
        {
            return "GROUP_SUBSCRIBED_TO_TOPIC";
        }

        if (IndexOf(topic, partition) is var at and >= 0)
        {
            _frozen = _frozen.RemoveAt(at);
        }

        return null;
    }

    /// <summary>DeleteGroups: null or Kafka's error name.</summary>
    public string? Delete()
    {
        if (IsDeleted)
        {
            return "GROUP_ID_NOT_FOUND";
        }

        if (State != "Empty")
        {
            return "NON_EMPTY_GROUP";
        }

        (State, _frozen) = ("Dead", []);
        return null;
    }

    private int IndexOf(string topic, int partition)
    {
        for (var i = 0; i < _frozen.Length; i++)
        {
            if (_frozen[i].Partition == partition && string.Equals(_frozen[i].Topic, topic, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    private long Position(int index)
    {
        var partition = Spec.Partitions[index];
        var end = _world.Log.EndPosition(partition, _integrals);
        var usual = _world.Log.MeanRate(partition) * _lagSeconds;

        // The sway's slope is at most a half, so the position never goes back while the end goes on.
        var steady = end - (usual * (1 + (0.5 * Math.Sin(end / (usual + 1)))));
        var behind = Math.Max(0, end - _resumedEnd[index]);
        return (long)Math.Max(0, Math.Min(steady, _resumedAt[index] + (CatchUpSpeed * behind)));
    }

    private void Resume()
    {
        State = "Stable";
        IsConsuming = true;
        var layout = _world.Partitions.Layout;
        for (var i = 0; i < Spec.Partitions.Length; i++)
        {
            // What retention took in the meantime is gone for the group, too, and where nothing is committed it begins at the start (auto.offset.reset=earliest).
            var partition = Spec.Partitions[i];
            var (end, at) = (_world.EndOf(partition), IndexOf(layout.TopicName[layout.Topic[partition]], layout.NumberOf(partition)));
            (_resumedAt[i], _resumedEnd[i]) = (Math.Max(at < 0 ? 0 : _frozen[at].Offset, _world.Log.Start(partition, end)), end);
        }
    }

    private DateTimeOffset LastCommit()
    {
        var interval = CommitInterval.Ticks;
        var phase = (long)(_phaseSeconds * TimeSpan.TicksPerSecond);
        return new DateTimeOffset(((_world.Now.UtcTicks - phase) / interval * interval) + phase, TimeSpan.Zero);
    }

    private void After(TimeSpan delay, Action action)
    {
        var incarnation = ++_incarnation;
        _world.Clock.Schedule(delay, () =>
        {
            if (_incarnation == incarnation)
            {
                action();
            }
        });
    }
}

/// <summary>What of a group never changes.</summary>
/// <param name="Type">Kafka's group type: classic or consumer (KIP-848).</param>
/// <param name="Partitions">Indexes of the partitions it consumes.</param>
/// <param name="Members">Its members with their assignment when all are there.</param>
internal sealed record GroupSpec(string Id, string Type, int[] Partitions, ImmutableArray<GroupMember> Members)
{
    /// <summary>Partition of __consumer_offsets that keeps the group, by Kafka's rule: the hash of the name, as Java makes it.</summary>
    public int OffsetsPartition(int count)
    {
        var hash = 0;
        foreach (var c in Id)
        {
            hash = unchecked((31 * hash) + c);
        }

        return (hash & int.MaxValue) % count;
    }
}
