using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Lag.Judging;

/// <summary>A topic that is written and read second by second, seen as the product sees it: commits every 5 s, polls of log ends every 10 s.</summary>
internal sealed class Story
{
    public const int Partitions = 12;
    public const string Topic = "orders";
    private const string Name = "billing";
    private const long Began = 1_700_000_000_000;

    private readonly EndOffsetStore _ends = new();
    private readonly LagShard _shard;
    private readonly GroupJudge _judge = new(LagPolicy.Usual, TimeSpan.FromMinutes(5));
    private readonly double[] _end = new double[Partitions];
    private readonly double[] _position = new double[Partitions];
    private long _order;

    public Story()
    {
        _shard = new LagShard(new LagStoreOptions(MinDistanceMs: LagStoreOptions.StallingDistanceMs), _ends);
    }

    /// <summary>Records a second that are written to a partition.</summary>
    public Func<int, double> Written { get; set; } = _ => 100;

    /// <summary>Records a second that a partition's member can read of it.</summary>
    public Func<int, double> CanRead { get; set; } = _ => 200;

    public Func<int, bool> Commits { get; set; } = _ => true;

    /// <summary>In seconds.</summary>
    public int CommitEvery { get; set; } = 5;

    public int Members { get; set; } = 4;

    /// <summary>Brokers' clocks less ours, in ms.</summary>
    public long BrokersAhead { get; set; }

    /// <summary>What was measured of that, in the other direction as the store has it.</summary>
    public long? KnownSkew { get; set; }

    public GroupEvidence Evidence { get; set; } = GroupEvidence.None;

    public ClusterModel Model { get; set; } = new(new ClusterId("c"), 1, DateTimeOffset.UnixEpoch);

    public int Second { get; private set; }

    public long Now => Began + (Second * 1_000L);

    public long End(int partition) => (long)_end[partition];

    public long Position(int partition) => (long)_position[partition];

    /// <summary>Everything one member reads; partitions are given out in turn.</summary>
    public int MemberOf(int partition) => partition % Members;

    public void Run(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            Second++;
            for (var partition = 0; partition < Partitions; partition++)
            {
                _end[partition] += Written(partition);
                if (Second % 10 == 0)
                {
                    _ends.Add(_ends.IdOf(Topic), partition, (long)_end[partition], Now);
                }

                _position[partition] = Math.Min(_end[partition], _position[partition] + CanRead(partition));
                if (Second % CommitEvery == 0 && Commits(partition))
                {
                    Commit(partition, (long)_position[partition]);
                }
            }
        }
    }

    public void Set(int partition, long offset)
    {
        _position[partition] = offset;
        Commit(partition, offset);
    }

    public GroupJudgement Judge()
    {
        var snapshot = Read();
        return _judge.Judge(snapshot, Group(), Model, Now, Evidence);
    }

    public IReadOnlyList<PartitionJudgement> JudgePartitions() => _judge.JudgePartitions(Read(), Group(), Now, Evidence);

    private LagSnapshot Read()
    {
        var snapshot = new LagSnapshot();
        Assert.True(_shard.TryRead(Name, snapshot));
        snapshot.SetSkew(KnownSkew ?? 0);
        return snapshot;
    }

    private void Commit(int partition, long offset) =>
        _shard.Commit(Name, Topic, partition, new CommitPoint(offset, Now + BrokersAhead, _order++, Now) { SkewMs = KnownSkew ?? 0 });

    private Group Group() => new(Name, "classic", "consumer", Members == 0 ? "Empty" : "Stable", 1,
    [
        .. Enumerable.Range(0, Members).Select(member => new GroupMember($"m{member}", null, $"c{member}", $"/10.0.0.{member}",
            [.. Enumerable.Range(0, Partitions).Where(partition => MemberOf(partition) == member).Select(partition => new AssignedPartition(Topic, partition))])),
    ]);
}
